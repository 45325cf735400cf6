// What a machine without sequence numbers shows while nothing of ours is under way, what outlives a
// restart, and what a person is told: the still half of SensorRobot.
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "devices/robot/robot_expect.hpp"
#include "devices/robot/robot_report.hpp"
#include "devices/robot/robot_sensors.hpp"

namespace cryobank::devices {

// Such a machine counts nothing worth keeping; that it is held and what its reader read last
// outlive a restart.
Json SensorRobot::memory() const {
  Json memory = Json::object().set("doubt", doubt_);
  if (seen_code_) memory.set("seen_code", *seen_code_);
  return memory;
}

Status SensorRobot::recall(std::string_view what, const Json& memory) {
  RowReader in(what, memory);
  const Json* doubt = in.maybe_object("doubt");
  doubt_ = doubt == nullptr ? Json() : *doubt;
  if (in.has("seen_code")) seen_code_ = in.any_text("seen_code");
  if (const Status whole = in.end(); !whole || !doubt_.has("unexplained")) return whole;
  const auto told = unexplained_of(what, device_, doubt_["unexplained"]);
  return told ? Status() : told.error();
}

void SensorRobot::pause(bool paused) {
  paused_ = paused;
  if (paused) return;
  if (held()) seen_code_.reset();  // a person looked at it: what it shows now is the new beginning
  doubt_ = Json();
  told_difference_.clear();
  differs_since_ = kNever;
}

void SensorRobot::expect_gripper(std::optional<bool> occupied) {
  if (gripper_ != occupied) differs_since_ = kNever;
  gripper_ = occupied;
}

// What an idle machine shows that nothing explains; empty when nothing. A reader that forgot its
// code at a power cut has read nothing.
std::string SensorRobot::difference() const {
  std::string text;
  const auto add = [&text](auto&&... parts) { text += cat(text.empty() ? "" : ", ", parts...); };
  if (!view_.ready && !view_.error) add("the machine is at work");
  if (seen_code_ && view_.has_code && !view_.code.empty() && view_.code != *seen_code_) {
    add("its reader read the code \"", clip(view_.code, 64), "\"");
  }
  if (gripper_ && *gripper_ != view_.gripper) {
    add("its gripper is ", view_.gripper ? "occupied" : "empty", ", on record it is ",
        *gripper_ ? "occupied" : "empty");
  }
  return text;
}

void SensorRobot::watch_idle(Now now, RobotOutputs& out) {
  // A motion in doubt may still go on: its vial is UNKNOWN already.
  const bool in_doubt = held() && !doubt_.has("unexplained");
  if (view_.has_code && (!seen_code_ || in_doubt)) seen_code_ = view_.code;
  if (in_doubt) return;
  const std::string shown = difference();
  if (shown.empty()) {
    differs_since_ = kNever;
    return;
  }
  if (differs_since_ == kNever) differs_since_ = now.mono;
  if (agreeing_ < kSensorRoundsAgreeing || told_difference_.find(shown) != std::string::npos)
    return;
  const bool read = seen_code_ && view_.has_code && view_.code != *seen_code_;
  const bool only_taken = gripper_ == true && !view_.gripper && view_.ready && !read;
  if (only_taken && now.mono - differs_since_ < kTakenByHandWithin) return;
  RobotEvent event;
  event.robot = device_;
  event.kind = RobotEventKind::unexplained;
  event.reason = shown;
  event.gripper_occupied = view_.gripper;
  if (read) event.observed_code = view_.code;
  doubt_ = robot_report(nullptr, {}, Duration{});
  doubt_.set("reason", shown).set("unexplained", to_json(event));
  doubt_.set("robot", view_json(now));
  told_difference_ = shown;
  if (view_.has_code) seen_code_ = view_.code;
  out.events.push_back(std::move(event));
}

Json SensorRobot::view_json(Now now) const {
  if (!known_) return {};
  Json json = Json::object();
  json.set("ready", view_.ready);
  json.set("error", view_.error_code);
  json.set("gripper_occupied", view_.gripper);
  if (view_.transfer) json.set("transfer_occupied", *view_.transfer);
  json.set("action", view_.action);
  json.set("code", clip(view_.code, 64));
  json.set("age_ms", (now.mono - view_at_).ms());
  return json;
}

Json SensorRobot::recovery_report(Now now) const {
  Json report = robot_report(nullptr, motion_, now.mono - view_at_);
  report.set("robot", view_json(now));
  report.set("held", held());
  report.set("paused", paused_);
  report.set("doubt", doubt_);
  if (!fault_.empty()) report.set("warning", fault_);
  return report;
}

}  // namespace cryobank::devices
