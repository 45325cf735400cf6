// Quantity: what a register of a simulated machine shows, whatever its profile calls it and at
// whatever address. A point whose id is not known here is a fixed value that can be set by command.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/units.hpp"
#include "config/device_profile.hpp"

namespace cryobank::simulator {

enum class Quantity : std::uint8_t {
  fixed,
  level,               // mm; a supply tank's in %
  temperature_top,     // Cel
  temperature_bottom,  // Cel
  temperature_room,    // Cel
  lid,
  fill_valve,
  bypass_valve,
  fill_disabled,
  power,
  controller_alarms,
  clock,  // s, UTC
  fill_start,
  fill_stop,
  alarm_temperature_high,
  alarm_level_low,
  alarm_level_high,
  fill_command,
  pressure,  // mbar
  outlet_valve,
  oxygen_1,  // %
  oxygen_2,
  door,
  ventilation,
  inlet_closed,
  inlet_close_request,
  relay,  // a coil or word of a relay robot: found by the point's id
};

// What a probe, switch or set-point shows just now.
struct Signal {
  bool broken = false;  // the probe is open or short: the register shows a sentinel
  Milli value{};
  std::string text;  // ASCII points
};

Quantity quantity_of(config::DeviceKind kind, std::string_view point);
// Is it measured, so that its probe can lie?
bool is_probe(Quantity quantity);

// `value` in the unit of the quantity (mm, Cel, mbar, %), told in `unit`. Unknown units change
// nothing.
Milli to_unit(Milli value, std::string_view unit);
Milli from_unit(Milli value, std::string_view unit);

}  // namespace cryobank::simulator
