#include "devices/text_protocol.hpp"

#include <algorithm>

#include "devices/register_scale.hpp"
#include "service/base/text.hpp"

namespace cryobank::devices {
namespace {

constexpr std::string_view kUnitMark = "{unit}";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string three_digits(std::uint8_t unit) {
  std::string text = cat(static_cast<int>(unit));
  return std::string(3 - std::min<std::size_t>(text.size(), 3), '0') + text;
}

TextPattern::Phrase phrase_of(std::string_view text) {
  const std::size_t equals = text.rfind('=');
  if (equals != std::string_view::npos) {
    if (const auto value = parse_integer(trim(text.substr(equals + 1))); value.ok()) {
      return {lower_ascii(trim(text.substr(0, equals))), *value};
    }
  }
  return {lower_ascii(trim(text)), std::nullopt};
}

Decoded without_value(Quality quality) { return {quality, std::nullopt, {}}; }

bool is_sentinel(const config::Point& point, Milli number) {
  return number.v % 1000 == 0 &&
         std::find(point.sentinels.begin(), point.sentinels.end(),
                   static_cast<std::uint64_t>(number.v / 1000)) != point.sentinels.end();
}

Decoded decode_number(const config::Point& point, std::optional<Milli> number) {
  if (!number || is_sentinel(point, *number)) return without_value(Quality::sensor_broken);
  std::int64_t den = 0;
  if (__builtin_mul_overflow(point.scale_den, 1000, &den)) {
    return without_value(Quality::out_of_range);
  }
  const auto value = scaled(raw_of(number->v), point.scale_num, den, point.offset);
  if (!value) return without_value(Quality::out_of_range);
  if (point.has_range && (*value < point.range_min || *value > point.range_max)) {
    return without_value(Quality::out_of_range);
  }
  return {Quality::good, value, {}};
}

Decoded decode_text(std::string_view text) {
  std::string printable = clip(trim(text), 250);
  for (char& c : printable) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  return {Quality::good, std::nullopt, std::move(printable)};
}

Decoded decode_part(const config::Point& point, std::string_view text) {
  if (point.type == config::PointType::ascii) return decode_text(text);
  return decode_number(point, first_number(text));
}

}  // namespace

TextPattern text_pattern(const config::Point& point, std::uint8_t unit) {
  TextPattern pattern;
  std::string_view printed = trim(point.printed);
  if (!printed.empty() && printed.back() == '?') {
    pattern.question = std::string(printed);
    const std::size_t mark = pattern.question.find(kUnitMark);
    if (mark != std::string::npos) {
      pattern.question.replace(mark, kUnitMark.size(), three_digits(unit));
    }
    return pattern;
  }
  for (const std::string_view part : split(printed, '|')) {
    if (!trim(part).empty()) pattern.phrases.push_back(phrase_of(part));
  }
  return pattern;
}

std::optional<Milli> first_number(std::string_view text) {
  std::size_t first = 0;
  while (first < text.size() && !is_digit(text[first])) ++first;
  if (first == text.size()) return std::nullopt;
  std::size_t end = first;
  while (end < text.size() && is_digit(text[end])) ++end;
  if (end + 1 < text.size() && text[end] == '.' && is_digit(text[end + 1])) {
    ++end;
    while (end < text.size() && is_digit(text[end])) ++end;
  }
  const bool negative = first > 0 && text[first - 1] == '-';
  const auto number = parse_milli(text.substr(first, end - first));
  if (!number) return std::nullopt;
  return negative ? -*number : *number;
}

Decoded decode_answer(const config::Point& point, std::string_view answer) {
  return decode_part(point, answer);
}

std::optional<Decoded> decode_unasked(const config::Point& point, const TextPattern& pattern,
                                      std::string_view line) {
  const std::string lower = lower_ascii(trim(line));
  for (const TextPattern::Phrase& phrase : pattern.phrases) {
    if (phrase.start.empty() || !lower.starts_with(phrase.start)) continue;
    if (phrase.value) return Decoded{Quality::good, whole(*phrase.value), {}};
    return decode_part(point, std::string_view(lower).substr(phrase.start.size()));
  }
  return std::nullopt;
}

}  // namespace cryobank::devices
