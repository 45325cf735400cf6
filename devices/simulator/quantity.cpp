#include "devices/simulator/quantity.hpp"

#include <algorithm>
#include <iterator>

namespace cryobank::simulator {

namespace {

using config::DeviceKind;

struct Name {
  DeviceKind kind;
  std::string_view point;
  Quantity quantity;
};

// The ids of the reference blocks first, then those that published maps use for the same thing.
constexpr Name kQuantityNames[] = {
    {DeviceKind::freezer, "level", Quantity::level},
    {DeviceKind::freezer, "temperature-top", Quantity::temperature_top},
    {DeviceKind::freezer, "temperature-bottom", Quantity::temperature_bottom},
    {DeviceKind::freezer, "temperature", Quantity::temperature_top},
    {DeviceKind::freezer, "lid", Quantity::lid},
    {DeviceKind::freezer, "fill-valve", Quantity::fill_valve},
    {DeviceKind::freezer, "bypass-valve", Quantity::bypass_valve},
    {DeviceKind::freezer, "fill-disabled", Quantity::fill_disabled},
    {DeviceKind::freezer, "power", Quantity::power},
    {DeviceKind::freezer, "controller-alarms", Quantity::controller_alarms},
    {DeviceKind::freezer, "clock", Quantity::clock},
    {DeviceKind::freezer, "fill-start", Quantity::fill_start},
    {DeviceKind::freezer, "fill-stop", Quantity::fill_stop},
    {DeviceKind::freezer, "alarm-temperature-high", Quantity::alarm_temperature_high},
    {DeviceKind::freezer, "alarm-level-low", Quantity::alarm_level_low},
    {DeviceKind::freezer, "alarm-level-high", Quantity::alarm_level_high},
    {DeviceKind::freezer, "fill-command", Quantity::fill_command},
    {DeviceKind::supply, "level", Quantity::level},
    {DeviceKind::supply, "pressure", Quantity::pressure},
    {DeviceKind::supply, "outlet-valve", Quantity::outlet_valve},
    {DeviceKind::supply, "clock", Quantity::clock},
    {DeviceKind::room, "oxygen-1", Quantity::oxygen_1},
    {DeviceKind::room, "oxygen-2", Quantity::oxygen_2},
    {DeviceKind::room, "oxygen", Quantity::oxygen_1},
    {DeviceKind::room, "temperature", Quantity::temperature_room},
    {DeviceKind::room, "door", Quantity::door},
    {DeviceKind::room, "ventilation", Quantity::ventilation},
    {DeviceKind::room, "inlet-closed", Quantity::inlet_closed},
    {DeviceKind::room, "inlet-close-request", Quantity::inlet_close_request},
    {DeviceKind::room, "clock", Quantity::clock},
};

}  // namespace

Quantity quantity_of(DeviceKind kind, std::string_view point) {
  if (kind == DeviceKind::robot) return Quantity::relay;
  for (const Name& name : kQuantityNames) {
    if (name.kind == kind && name.point == point) return name.quantity;
  }
  return Quantity::fixed;
}

bool is_probe(Quantity quantity) {
  constexpr Quantity kProbes[] = {
      Quantity::level,    Quantity::temperature_top, Quantity::temperature_bottom,
      Quantity::pressure, Quantity::oxygen_1,        Quantity::oxygen_2};
  return std::find(std::begin(kProbes), std::end(kProbes), quantity) != std::end(kProbes);
}

Milli to_unit(Milli value, std::string_view unit) {
  if (unit == "cm") return {value.v / 10};
  if (unit == "[in_i]") return {value.v * 10 / 254};
  if (unit == "[degF]") return {value.v * 9 / 5 + 32'000};
  if (unit == "K") return {value.v + 273'150};
  if (unit == "bar") return {value.v / 1000};
  return value;
}

Milli from_unit(Milli value, std::string_view unit) {
  if (unit == "cm") return {value.v * 10};
  if (unit == "[in_i]") return {value.v * 254 / 10};
  if (unit == "[degF]") return {(value.v - 32'000) * 5 / 9};
  if (unit == "K") return {value.v - 273'150};
  if (unit == "bar") return {value.v * 1000};
  return value;
}

}  // namespace cryobank::simulator
