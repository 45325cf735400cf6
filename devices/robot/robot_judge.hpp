// What one status says about one open motion: the recovery table, and the proofs behind `done` and
// `failed`. Pure: time, freshness and repetition are the Robot's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "devices/robot/robot_motion.hpp"
#include "devices/robot/robot_recovery.hpp"
#include "devices/robot/robot_status.hpp"

namespace cryobank::devices {

// What a status says of motions, as far as it outlives them.
struct RobotMarks {
  std::uint32_t echo = 0;
  std::uint32_t last_done = 0;
  std::uint32_t completed = 0;
  std::uint32_t epoch = 0;
  std::uint32_t hash_at_pick = 0;
  std::uint32_t hash_at_place = 0;

  bool operator==(const RobotMarks&) const = default;
};
RobotMarks marks_of(const RobotStatus& status);

struct OpenMotion {
  RobotMotion motion;
  // Before the motion was written; without a value (after a restart) the codes must prove alone.
  std::optional<std::uint32_t> completed_before;
  // What the robot showed before it; a robot that shows less than that has forgotten.
  std::optional<RobotMarks> marks_before;
  bool was_taken = false;  // it was seen to take the motion, in this run
};

struct RobotVerdict {
  enum class Kind : std::uint8_t { wait, accepted, holding, done, not_delivered, failed, doubt };
  Kind kind = Kind::wait;
  // False: a single fresh status is proof. True: it must stay so for several fresh ones.
  bool must_persist = false;
  std::string reason;

  bool operator==(const RobotVerdict&) const = default;
};

RobotVerdict judge(const OpenMotion& open, JournaledMotion journaled, const RobotStatus& status);

bool moves_vial(RobotVerb verb);
bool is_scan(RobotVerb verb);

}  // namespace cryobank::devices
