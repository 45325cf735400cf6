// The table of what a robot's status means for a motion whose end the journal does not know:
// {journaled state} x {echo} x {robot state} x {done latched} x {gripper}. Used live and after a
// restart alike. No row starts a motion: `not_delivered` only tells the caller that it never
// happened, once several fresh statuses agree.
#pragma once

#include <cstdint>
#include <string_view>

#include "devices/robot/robot_block.hpp"
#include "devices/robot/robot_motion.hpp"

namespace cryobank::devices {

// The last sequence the robot took, seen from our motion.
enum class Echo : std::uint8_t { below, ours, above };

enum class Recovery : std::uint8_t {
  wait,           // the robot is under way or starting up: ask again
  accepted,       // it took the motion
  holding,        // it took the motion and the vial is in the gripper
  check_done,     // it latched done: the proof decides
  check_failed,   // it latched failed: step and sensors decide where the vial is
  not_delivered,  // it never took the motion
  doubt,          // cannot be known from here
};
std::string_view name_of(Recovery recovery);

struct RecoveryView {
  JournaledMotion journaled = JournaledMotion::issued;
  Echo echo = Echo::below;
  robot_block::State state = robot_block::State::starting;
  bool done_is_ours = false;  // last done sequence equals the motion's
  bool gripper_occupied = false;
};

// Total: every view has an answer.
Recovery recover(const RecoveryView& view);

}  // namespace cryobank::devices
