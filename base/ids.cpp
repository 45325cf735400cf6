#include "base/ids.hpp"

#include "base/text.hpp"

namespace cryobank {

bool is_id_text(std::string_view text) {
  if (text.empty() || text.size() > kIdLengthMax) return false;
  for (const char c : text) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!word && c != '.' && c != '_' && c != '-') return false;
  }
  return true;
}

bool is_code_text(std::string_view text) {
  if (text.empty() || text.size() > kIdLengthMax) return false;
  for (const char c : text) {
    if (c < 0x21 || c > 0x7E) return false;
  }
  return true;
}

Error bad_id(std::string_view kind, std::string_view text) {
  const bool vowel = !kind.empty() && std::string_view("aeio").find(kind.front()) != kind.npos;
  return make_error(ErrorCode::malformed,
                    cat("expected the id of ", vowel ? "an " : "a ", kind, " (1 to ", kIdLengthMax,
                        " characters of A-Z a-z 0-9 . _ -), came \"", clip(text, 80), "\""));
}

}  // namespace cryobank
