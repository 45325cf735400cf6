// RobotExpectation: what a robot of the reference block must still show while nothing of ours is
// under way: the sequence, count, epoch, latch and codes of when the last motion ended, and the
// gripper as the record has it. A difference is a motion that nobody ordered, or a memory that the
// robot lost; either takes from the record what it knows of that robot. Owned by the Robot.
// It concludes nothing from one status: several with different heartbeats must differ.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "devices/robot/robot_judge.hpp"

namespace cryobank::devices {

// Statuses with different heartbeats that must differ before it is said; as for a doubt.
inline constexpr int kDifferentStatusesMin = 3;
// A vial that people take out of a gripper is told to the record within this time.
inline constexpr Duration kTakenByHandWithin = minutes(2);

class RobotExpectation {
 public:
  // What the status shows is explained from here on.
  void take(const RobotStatus& status);
  void forget() { marks_.reset(); }
  bool known() const { return marks_.has_value(); }
  const RobotMarks* marks() const { return marks_ ? &*marks_ : nullptr; }

  // Whether the record has a vial in the gripper; without a value it cannot say just now.
  void expect_gripper(std::optional<bool> occupied);
  std::optional<bool> gripper() const { return gripper_; }

  // What an idle robot shows that nothing explains; empty when nothing.
  std::string difference(const RobotStatus& status) const;
  // The same, once it has been shown for long enough; empty before.
  std::string lasting_difference(Instant now, const RobotStatus& status);
  // Somebody else's motion shows while `motion` of ours is open: its end does not explain it.
  bool shows_another(const RobotStatus& status, std::uint32_t ours) const;

  Json memory() const;  // null while nothing is known
  // `what` names the memory in an Error (corrupt).
  Status recall(std::string_view what, const Json& memory);

 private:
  std::optional<RobotMarks> marks_;
  std::optional<bool> gripper_;
  int count_ = 0;
  std::uint16_t counted_beat_ = 0;
  Instant since_{};
};

}  // namespace cryobank::devices
