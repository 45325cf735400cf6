// What the models of devices and robots tell the fleet, and what they ask of it.
#pragma once

#include <cstdint>
#include <string>

#include "base/json.hpp"
#include "devices/line/modbus.hpp"
#include "devices/line/reading.hpp"

namespace cryobank::devices {

// Something a device model concluded from several readings or from its own command: "fill-stuck",
// "supply-empty-inferred", "fill-disabled", "high-level-while-filling". Active until said
// otherwise.
struct DeviceCondition {
  DeviceIndex device;
  std::string condition;  // kebab case; docs/alarms.md lists them all
  bool active = false;
  std::string text;  // what was seen, with figures
  int stage = 1;     // 1 the mildest; how urgent each is stands in the alarm catalogue
};

// How a write ended. `confirmed` by read-back, `refused` by the device, or `unknown`: unless it is
// `final`, the read-back goes on and the outcome is told again when it is known. Every order ends
// in exactly one final outcome.
struct WriteOutcome {
  std::string command;  // id of the command that ordered it; empty after a restart
  DeviceIndex device;
  PointIndex point;
  enum class Kind : std::uint8_t { confirmed, refused, unknown } kind = Kind::unknown;
  Milli wanted{};
  std::string reason;
  bool final = true;
};

// A command that the service gives by itself: stop a fill that does not rise, close the inlet of a
// room low in oxygen. The core treats it as a command of the user "service": decide, commit, carry
// out. Told again as long as its reason stands, at most once a minute.
struct DeviceAct {
  std::string verb;  // "device/stop-fill", "device/write", ...
  Json body;
  std::string reason;
};

// One request to the unit of a device. Sent once, answered once under its tag; a write is never
// repeated by the line.
struct DeviceRequest {
  std::uint64_t tag = 0;
  DeviceIndex device;
  bool is_write = false;
  bool is_motion = false;  // the command of a robot's motion
  ModbusRequest modbus;    // unit is set
};

}  // namespace cryobank::devices
