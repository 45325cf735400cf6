#include "devices/robot/robot_evidence.hpp"

namespace cryobank::devices {

void RobotEvidence::beat(Instant now, std::uint16_t heartbeat) {
  if (seen_ && heartbeat != beat_) {
    moved_ = true;
    moved_at_ = now;
  }
  seen_ = true;
  beat_ = heartbeat;
}

bool RobotEvidence::fresh(Instant now) const {
  return moved_ && now - moved_at_ <= limits_.heartbeat_still;
}

bool RobotEvidence::believe(Instant now, const RobotVerdict& verdict) {
  if (!verdict.must_persist) {
    forget_verdicts();
    return true;
  }
  if (count_ == 0 || verdict.kind != kind_) {
    kind_ = verdict.kind;
    count_ = 1;
    counted_beat_ = beat_;
    since_ = now;
    return false;
  }
  if (beat_ != counted_beat_) {
    counted_beat_ = beat_;
    ++count_;
  }
  if (count_ < limits_.statuses_min) return false;
  return verdict.kind == RobotVerdict::Kind::doubt || now - since_ >= limits_.settle;
}

void RobotEvidence::forget_verdicts() { count_ = 0; }

}  // namespace cryobank::devices
