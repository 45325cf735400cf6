#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "config/checks/lint_rules.hpp"
#include "config/duration.hpp"
#include "config/unit.hpp"

namespace cryobank::config {
namespace {

bool is_signed(PointType type) {
  return type == PointType::int16 || type == PointType::int32 || type == PointType::int64;
}

bool is_float(PointType type) { return type == PointType::float32 || type == PointType::float64; }

bool is_scaled(PointType type) { return type != PointType::ascii && type != PointType::bits; }

// A binary floating number of any width as thousandths, cut towards zero. False when it is no
// number or is too large. Done in integers: IEEE 754-2019, 3.4.
bool float_to_milli(std::uint64_t raw, int exponent_bits, int fraction_bits, Milli& out) {
  const std::uint64_t exponent_mask = (std::uint64_t{1} << exponent_bits) - 1;
  const std::uint64_t exponent_field = (raw >> fraction_bits) & exponent_mask;
  if (exponent_field == exponent_mask) return false;  // infinity or NaN
  std::uint64_t fraction = raw & ((std::uint64_t{1} << fraction_bits) - 1);
  if (exponent_field != 0) fraction |= std::uint64_t{1} << fraction_bits;
  const int bias = (1 << (exponent_bits - 1)) - 1;
  int shift = static_cast<int>(exponent_field == 0 ? 1 : exponent_field) - bias - fraction_bits;
  while (shift > 0) {
    if (fraction > static_cast<std::uint64_t>(kMilliMax)) return false;
    fraction <<= 1;
    --shift;
  }
  // Whole and broken part apart, so that times 1000 never overflows.
  const int right = -shift;
  const std::uint64_t units = right >= 64 ? 0 : fraction >> right;
  if (units > static_cast<std::uint64_t>(kMilliMax / 1000)) return false;
  const std::uint64_t rest = right >= 64 ? 0 : fraction - (units << right);
  const std::uint64_t thousandths = right >= 54 ? 0 : (rest * 1000) >> right;
  const auto value = static_cast<std::int64_t>(units * 1000 + thousandths);
  const bool negative = ((raw >> (exponent_bits + fraction_bits)) & 1) != 0;
  out = Milli{negative ? -value : value};
  return true;
}

int width_bits(const Point& point) { return point.registers * 16; }

// The value a raw pattern stands for; false when it stands for none.
bool decode_raw(const Point& point, std::uint64_t raw, Milli& out) {
  Milli unscaled{};
  if (point.type == PointType::float32) {
    if (!float_to_milli(raw, 8, 23, unscaled)) return false;
  } else if (point.type == PointType::float64) {
    if (!float_to_milli(raw, 11, 52, unscaled)) return false;
  } else {
    const int bits = width_bits(point);
    auto number = static_cast<std::int64_t>(raw);
    if (is_signed(point.type) && bits < 64 && (raw >> (bits - 1)) != 0) {
      number -= std::int64_t{1} << bits;
    }
    if (number > kMilliMax / 1000 || number < -kMilliMax / 1000) return false;
    unscaled = whole(number);
  }
  if (point.scale_num != 0 && magnitude(unscaled).v > kMilliMax / magnitude({point.scale_num}).v) {
    return false;
  }
  out = Milli{unscaled.v * point.scale_num / point.scale_den} + point.offset;
  return true;
}

std::string range_text(Milli low, Milli high) {
  return cat("[", format_milli(low), ", ", format_milli(high), "]");
}

// Smallest and largest value that the type can say; false for types without such bounds.
bool representable(const Point& point, Milli& low, Milli& high) {
  if (is_float(point.type) || !is_scaled(point.type) || width_bits(point) > 32) return false;
  if (point.type == PointType::bcd16 || point.type == PointType::bcd32) return false;
  const int bits = point.type == PointType::bit ? 1 : width_bits(point);
  const bool negative = is_signed(point.type);
  const std::uint64_t top = (std::uint64_t{1} << (negative ? bits - 1 : bits)) - 1;
  const std::uint64_t bottom = negative ? std::uint64_t{1} << (bits - 1) : 0;
  if (!decode_raw(point, bottom, low) || !decode_raw(point, top, high)) return false;
  if (low > high) std::swap(low, high);
  return true;
}

}  // namespace

void lint_scale_and_unit(const DeviceProfile& profile, const Point& point, Faults& faults) {
  if (point.scale_num == 0) {
    point_fault(profile, point, "expected a scale other than 0: every reading would be the offset",
                faults);
  }
  if (point.type == PointType::ascii || is_unit(point.unit)) return;
  const std::string_view near = unit_for_spelling(point.unit);
  std::string text =
      cat("expected a UCUM unit of docs/device-profiles.md, came \"", clip(point.unit, 20), "\"");
  if (!near.empty()) text += cat("; scale the value into \"", near, "\"");
  point_fault(profile, point, text, faults);
}

void lint_range(const DeviceProfile& profile, const Point& point, Faults& faults) {
  Milli low;
  Milli high;
  if (point.has_range && representable(point, low, high)) {
    // One shared value is none: a scale that should not be negative leaves only the zero.
    const bool shared = std::min(high, point.range_max) > std::max(low, point.range_min);
    if (!shared &&
        (point.range_min != point.range_max || point.range_min > high || point.range_max < low)) {
      point_fault(profile, point,
                  cat("expected a range that the type can reach, ", range_text(low, high),
                      ", came ", range_text(point.range_min, point.range_max)),
                  faults);
    } else if (point.range_min < low && point.range_min.v < 0 && low.v >= 0) {
      point_fault(
          profile, point,
          cat("expected a signed type for a range that begins at ", format_milli(point.range_min),
              ", came one that begins at ", format_milli(low)),
          faults);
    }
  }
  if (point.publish_deadband.v < 0 || (point.publish_deadband.v > 0 && !has_deadband(point))) {
    point_fault(profile, point, "expected publish_deadband of 0 or more, on a number only", faults);
  }
  constexpr Milli kAbsoluteZero{-273'150};
  if (point.has_range && point.unit == "Cel" && point.range_min < kAbsoluteZero) {
    point_fault(profile, point,
                cat("expected a range that begins at absolute zero, -273.15 Cel, or above, came ",
                    format_milli(point.range_min)),
                faults);
  }
  if (point.step_max.v < 0) {
    point_fault(profile, point, "expected step_max of 0 (not checked) or more", faults);
  }
  const bool two_state = point.type == PointType::bit || point.type == PointType::bits;
  if (point.frozen_after.ns != 0 && (two_state || !point.values.empty())) {
    point_warning(profile, point, "frozen_after on a state: states may rightly stand still",
                  faults);
  }
}

void lint_sentinels(const DeviceProfile& profile, const Point& point, Faults& faults) {
  std::set<std::uint64_t> seen;
  for (const std::uint64_t sentinel : point.sentinels) {
    const std::vector<std::uint8_t> bytes{
        static_cast<std::uint8_t>(sentinel >> 56), static_cast<std::uint8_t>(sentinel >> 48),
        static_cast<std::uint8_t>(sentinel >> 40), static_cast<std::uint8_t>(sentinel >> 32),
        static_cast<std::uint8_t>(sentinel >> 24), static_cast<std::uint8_t>(sentinel >> 16),
        static_cast<std::uint8_t>(sentinel >> 8),  static_cast<std::uint8_t>(sentinel)};
    const std::string hex = cat("0x", to_hex(bytes).substr(width_bits(point) >= 64 ? 0 : 8));
    if (!seen.insert(sentinel).second) {
      point_fault(profile, point, cat("expected each sentinel once, came ", hex, " twice"), faults);
    }
    if (point.type == PointType::bit || point.type == PointType::ascii) {
      point_fault(profile, point, "expected no sentinels on a bit or a text", faults);
      return;
    }
    if (width_bits(point) < 64 && (sentinel >> width_bits(point)) != 0) {
      point_fault(profile, point,
                  cat("expected sentinels of ", width_bits(point), " bits, came ", hex), faults);
      continue;
    }
    Milli value;
    if (!point.has_range || !decode_raw(point, sentinel, value)) continue;
    if (value < point.range_min || value > point.range_max) continue;
    point_fault(profile, point,
                cat("expected sentinels outside the valid range ",
                    range_text(point.range_min, point.range_max), ", came ", hex, " which reads ",
                    format_milli(value)),
                faults);
  }
}

void lint_names(const DeviceProfile& profile, const Point& point, Faults& faults) {
  std::int64_t low = 0;
  std::int64_t high = 0x7FFF'FFFF;
  if (point.type == PointType::bit) high = 1;
  if (point.type == PointType::bits) high = width_bits(point) - 1;
  if (is_signed(point.type)) low = -0x8000'0000LL;
  const std::string_view what = point.type == PointType::bits ? "bit numbers" : "values";
  const PointName* before = nullptr;
  for (const PointName& name : point.values) {
    if (name.value < low || name.value > high) {
      point_fault(profile, point,
                  cat("expected ", what, " from ", low, " to ", high, ", came ", name.value,
                      " for \"", name.name, "\""),
                  faults);
    }
    if (before != nullptr && before->value == name.value) {
      point_fault(profile, point,
                  cat("expected one name for ", name.value, ", came \"", before->name, "\" and \"",
                      name.name, "\""),
                  faults);
    }
    before = &name;
  }
}

void lint_write(const DeviceProfile& profile, const Point& point, Faults& faults) {
  const WriteRules& write = point.write;
  if (write.write_class == WriteClass::never) return;
  if (point.table == PointTable::input || point.table == PointTable::discrete) {
    point_fault(profile, point, "expected a coil or holding register to be writable", faults);
  }
  if (point.type == PointType::ascii || point.type == PointType::bits) {
    point_fault(profile, point, "expected a number or a bit to be writable", faults);
  }
  if (!write.has_range) {
    point_fault(profile, point, "expected a range of allowed values on a writable point", faults);
    return;
  }
  if (point.has_range && (write.minimum < point.range_min || write.maximum > point.range_max)) {
    point_fault(profile, point,
                cat("expected a write range within the valid range ",
                    range_text(point.range_min, point.range_max), ", came ",
                    range_text(write.minimum, write.maximum)),
                faults);
  }
  if (!write.confirm_point.empty() && profile.find(write.confirm_point) == nullptr) {
    point_fault(profile, point,
                cat("expected confirm_point to be a point of this profile, came \"",
                    clip(write.confirm_point, 64), "\""),
                faults);
  }
  // Ten years is the life of a controller; a budget that the interval allows to be used up sooner
  // is not an error, but somebody should know.
  const std::int64_t life_s = write.lifetime_budget * write.interval_min.ms() / 1000;
  if (write.lifetime_budget > 0 && life_s < days(3653).seconds() &&
      write.interval_min < minutes(1)) {
    point_warning(profile, point,
                  cat("writing every ", format_duration(write.interval_min),
                      " uses the write budget up in ", life_s / 86400, " days"),
                  faults);
  }
}

}  // namespace cryobank::config
