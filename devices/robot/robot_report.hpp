// The recovery report: what a person at the robot needs to know. What it last reported, where the
// vial of its last motion may be, most likely first, and which scans tell.
#pragma once

#include <string>

#include "base/json.hpp"
#include "base/time.hpp"
#include "devices/robot/robot_motion.hpp"
#include "devices/robot/robot_status.hpp"

namespace cryobank::devices {

// `status` may be nullptr: never answered. `age` is that of the status.
// Keys: motion {sequence, verb, source, destination, code}, robot {state, step, gripper_occupied,
// echo, last_done, completed, code, error, interlocks, refusal, age_ms} or null, candidates
// [{at: "source"|"gripper"|"destination"|"floor", location, why}], scans [{verb, source}].
Json robot_report(const RobotStatus* status, const RobotMotion& motion, Duration age);

// Half a sentence for the reason of a doubt: what the robot shows instead of a proof. `fault` is
// why its last answer was none; empty when it was one.
std::string why_no_proof(const RobotStatus* status, const std::string& fault, bool fresh);

}  // namespace cryobank::devices
