#include "base/scan_text.hpp"

namespace cryobank {
namespace {

bool is_blank(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7F;
}

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

std::string_view strip_ends(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string_view strip_scan(std::string_view scanned) {
  constexpr std::size_t kKindSize = 3;
  const std::string_view code = strip_ends(scanned);
  const bool kind = code.size() > kKindSize && code[0] == ']' && is_letter(code[1]) &&
                    (is_letter(code[2]) || (code[2] >= '0' && code[2] <= '9'));
  return kind ? strip_ends(code.substr(kKindSize)) : code;
}

bool is_spreadsheet_number(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  const std::size_t mark = text.find_first_of("eE");
  if (mark == 0 || mark == std::string_view::npos || mark + 2 >= text.size()) return false;
  std::string_view whole = text.substr(0, mark);
  const std::size_t point = whole.find_first_of(".,");
  const std::string_view part = point == std::string_view::npos ? "0" : whole.substr(point + 1);
  whole = whole.substr(0, point);
  const auto digits = [&](std::string_view t) {
    return !t.empty() && t.find_first_not_of(kDigits) == std::string_view::npos;
  };
  const bool signed_power = text[mark + 1] == '+' || text[mark + 1] == '-';
  return signed_power && digits(whole) && digits(part) && digits(text.substr(mark + 2));
}

}  // namespace cryobank
