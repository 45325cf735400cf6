// Exact arithmetic behind the register codec: raw * num / den in thousandths, where raw is an
// integer or a binary float taken apart. No rounding but the last one, half away from zero.
#pragma once

#include <cstdint>
#include <optional>

#include "base/units.hpp"

namespace cryobank::devices {

// (-1)^negative * mantissa * 2^exponent: every finite raw value of every register type.
struct RawNumber {
  bool negative = false;
  std::uint64_t mantissa = 0;
  int exponent = 0;
};

RawNumber raw_of(std::int64_t value);
RawNumber raw_of_unsigned(std::uint64_t value);
// IEEE 754 by its bits; empty for NaN and infinity.
std::optional<RawNumber> raw_of_float32(std::uint32_t bits);
std::optional<RawNumber> raw_of_float64(std::uint64_t bits);

// raw * num / den + offset, or empty when the magnitude exceeds kMilliMax. REQUIRES: den != 0.
std::optional<Milli> scaled(RawNumber raw, std::int64_t num, std::int64_t den, Milli offset);

// The integer nearest to (value - offset) * den / num; empty when it needs more than 64 bits with
// sign. REQUIRES: num != 0.
std::optional<std::int64_t> unscaled(Milli value, std::int64_t num, std::int64_t den, Milli offset);

// Bits of the binary float nearest to (value - offset) * den / num, with `fraction_bits` of 23
// (float32) or 52 (float64); empty when it has no normal float. REQUIRES: num != 0.
std::optional<std::uint64_t> unscaled_float(Milli value, std::int64_t num, std::int64_t den,
                                            Milli offset, int fraction_bits);

}  // namespace cryobank::devices
