#include "base/vial_code.hpp"

#include <algorithm>
#include <array>

#include "base/ids.hpp"
#include "base/scan_text.hpp"
#include "base/text.hpp"

namespace cryobank {
namespace {

bool is_figure(char c) { return c >= '0' && c <= '9'; }
bool is_sign(char c) { return !is_figure(c) && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z'); }
bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_figure);
}

// "#N/A", "#REF!", "#NAME?", "#DIV/0!": Excel, LibreOffice, Google.
bool is_error_value(std::string_view code) {
  if (code.size() < 3 || code.front() != '#') return false;
  return code.back() == '!' || code.back() == '?' || lower_ascii(code) == "#n/a";
}

// What stands for "none" or "not read". Signs alone and zeros alone are the same in other words.
bool is_place_holder(std::string_view code) {
  constexpr std::array<std::string_view, 24> kWords{
      "null",   "none",  "nil",     "nan",        "na",      "n/a",     "true",    "false",
      "empty",  "blank", "unknown", "undefined",  "missing", "tbd",     "error",   "err",
      "failed", "fail",  "unread",  "unreadable", "noread",  "no-read", "no_read", "misread"};
  if (std::ranges::all_of(code, [](char c) { return is_sign(c) || c == '0'; })) return true;
  return std::ranges::find(kWords, std::string_view(lower_ascii(code))) != kWords.end();
}

// "12/11/2026", "2026-11-12", "12.11.2026": a spreadsheet's idea of a code with two signs in it.
// Only of years that a person writes; "01-02-0003" may well be a code.
bool is_date(std::string_view code) {
  const std::size_t mark = code.find_first_of("/.-");
  if (mark == std::string_view::npos) return false;
  const std::vector<std::string_view> parts = split(code, code[mark]);
  if (parts.size() != 3 || !std::ranges::all_of(parts, all_digits)) return false;
  const bool year_first = parts[0].size() == 4;
  const std::string_view year = year_first ? parts[0] : parts[2];
  const std::string_view day = year_first ? parts[2] : parts[0];
  if (year.size() != 4 || parts[1].size() > 2 || day.size() > 2) return false;
  const auto in = [](std::string_view text, std::int64_t low, std::int64_t high) {
    const auto number = parse_integer(text);
    return number && *number >= low && *number <= high;
  };
  return in(year, 1900, 2100) && in(parts[1], 1, 31) && in(day, 1, 31);
}

// "1234567.0": a number by now. A leading apostrophe is a spreadsheet's mark of a text,
// "=HYPERLINK(1)" a formula and '="00123"' one that keeps noughts; ISBT 128 codes begin with '=' as
// well, but call and quote nothing.
bool is_of_spreadsheet(std::string_view code) {
  if (is_spreadsheet_number(code) || code.front() == '\'') return true;
  const std::size_t point = code.find('.');
  const bool whole = point != std::string_view::npos && all_digits(code.substr(0, point)) &&
                     point + 1 < code.size() &&
                     code.find_first_not_of('0', point + 1) == std::string_view::npos;
  const bool called = code.back() == ')' && code.find('(') != std::string_view::npos;
  const bool quoted = code.size() > 1 && code[1] == '"';
  const bool formula = code.front() == '=' && (called || quoted);
  return whole || formula || is_date(code);
}

Error no_code(std::string_view code, std::string_view what) {
  return make_error(ErrorCode::invalid_value, cat("expected a code, came ", code, ", ", what));
}

}  // namespace

Status expect_vial_code(std::string_view code) {
  if (!is_code_text(code)) {
    return make_error(
        ErrorCode::malformed,
        cat("expected a code of 1 to 64 printable characters without a blank, came \"",
            clip(code, 80), "\""));
  }
  if (is_error_value(code)) return no_code(code, "an error value of a spreadsheet");
  if (is_place_holder(code)) return no_code(code, "which stands for none");
  if (is_of_spreadsheet(code)) {
    return no_code(code, "which a spreadsheet made of one: export codes as text");
  }
  return {};
}

}  // namespace cryobank
