#include "devices/line/register_codec.hpp"

#include <array>

#include "base/check.hpp"
#include "base/text.hpp"
#include "devices/line/register_scale.hpp"

namespace cryobank::devices {
namespace {

using config::Point;
using config::PointTable;
using config::PointType;
using config::WordOrder;

constexpr int kNumberWidthMax = 4;  // registers of the widest number

bool in_bit_table(const Point& point) {
  return point.table == PointTable::coil || point.table == PointTable::discrete;
}

bool swaps_bytes(WordOrder order) { return order == WordOrder::badc || order == WordOrder::dcba; }
bool low_word_first(WordOrder order) {
  return order == WordOrder::cdab || order == WordOrder::dcba;
}

std::uint16_t swapped(std::uint16_t word) {
  return static_cast<std::uint16_t>(word << 8 | word >> 8);
}

// The point's registers as one unsigned number.
std::uint64_t assembled(const Point& point, std::span<const std::uint16_t> words) {
  std::uint64_t raw = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::uint16_t word = words[low_word_first(point.order) ? words.size() - 1 - i : i];
    raw = raw << 16 | (swaps_bytes(point.order) ? swapped(word) : word);
  }
  return raw;
}

std::vector<std::uint16_t> taken_apart(const Point& point, std::uint64_t raw) {
  std::vector<std::uint16_t> words(static_cast<std::size_t>(width_of(point)));
  for (std::size_t i = words.size(); i-- > 0; raw >>= 16) {
    const auto word = static_cast<std::uint16_t>(raw);
    words[low_word_first(point.order) ? words.size() - 1 - i : i] =
        swaps_bytes(point.order) ? swapped(word) : word;
  }
  return words;
}

std::uint64_t mask_of(int registers) {
  return registers >= kNumberWidthMax ? ~0ull : (1ull << (16 * registers)) - 1;
}

bool is_sentinel(const Point& point, std::uint64_t raw) {
  for (const std::uint64_t sentinel : point.sentinels) {
    if ((sentinel & mask_of(width_of(point))) == raw) return true;
  }
  return false;
}

std::optional<std::uint64_t> number_of_bcd(std::uint64_t raw, int digits) {
  std::uint64_t number = 0;
  for (int i = digits - 1; i >= 0; --i) {
    const std::uint64_t digit = raw >> (4 * i) & 15;
    if (digit > 9) return std::nullopt;
    number = number * 10 + digit;
  }
  return number;
}

std::optional<std::uint64_t> bcd_of_number(std::int64_t number, int digits) {
  if (number < 0) return std::nullopt;
  std::uint64_t raw = 0;
  for (int i = 0; i < digits; ++i, number /= 10) {
    raw |= static_cast<std::uint64_t>(number % 10) << (4 * i);
  }
  if (number != 0) return std::nullopt;
  return raw;
}

// Empty when the raw bits are no number of that type.
std::optional<RawNumber> number_of(PointType type, std::uint64_t raw) {
  switch (type) {
    case PointType::int16:
      return raw_of(static_cast<std::int16_t>(raw));
    case PointType::int32:
      return raw_of(static_cast<std::int32_t>(raw));
    case PointType::int64:
      return raw_of(static_cast<std::int64_t>(raw));
    case PointType::float32:
      return raw_of_float32(static_cast<std::uint32_t>(raw));
    case PointType::float64:
      return raw_of_float64(raw);
    case PointType::bcd16:
    case PointType::bcd32: {
      const auto number = number_of_bcd(raw, type == PointType::bcd16 ? 4 : 8);
      if (!number) return std::nullopt;
      return raw_of_unsigned(*number);
    }
    case PointType::bit:
    case PointType::bits:
    case PointType::uint16:
    case PointType::uint32:
    case PointType::uint64:
    case PointType::ascii:
      return raw_of_unsigned(raw);
  }
  CHECK(false);
}

Decoded decode_text(const Point& point, std::span<const std::uint16_t> words) {
  std::string text;
  text.reserve(words.size() * 2);
  for (const std::uint16_t word : words) {
    const std::uint16_t in_order = swaps_bytes(point.order) ? swapped(word) : word;
    text += static_cast<char>(in_order >> 8);
    text += static_cast<char>(in_order & 0xFF);
  }
  constexpr std::string_view kPadding(" \0", 2);
  const std::size_t first = text.find_first_not_of(kPadding);
  if (first == std::string::npos) return {Quality::good, std::nullopt, {}};
  text = text.substr(first, text.find_last_not_of(kPadding) - first + 1);
  for (char& c : text) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  return {Quality::good, std::nullopt, std::move(text)};
}

Decoded without_value(Quality quality) { return {quality, std::nullopt, {}}; }

Decoded decode_number(const Point& point, std::uint64_t raw) {
  if (is_sentinel(point, raw)) return without_value(Quality::sensor_broken);
  const auto number = number_of(point.type, raw);
  if (!number) return without_value(Quality::sensor_broken);
  const auto value = scaled(*number, point.scale_num, point.scale_den, point.offset);
  if (!value) return without_value(Quality::out_of_range);
  if (point.has_range && (*value < point.range_min || *value > point.range_max)) {
    return without_value(Quality::out_of_range);
  }
  return {Quality::good, value, {}};
}

Decoded decode_flag(bool set) { return {Quality::good, whole(set ? 1 : 0), {}}; }

Decoded decode_field(const Point& point, std::uint64_t raw) {
  if (is_sentinel(point, raw)) return without_value(Quality::sensor_broken);
  const auto value = scaled(raw_of_unsigned(raw), 1, 1, Milli{});
  if (!value) return without_value(Quality::out_of_range);
  return {Quality::good, value, {}};
}

// Raw bits whose number is nearest to `value`; empty when the type cannot hold it.
std::optional<std::uint64_t> raw_for(const Point& point, Milli value) {
  if (point.type == PointType::float32) {
    return unscaled_float(value, point.scale_num, point.scale_den, point.offset, 23);
  }
  if (point.type == PointType::float64) {
    return unscaled_float(value, point.scale_num, point.scale_den, point.offset, 52);
  }
  const auto number = unscaled(value, point.scale_num, point.scale_den, point.offset);
  if (!number) return std::nullopt;
  if (point.type == PointType::bcd16) return bcd_of_number(*number, 4);
  if (point.type == PointType::bcd32) return bcd_of_number(*number, 8);
  return static_cast<std::uint64_t>(*number) & mask_of(width_of(point));
}

std::string show_bits(const Point& point, std::int64_t field) {
  if (field == 0) return "none";
  std::string out;
  for (int bit = 0; bit < 63; ++bit) {
    if ((field >> bit & 1) == 0) continue;
    if (!out.empty()) out += ", ";
    const std::string_view name = value_name(point, whole(bit));
    out += name.empty() ? cat("bit ", bit) : std::string(name);
  }
  return out;
}

}  // namespace

