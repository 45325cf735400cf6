// SensorRobot: drives one machine without sequence numbers (relay cabinets as the LiCONiC STX,
// registers as the Thermo Cytomat; public drivers named in docs/robots.md). Exactly once cannot be
// proven by such a protocol: with `sensors` the occupied sensors at both ends must tell the whole
// story, with `operator` a person confirms each motion. Every start relay is pulsed at most once;
// whatever is not proven ends in doubt. After a restart an issued motion is always doubt.
//
// Points of its profile, by id: ready, error, error-code (words); gripper, transfer-occupied
// (bits); source-1..3, destination-1..3 (registers, or fewer); start-pick, start-place,
// start-transfer, start-scan, start-open-port, start-close-port, start-park (coils or bits, a
// missing one is a verb that the machine does not have); code (ASCII), completed (count): optional.
#pragma once

#include <cstdint>
#include <memory>

#include "devices/robot_driver.hpp"

namespace cryobank::devices {

struct SensorRobotLimits {
  Duration poll_idle = seconds(1);
  Duration poll_busy = milliseconds(500);
  Duration start_within = seconds(10);    // ready must fall so soon after the start relay
  Duration motion_within = seconds(300);  // a Cytomat initialises for up to 300 s
};

// Error when the profile lacks a point that this family needs.
Result<std::unique_ptr<RobotDriver>> make_sensor_robot(DeviceIndex device, std::uint8_t unit,
                                                       const config::DeviceProfile& profile,
                                                       SensorRobotLimits limits = {});

}  // namespace cryobank::devices
