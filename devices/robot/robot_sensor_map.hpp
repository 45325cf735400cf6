// The points by which a SensorRobot sees and starts its machine, taken from the profile by id.
// Needed: ready (1: stands still and takes commands), gripper (1: occupied), source-1,
// destination-1 and at least one start-*. Optional: error, error-code, transfer-occupied, action,
// code, source-2..3, destination-2..3.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/device_profile.hpp"
#include "devices/robot/robot_motion.hpp"

namespace cryobank::devices {

struct SensorMap {
  std::vector<config::Point> watched;  // read in each round, in this order
  std::vector<config::Point> source;   // words of the source, in order
  std::vector<config::Point> destination;
  std::map<RobotVerb, config::Point> start;  // what starts each verb that the machine has
};
Result<SensorMap> sensor_map_of(const config::DeviceProfile& profile);

// What one round of reads saw. Values that the machine has no point for stay at their defaults.
struct SensorView {
  bool ready = false;
  bool error = false;
  std::int64_t error_code = 0;
  bool gripper = false;
  std::optional<bool> transfer;  // the transfer station is occupied
  std::int64_t action = 0;       // where the machine stopped, by its own numbers
  bool has_code = false;         // the machine has a reader
  std::string code;

  bool operator==(const SensorView&) const = default;
};
// Takes one watched point's words into the view. Error: the words are no value.
Status take_into(SensorView& view, const config::Point& point,
                 const std::vector<std::uint16_t>& words);

}  // namespace cryobank::devices
