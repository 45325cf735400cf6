// How much a robot's statuses prove: a robot whose heartbeat stands still answers from a dead
// program and proves nothing, and some conclusions need several fresh statuses that agree.
#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "devices/robot/robot_judge.hpp"

namespace cryobank::devices {

struct EvidenceLimits {
  Duration heartbeat_still = seconds(3);  // it rises at least every second
  // Longer than a gateway may hold a command back: a write that is not seen by then was lost.
  Duration settle = seconds(5);
  int statuses_min = 3;
};

class RobotEvidence {
 public:
  explicit RobotEvidence(EvidenceLimits limits) : limits_(limits) {}

  // A status that decoded well, with its heartbeat word.
  void beat(Instant now, std::uint16_t heartbeat);
  // True when the heartbeat was seen to change, and that not too long ago.
  bool fresh(Instant now) const;

  // Takes one fresh status's verdict. True when it may be believed: at once for those that need no
  // repetition; after `statuses_min` statuses with different heartbeats for the others, and for
  // all but doubt not before `settle`.
  bool believe(Instant now, const RobotVerdict& verdict);
  void forget_verdicts();

 private:
  EvidenceLimits limits_;
  bool seen_ = false;
  bool moved_ = false;
  std::uint16_t beat_ = 0;
  Instant moved_at_{};
  RobotVerdict::Kind kind_ = RobotVerdict::Kind::wait;
  int count_ = 0;
  std::uint16_t counted_beat_ = 0;
  Instant since_{};
};

}  // namespace cryobank::devices
