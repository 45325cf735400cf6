// Words of single points: the encoding half of register_map.hpp.
#include <algorithm>
#include <bit>
#include <limits>

#include "devices/simulator/register_map.hpp"

namespace cryobank::simulator {

namespace {

using config::Point;
using config::PointType;
using config::WordOrder;
using Words = std::vector<std::uint16_t>;

int bits_of(const Point& point) {
  switch (point.type) {
    case PointType::bit:
      return 16;
    case PointType::bits:
    case PointType::ascii:
      return 16 * point.registers;
    case PointType::int16:
    case PointType::uint16:
    case PointType::bcd16:
      return 16;
    case PointType::int32:
    case PointType::uint32:
    case PointType::float32:
    case PointType::bcd32:
      return 32;
    case PointType::int64:
    case PointType::uint64:
    case PointType::float64:
      return 64;
  }
  return 16;
}

bool is_signed(PointType type) {
  return type == PointType::int16 || type == PointType::int32 || type == PointType::int64;
}

std::uint16_t swap_bytes(std::uint16_t word) {
  return static_cast<std::uint16_t>((word << 8) | (word >> 8));
}

// abcd: high word first. cdab: words turned round. badc: bytes of each word. dcba: both.
void apply_order(WordOrder order, Words& words) {
  if (order == WordOrder::cdab || order == WordOrder::dcba)
    std::reverse(words.begin(), words.end());
  if (order == WordOrder::badc || order == WordOrder::dcba) {
    for (std::uint16_t& word : words) word = swap_bytes(word);
  }
}

Words split_words(std::uint64_t raw, int bits) {
  Words words;
  for (int shift = bits - 16; shift >= 0; shift -= 16) {
    words.push_back(static_cast<std::uint16_t>(raw >> shift));
  }
  return words;
}

std::int64_t divide_rounded(std::int64_t value, std::int64_t by) {
  if (by < 0) {
    value = -value;
    by = -by;
  }
  const std::int64_t half = by / 2;
  return value >= 0 ? (value + half) / by : -((-value + half) / by);
}

// raw = (value - offset) * den / num, and value is in thousandths.
std::int64_t raw_integer(const Point& point, Milli value) {
  const std::int64_t bound = std::numeric_limits<std::int64_t>::max() / 4;
  const std::int64_t den = std::max<std::int64_t>(1, point.scale_den);
  const std::int64_t shifted =
      std::clamp<std::int64_t>(value.v - point.offset.v, -bound / den, bound / den);
  const std::int64_t num = point.scale_num == 0 ? 1 : point.scale_num;
  return divide_rounded(shifted * den, num * 1000);
}

std::uint64_t to_bcd(std::int64_t value, int digits) {
  std::uint64_t out = 0;
  value = std::max<std::int64_t>(0, value);
  for (int digit = 0; digit < digits; ++digit) {
    out |= static_cast<std::uint64_t>(value % 10) << (4 * digit);
    value /= 10;
  }
  return out;
}

std::uint64_t clamp_raw(std::int64_t raw, int bits, bool with_sign) {
  if (bits == 64)
    return static_cast<std::uint64_t>(with_sign ? raw : std::max<std::int64_t>(0, raw));
  const std::int64_t top = std::int64_t{1} << (with_sign ? bits - 1 : bits);
  return static_cast<std::uint64_t>(std::clamp(raw, with_sign ? -top : 0, top - 1));
}

std::uint64_t broken_raw(const Point& point, int bits) {
  if (!point.sentinels.empty()) return point.sentinels.front();
  if (point.type == PointType::float32) return 0x7FC00000u;
  if (point.type == PointType::float64) return 0x7FF8000000000000u;
  if (is_signed(point.type)) return std::uint64_t{1} << (bits - 1);
  return ~std::uint64_t{0};
}

double scaled(const Point& point, const Signal& signal) {
  return static_cast<double>(signal.value.v - point.offset.v) / 1000.0 *
         static_cast<double>(point.scale_den) /
         static_cast<double>(point.scale_num == 0 ? 1 : point.scale_num);
}

std::uint64_t raw_of(const Point& point, const Signal& signal) {
  const int bits = bits_of(point);
  if (signal.broken) return broken_raw(point, bits);
  switch (point.type) {
    case PointType::float32:
      return std::bit_cast<std::uint32_t>(static_cast<float>(scaled(point, signal)));
    case PointType::float64:
      return std::bit_cast<std::uint64_t>(scaled(point, signal));
    case PointType::bcd16:
      return to_bcd(raw_integer(point, signal.value), 4);
    case PointType::bcd32:
      return to_bcd(raw_integer(point, signal.value), 8);
    case PointType::bit:
      return signal.value.v == 0 ? 0 : std::uint64_t{1} << point.bit;
    case PointType::bits:
      return static_cast<std::uint64_t>(signal.value.v / 1000);
    case PointType::ascii:
      return 0;
    case PointType::int16:
    case PointType::uint16:
    case PointType::int32:
    case PointType::uint32:
    case PointType::int64:
    case PointType::uint64:
      return clamp_raw(raw_integer(point, signal.value), bits, is_signed(point.type));
  }
  return 0;
}

Words text_words(const Point& point, const std::string& text) {
  Words words(point.registers, 0);
  for (std::size_t i = 0; i < text.size() && i < 2 * words.size(); ++i) {
    const auto byte = static_cast<std::uint16_t>(static_cast<unsigned char>(text[i]));
    words[i / 2] = static_cast<std::uint16_t>(words[i / 2] | (i % 2 == 0 ? byte << 8 : byte));
  }
  if (point.order == WordOrder::badc || point.order == WordOrder::dcba) {
    for (std::uint16_t& word : words) word = swap_bytes(word);
  }
  return words;
}

// Bits of one register are points of their own: they add up.
void merge(std::uint16_t word, int place, Words& words) {
  if (place < 0 || place >= static_cast<int>(words.size())) return;
  std::uint16_t& target = words[static_cast<std::size_t>(place)];
  target = static_cast<std::uint16_t>(target | word);
}

std::int64_t signed_value(std::uint64_t raw, int bits) {
  if (bits == 64) return static_cast<std::int64_t>(raw);
  const std::uint64_t sign = std::uint64_t{1} << (bits - 1);
  if ((raw & sign) == 0) return static_cast<std::int64_t>(raw);
  return static_cast<std::int64_t>(raw) - (std::int64_t{1} << bits);
}

std::int64_t from_bcd(std::uint64_t raw, int digits) {
  std::int64_t value = 0;
  for (int digit = digits - 1; digit >= 0; --digit) {
    value = value * 10 + static_cast<std::int64_t>((raw >> (4 * digit)) & 0xF);
  }
  return value;
}

}  // namespace

void show(const Point& point, const Signal& signal, int first, Words& words) {
  const int width = point.type == PointType::ascii ? point.registers : bits_of(point) / 16;
  if (point.type == PointType::ascii || point.order != WordOrder::abcd) {
    const Words own = encode_words(point, signal);
    for (int i = 0; i < width; ++i) merge(own[static_cast<std::size_t>(i)], first + i, words);
    return;
  }
  const std::uint64_t raw = raw_of(point, signal);
  for (int i = 0; i < width; ++i) {
    merge(static_cast<std::uint16_t>(raw >> (16 * (width - 1 - i))), first + i, words);
  }
}

Words encode_words(const Point& point, const Signal& signal) {
  if (point.type == PointType::ascii) return text_words(point, signal.text);
  Words words = split_words(raw_of(point, signal), bits_of(point));
  apply_order(point.order, words);
  return words;
}

Milli decode_words(const Point& point, const Words& written) {
  Words words = written;
  apply_order(point.order, words);
  const int bits = bits_of(point);
  std::uint64_t raw = 0;
  for (const std::uint16_t word : words) raw = (raw << 16) | word;
  std::int64_t value = 0;
  if (point.type == PointType::bit) return whole(static_cast<std::int64_t>((raw >> point.bit) & 1));
  if (point.type == PointType::bits) return whole(static_cast<std::int64_t>(raw));
  if (point.type == PointType::float32 || point.type == PointType::float64) {
    const double plain =
        point.type == PointType::float32
            ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(raw)))
            : std::bit_cast<double>(raw);
    if (!(plain > -1e12 && plain < 1e12)) return {kMilliMax};
    value = static_cast<std::int64_t>(plain * 1000.0 + (plain < 0 ? -0.5 : 0.5));
    return {divide_rounded(value * point.scale_num, point.scale_den) + point.offset.v};
  }
  if (point.type == PointType::bcd16 || point.type == PointType::bcd32) {
    value = from_bcd(raw, bits / 4);
  } else {
    value = is_signed(point.type) ? signed_value(raw, bits) : static_cast<std::int64_t>(raw);
  }
  const std::int64_t bound =
      kMilliMax / 1000 / std::max<std::int64_t>(1, std::abs(point.scale_num));
  value = std::clamp(value, -bound, bound);
  return {divide_rounded(value * point.scale_num * 1000, point.scale_den) + point.offset.v};
}

}  // namespace cryobank::simulator
