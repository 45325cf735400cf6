#include "inventory/ledger/paper/sec.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::string_view kSecPrefix = "SEC";
constexpr std::string_view kNoExpiry = "00000000";

Error unfit(std::string_view what, std::string_view text) {
  return make_error(ErrorCode::malformed,
                    cat("expected ", what, " in a Single European Code of 40 characters, came \"",
                        clip(text, 60), "\""));
}

bool is_upper_text(std::string_view text) {
  for (const char c : text) {
    if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))) return false;
  }
  return true;
}

bool is_expiry(std::string_view text) {
  if (text == kNoExpiry) return true;
  return parse_day(cat(text.substr(0, 4), "-", text.substr(4, 2), "-", text.substr(6, 2))).ok();
}

}  // namespace

Result<Sec> parse_sec(std::string_view text) {
  std::string_view rest = trim(text);
  if (rest.starts_with(kSecPrefix)) rest.remove_prefix(kSecPrefix.size());
  if (rest.starts_with(":")) rest.remove_prefix(1);
  std::string compact;
  for (const char c : rest) {
    if (c != ' ') compact += c;
  }
  if (compact.size() != kSecLength) return unfit(cat("40 characters, not ", compact.size()), text);
  if (!is_upper_text(compact)) return unfit("digits and capital letters only", text);
  const std::string_view code = compact;
  Sec sec{std::string(code.substr(0, 2)),  std::string(code.substr(2, 6)),
          std::string(code.substr(8, 13)), code[21],
          std::string(code.substr(22, 7)), std::string(code.substr(29, 3)),
          std::string(code.substr(32, 8))};
  for (const char c : sec.country) {
    if (c < 'A') return unfit("a country of two letters", text);
  }
  if (sec.system != 'A' && sec.system != 'B' && sec.system != 'E') {
    return unfit("a coding system A, B or E", text);
  }
  if (!is_expiry(sec.expiry)) return unfit("an expiry date or 00000000", text);
  return sec;
}

std::string format_split(int number) {
  CHECK(number >= 1 && number <= 3599);
  std::string digits = cat(number < 1000 ? number : (number - 1000) % 100);
  const std::size_t width = number < 1000 ? 3 : 2;
  digits.insert(0, width - std::min(width, digits.size()), '0');
  if (number < 1000) return digits;
  return cat(static_cast<char>('A' + (number - 1000) / 100), digits);
}

std::string format_sec(const Sec& sec) {
  return cat(kSecPrefix, ":", sec.country, sec.establishment, sec.donation, " ",
             std::string_view(&sec.system, 1), sec.product, sec.split, sec.expiry);
}

}  // namespace cryobank::inventory
