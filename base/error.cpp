#include "base/error.hpp"

#include "base/check.hpp"

namespace cryobank {

std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::malformed:
      return "malformed";
    case ErrorCode::invalid_value:
      return "invalid-value";
    case ErrorCode::unknown_key:
      return "unknown-key";
    case ErrorCode::not_found:
      return "not-found";
    case ErrorCode::already_exists:
      return "already-exists";
    case ErrorCode::conflict:
      return "conflict";
    case ErrorCode::slot_taken:
      return "slot-taken";
    case ErrorCode::no_space:
      return "no-space";
    case ErrorCode::not_authorised:
      return "not-authorised";
    case ErrorCode::witness_needed:
      return "witness-needed";
    case ErrorCode::mismatch:
      return "mismatch";
    case ErrorCode::interlock:
      return "interlock";
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::too_large:
      return "too-large";
    case ErrorCode::expired:
      return "expired";
    case ErrorCode::duplicate:
      return "duplicate";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::io:
      return "io";
    case ErrorCode::unsupported:
      return "unsupported";
    case ErrorCode::signature_needed:
      return "signature-needed";
    case ErrorCode::did_you_mean:
      return "did-you-mean";
  }
  CHECK(false);
}

std::optional<ErrorCode> parse_error_code(std::string_view name) {
  constexpr int kLast = static_cast<int>(ErrorCode::did_you_mean);
  for (int i = 0; i <= kLast; ++i) {
    const auto code = static_cast<ErrorCode>(i);
    if (name_of(code) == name) return code;
  }
  return std::nullopt;
}

}  // namespace cryobank
