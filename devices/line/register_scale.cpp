#include "devices/line/register_scale.hpp"

#include <bit>
#include <limits>

#include "base/check.hpp"

namespace cryobank::devices {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr int kWideBits = 128;

std::uint64_t magnitude_of(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return value < 0 ? ~bits + 1 : bits;
}

int width(Wide value) {
  const auto high = static_cast<std::uint64_t>(value >> 64);
  const auto low = static_cast<std::uint64_t>(value);
  return static_cast<int>(high != 0 ? 64 + std::bit_width(high) : std::bit_width(low));
}

std::optional<Wide> times(Wide a, Wide b) {
  Wide product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

std::optional<Wide> shifted_up(Wide value, int bits) {
  if (value == 0) return value;
  if (bits + width(value) > kWideBits) return std::nullopt;
  return value << bits;
}

// a / b, half away from zero; both are magnitudes.
Wide rounded_quotient(Wide a, Wide b) {
  if (width(a) <= 64 && width(b) <= 64) {  // ten times as fast, and nearly always so
    const auto above = static_cast<std::uint64_t>(a);
    const auto below = static_cast<std::uint64_t>(b);
    const std::uint64_t rest = above % below;
    return static_cast<Wide>(above / below) + (rest >= below - rest ? 1 : 0);
  }
  const Wide quotient = a / b;
  const Wide rest = a % b;
  return rest >= b - rest ? quotient + 1 : quotient;
}

std::optional<Milli> with_offset(bool negative, Wide magnitude, Milli offset) {
  constexpr auto kMax = static_cast<Wide>(kMilliMax);
  if (magnitude > 2 * kMax) return std::nullopt;
  const auto value = static_cast<std::int64_t>(magnitude);
  const Milli sum = Milli{negative ? -value : value} + offset;
  if (cryobank::magnitude(sum).v > kMilliMax) return std::nullopt;
  return sum;
}

// |(value - offset) * den / num| as a quotient of integers, with its sign.
struct Quotient {
  bool negative = false;
  Wide above = 0;
  Wide below = 1;
};

std::optional<Quotient> quotient_of(Milli value, std::int64_t num, std::int64_t den, Milli offset) {
  CHECK(num != 0);
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(value.v, offset.v, &difference)) return std::nullopt;
  Quotient quotient;
  quotient.negative = (difference < 0) != ((num < 0) != (den < 0));
  const auto above = times(magnitude_of(difference), magnitude_of(den));
  const auto below = times(magnitude_of(num), 1000);
  if (!above || !below) return std::nullopt;
  quotient.above = *above;
  quotient.below = *below;
  return quotient;
}

}  // namespace

RawNumber raw_of(std::int64_t value) { return {value < 0, magnitude_of(value), 0}; }
RawNumber raw_of_unsigned(std::uint64_t value) { return {false, value, 0}; }

std::optional<RawNumber> raw_of_float32(std::uint32_t bits) {
  const bool negative = (bits >> 31) != 0;
  const auto exponent = static_cast<int>(bits >> 23 & 0xFF);
  const std::uint32_t fraction = bits & 0x7FFFFF;
  if (exponent == 0xFF) return std::nullopt;
  if (exponent == 0) return RawNumber{negative, fraction, -149};
  return RawNumber{negative, fraction | 0x800000u, exponent - 150};
}

std::optional<RawNumber> raw_of_float64(std::uint64_t bits) {
  const bool negative = (bits >> 63) != 0;
  const auto exponent = static_cast<int>(bits >> 52 & 0x7FF);
  const std::uint64_t fraction = bits & 0xFFFFFFFFFFFFFull;
  if (exponent == 0x7FF) return std::nullopt;
  if (exponent == 0) return RawNumber{negative, fraction, -1074};
  return RawNumber{negative, fraction | 0x10000000000000ull, exponent - 1075};
}

std::optional<Milli> scaled(RawNumber raw, std::int64_t num, std::int64_t den, Milli offset) {
  CHECK(den != 0);
  const bool negative = raw.negative != ((num < 0) != (den < 0));
  // mantissa < 2^64, 1000 < 2^10 and |num| <= 2^63 may need 137 bits.
  const auto above = times(static_cast<Wide>(raw.mantissa) * 1000, magnitude_of(num));
  if (!above) return std::nullopt;
  const Wide below = magnitude_of(den);
  if (raw.exponent >= 0) {
    const auto shifted = shifted_up(*above, raw.exponent);
    if (!shifted) return std::nullopt;
    return with_offset(negative, rounded_quotient(*shifted, below), offset);
  }
  const auto shifted = shifted_up(below, -raw.exponent);
  if (shifted) return with_offset(negative, rounded_quotient(*above, *shifted), offset);
  // A divisor beyond 128 bits leaves less than half a thousandth of every numerator below 127 bits;
  // a float's numerator (53 + 10 + 63 bits) always is.
  return with_offset(negative, 0, offset);
}

std::optional<std::int64_t> unscaled(Milli value, std::int64_t num, std::int64_t den,
                                     Milli offset) {
  const auto quotient = quotient_of(value, num, den, offset);
  if (!quotient) return std::nullopt;
  const Wide rounded = rounded_quotient(quotient->above, quotient->below);
  if (rounded > static_cast<Wide>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  const auto magnitude = static_cast<std::int64_t>(rounded);
  return quotient->negative ? -magnitude : magnitude;
}

std::optional<std::uint64_t> unscaled_float(Milli value, std::int64_t num, std::int64_t den,
                                            Milli offset, int fraction_bits) {
  const auto quotient = quotient_of(value, num, den, offset);
  if (!quotient) return std::nullopt;
  if (quotient->above == 0) return 0;
  // Scale the quotient so that its rounded value has exactly fraction_bits + 1 bits.
  int exponent = width(quotient->above) - width(quotient->below) - fraction_bits - 1;
  Wide mantissa = 0;
  for (int attempt = 0; attempt < 3; ++attempt) {
    const auto above = shifted_up(quotient->above, exponent < 0 ? -exponent : 0);
    const auto below = shifted_up(quotient->below, exponent > 0 ? exponent : 0);
    if (!above || !below) return std::nullopt;
    mantissa = rounded_quotient(*above, *below);
    if (width(mantissa) == fraction_bits + 1) break;
    exponent += width(mantissa) > fraction_bits + 1 ? 1 : -1;
  }
  if (width(mantissa) != fraction_bits + 1) return std::nullopt;
  const int exponent_bits = fraction_bits == 23 ? 8 : 11;
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int biased = exponent + fraction_bits + bias;
  if (biased < 1 || biased >= (1 << exponent_bits) - 1) return std::nullopt;
  const auto fraction = static_cast<std::uint64_t>(mantissa) & ((1ull << fraction_bits) - 1);
  const std::uint64_t sign = quotient->negative ? 1ull << (fraction_bits + exponent_bits) : 0;
  return sign | static_cast<std::uint64_t>(biased) << fraction_bits | fraction;
}

}  // namespace cryobank::devices
