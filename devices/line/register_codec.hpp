// Register codec: turns the raw words of one point into a value with a quality, and back for
// writes. Exact integer arithmetic throughout, floats included: rounded to thousandths of the unit,
// half away from zero. NaN, infinity, sentinels and bad BCD digits are sensor-broken; what does not
// fit into a Milli or lies outside the valid range is out-of-range. Neither ever becomes a number.
// Byte order of 0xAABBCCDD: abcd AABB CCDD, cdab CCDD AABB, badc BBAA DDCC, dcba DDCC BBAA; one
// register is byte-swapped by badc and dcba; ASCII knows only that swap within a register.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/quality.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "config/device_profile.hpp"
#include "devices/line/modbus.hpp"

namespace cryobank::devices {

struct Decoded {
  Quality quality = Quality::sensor_broken;
  std::optional<Milli> value;  // set exactly when quality is good and the point is not ASCII
  std::string text;            // ASCII points: trimmed, unprintable characters as '?'
};

// Registers that the point takes, or 1 for a point in a table of bits.
int width_of(const config::Point& point);
RegisterTable table_of(config::PointTable table);

// REQUIRES: words.size() == width_of(point). Words of bit tables are 0 or 1.
Decoded decode(const config::Point& point, std::span<const std::uint16_t> words);

// The words to write so that the point reads back as exactly `value`. Error: the value is outside
// the valid range, is a sentinel, or lies between two steps of the register. Bits inside a register
// and ASCII points cannot be written.
Result<std::vector<std::uint16_t>> encode(const config::Point& point, Milli value);

// For people and proof frames: "-80", the name of an enum value or of the bits set ("a, b",
// "none"), the text, or the quality's name when there is no value.
std::string show(const config::Point& point, const Decoded& decoded);
// The profile's name for a value of an enum or bit point; empty when it has none.
std::string_view value_name(const config::Point& point, Milli value);

}  // namespace cryobank::devices
