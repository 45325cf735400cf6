#include "inventory/commands/donation.hpp"

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/ask.hpp"
#include "inventory/ledger/paper/din.hpp"

namespace cryobank::inventory {

Result<std::string> read_donation(const Json& body, const std::optional<Sec>& sec) {
  if (!body.has("din")) {
    if (sec && !body.has("donation")) return sec->donation;
    return maybe_text(body, "donation", kIdentifierMax);
  }
  TRY_ASSIGN(const auto text, body.get_string("din"));
  TRY_ASSIGN(const auto din, parse_din(text));
  if (!sec || sec->donation == din.number) return din.number;
  return make_error(ErrorCode::mismatch, cat("the donation of \"sec\" is ", sec->donation,
                                             ", that of \"din\" is ", din.number));
}

Result<std::optional<Sec>> read_sec(const Json& body) {
  if (!body.has("sec")) return std::optional<Sec>();
  TRY_ASSIGN(const auto text, body.get_string("sec"));
  TRY_ASSIGN(auto sec, parse_sec(text));
  if (sec.split == kCourseSplit) return std::optional(std::move(sec));
  return make_error(ErrorCode::invalid_value, cat("expected the split ", kCourseSplit,
                                                  " in \"sec\" of a course, came ", sec.split));
}

}  // namespace cryobank::inventory
