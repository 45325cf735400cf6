#include "inventory/labels.hpp"

#include <array>
#include <utility>

#include "service/base/text.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::array<std::pair<int, std::string_view>, 13> kRoman = {{{1000, "M"},
                                                                      {900, "CM"},
                                                                      {500, "D"},
                                                                      {400, "CD"},
                                                                      {100, "C"},
                                                                      {90, "XC"},
                                                                      {50, "L"},
                                                                      {40, "XL"},
                                                                      {10, "X"},
                                                                      {9, "IX"},
                                                                      {5, "V"},
                                                                      {4, "IV"},
                                                                      {1, "I"}}};

std::string format_letters(int number) {
  std::string out;
  for (int rest = number; rest > 0; rest = (rest - 1) / 26) {
    out.insert(out.begin(), static_cast<char>('A' + (rest - 1) % 26));
  }
  return out;
}

int parse_letters(std::string_view text) {
  int number = 0;
  for (const char c : text) {
    if (c < 'A' || c > 'Z' || number > kLabelNumberMax) return 0;
    number = number * 26 + (c - 'A') + 1;
  }
  return number;
}

std::string format_roman(int number) {
  std::string out;
  for (const auto& [value, sign] : kRoman) {
    for (; number >= value; number -= value) out += sign;
  }
  return out;
}

int parse_roman(std::string_view text) {
  int number = 0;
  for (const auto& [value, sign] : kRoman) {
    while (text.substr(0, sign.size()) == sign && number <= kLabelNumberMax) {
      number += value;
      text.remove_prefix(sign.size());
    }
  }
  return text.empty() ? number : 0;
}

int parse_number(std::string_view text) {
  const auto number = parse_integer(text);
  return number && *number > 0 && *number <= kLabelNumberMax ? static_cast<int>(*number) : 0;
}

std::string upper_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

int parse_any(Labels scheme, std::string_view text) {
  switch (scheme) {
    case Labels::numbers:
      return parse_number(text);
    case Labels::letters:
    case Labels::lower_letters:
      return parse_letters(upper_ascii(text));
    case Labels::roman:
    case Labels::lower_roman:
      return parse_roman(upper_ascii(text));
  }
  CHECK(false);
}

std::string pad_number(int number, int pad) {
  std::string out = cat(number);
  if (out.size() < static_cast<std::size_t>(pad)) {
    out.insert(0, static_cast<std::size_t>(pad) - out.size(), '0');
  }
  return out;
}

}  // namespace

std::string format_label(Labels scheme, int number, int pad) {
  CHECK(number >= 1 && number <= kLabelNumberMax);
  switch (scheme) {
    case Labels::numbers:
      return pad_number(number, pad);
    case Labels::letters:
      return format_letters(number);
    case Labels::lower_letters:
      return lower_ascii(format_letters(number));
    case Labels::roman:
      return format_roman(number);
    case Labels::lower_roman:
      return lower_ascii(format_roman(number));
  }
  CHECK(false);
}

Result<int> parse_label(Labels scheme, std::string_view text, int pad) {
  const int number = parse_any(scheme, text);
  if (number < 1 || number > kLabelNumberMax || format_label(scheme, number, pad) != text) {
    return make_error(ErrorCode::malformed,
                      cat("expected a position label like \"", format_label(scheme, 1, pad),
                          "\", came \"", clip(text, 40), "\""));
  }
  return number;
}

bool labels_run_together(Labels a, Labels b) {
  return (a == Labels::numbers) == (b == Labels::numbers);
}

}  // namespace cryobank::inventory
