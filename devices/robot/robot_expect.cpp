#include "devices/robot/robot_expect.hpp"

#include "base/row_reader.hpp"
#include "base/text.hpp"

namespace cryobank::devices {
namespace {

bool is_under_way(robot_block::State state) {
  return state == robot_block::State::accepted || state == robot_block::State::running;
}

bool only_lacks_its_vial(const RobotMarks& marks, std::optional<bool> gripper,
                         const RobotStatus& status) {
  return gripper == true && !status.gripper_occupied && marks_of(status) == marks &&
         !is_under_way(status.state);
}

std::uint32_t number_at(RowReader& in, std::string_view key) {
  return static_cast<std::uint32_t>(in.number(key, 0, UINT32_MAX));
}

}  // namespace

void RobotExpectation::take(const RobotStatus& status) {
  marks_ = marks_of(status);
  count_ = 0;
}

void RobotExpectation::expect_gripper(std::optional<bool> occupied) {
  if (gripper_ == occupied) return;
  gripper_ = occupied;
  count_ = 0;
}

std::string RobotExpectation::difference(const RobotStatus& status) const {
  if (!marks_) return {};
  const RobotMarks& was = *marks_;
  std::string text;
  const auto add = [&text](auto&&... parts) { text += cat(text.empty() ? "" : ", ", parts...); };
  if (status.completed != was.completed) {
    add("its count of completed motions went from ", was.completed, " to ", status.completed);
  }
  if (status.echo != was.echo) {
    add("the sequence that it took last went from ", was.echo, " to ", status.echo);
  }
  if (status.epoch < was.epoch) {
    add("its highest epoch fell from ", was.epoch, " to ", status.epoch);
  }
  if (status.last_done != was.last_done && status.last_done != 0) {
    add("it latched the end of sequence ", status.last_done);
  }
  if (is_under_way(status.state)) add("it is ", name_of(status.state));
  const bool read = (status.hash_at_pick != was.hash_at_pick && status.hash_at_pick != 0) ||
                    (status.hash_at_place != was.hash_at_place && status.hash_at_place != 0);
  if (read) add("it read the code \"", clip(status.code, 64), "\"");
  if (gripper_ && *gripper_ != status.gripper_occupied) {
    add("its gripper is ", status.gripper_occupied ? "occupied" : "empty", ", on record it is ",
        *gripper_ ? "occupied" : "empty");
  }
  return text;
}

std::string RobotExpectation::lasting_difference(Instant now, const RobotStatus& status) {
  std::string text = difference(status);
  if (text.empty()) {
    count_ = 0;
    return {};
  }
  if (count_ == 0) {
    count_ = 1;
    counted_beat_ = status.heartbeat;
    since_ = now;
    return {};
  }
  if (status.heartbeat != counted_beat_) {
    counted_beat_ = status.heartbeat;
    ++count_;
  }
  if (count_ < kDifferentStatusesMin) return {};
  // After a motion that failed with the vial held, people take it out and then say so.
  if (only_lacks_its_vial(*marks_, gripper_, status) && now - since_ < kTakenByHandWithin)
    return {};
  return text;
}

bool RobotExpectation::shows_another(const RobotStatus& status, std::uint32_t ours) const {
  if (!marks_ || status.echo == ours) return false;
  return status.echo > marks_->echo || status.completed > marks_->completed;
}

Json RobotExpectation::memory() const {
  if (!marks_) return {};
  Json json = Json::object();
  json.set("echo", marks_->echo).set("latched", marks_->last_done);
  json.set("completed", marks_->completed).set("epoch", marks_->epoch);
  json.set("at_pick", marks_->hash_at_pick).set("at_place", marks_->hash_at_place);
  return json;
}

Status RobotExpectation::recall(std::string_view what, const Json& memory) {
  RowReader in(what, memory);
  marks_ = RobotMarks{number_at(in, "echo"),  number_at(in, "latched"), number_at(in, "completed"),
                      number_at(in, "epoch"), number_at(in, "at_pick"), number_at(in, "at_place")};
  return in.end();
}

}  // namespace cryobank::devices