int width_of(const Point& point) {
  if (in_bit_table(point)) return 1;
  const int fixed = config::fixed_registers_of(point.type);
  return fixed != 0 ? fixed : point.registers;
}

RegisterTable table_of(config::PointTable table) {
  switch (table) {
    case config::PointTable::coil:
      return RegisterTable::coil;
    case config::PointTable::discrete:
      return RegisterTable::discrete;
    case config::PointTable::input:
      return RegisterTable::input;
    case config::PointTable::holding:
      return RegisterTable::holding;
  }
  CHECK(false);
}

Decoded decode(const Point& point, std::span<const std::uint16_t> words) {
  CHECK(words.size() == static_cast<std::size_t>(width_of(point)));
  if (in_bit_table(point)) return decode_flag(words[0] != 0);
  if (point.type == PointType::ascii) return decode_text(point, words);
  const std::uint64_t raw = assembled(point, words);
  if (point.type == PointType::bit) return decode_flag((raw >> point.bit & 1) != 0);
  if (point.type == PointType::bits) return decode_field(point, raw);
  return decode_number(point, raw);
}

Result<std::vector<std::uint16_t>> encode(const Point& point, Milli value) {
  const auto refused = [&](std::string_view why) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected a value that point ", point.id.str(), " can hold, came ",
                          format_milli(value), " ", point.unit, ": ", why));
  };
  if (in_bit_table(point)) {
    if (value != whole(0) && value != whole(1)) return refused("a bit is 0 or 1");
    return std::vector<std::uint16_t>{static_cast<std::uint16_t>(value.v / 1000)};
  }
  if (point.type == PointType::ascii || point.type == PointType::bit) {
    return make_error(ErrorCode::unsupported, cat("point ", point.id.str(),
                                                  " is text or a bit inside a register, which "
                                                  "cannot be written without touching others"));
  }
  if (point.scale_num == 0) return refused("its scale is 0");
  const auto raw = raw_for(point, value);
  if (!raw) return refused("its type is too narrow");
  std::vector<std::uint16_t> words = taken_apart(point, *raw);
  const Decoded back = decode(point, words);
  if (back.quality != Quality::good)
    return refused(cat("it reads back as ", name_of(back.quality)));
  if (back.value != value) {
    return refused(cat("the nearest it can hold is ", format_milli(*back.value)));
  }
  return words;
}

std::string_view value_name(const Point& point, Milli value) {
  for (const config::PointName& name : point.values) {
    if (value.v % 1000 == 0 && name.value == value.v / 1000) return name.name;
  }
  return {};
}

std::string show(const Point& point, const Decoded& decoded) {
  if (decoded.quality != Quality::good) return std::string(name_of(decoded.quality));
  if (!decoded.value) return decoded.text;
  if (point.type == PointType::bits && !in_bit_table(point)) {
    return show_bits(point, decoded.value->v / 1000);
  }
  const std::string_view name = value_name(point, *decoded.value);
  return name.empty() ? format_milli(*decoded.value) : std::string(name);
}

}  // namespace cryobank::devices
