// What Robot keeps over a restart, and what it tells a person who stands before the machine.
#include <array>
#include <utility>

#include "devices/robot/robot.hpp"
#include "devices/robot/robot_report.hpp"

namespace cryobank::devices {
namespace {

constexpr std::array<std::string_view, 5> kPhaseNames = {"ready", "clearing", "writing", "watching",
                                                         "reading"};

}  // namespace

Json Robot::recovery_report(Now now) const {
  Json report = robot_report(status_ ? &*status_ : nullptr, motion_.motion, now.mono - status_at_);
  report.set("phase", kPhaseNames[static_cast<std::size_t>(phase_)]);
  report.set("held", held());
  report.set("paused", paused_);
  if (const Status status = believable(now.mono); !status) {
    report.set("warning", status.error().context);
  }
  report.set("doubt", doubt_);
  return report;
}

Json Robot::memory() const {
  Json memory = memory_;
  if (held()) memory.set("doubt", doubt_);
  if (expect_.known()) memory.set("seen", expect_.memory());
  if (!recent_.empty()) memory.set("recent", remembered());
  return memory;
}

void Robot::recall(const Json& memory) {
  memory_ = Json::object();
  for (const std::string_view key : {"sequence", "completed"}) {
    if (memory[key].is_integer()) memory_.set(key, memory[key]);
  }
  doubt_ = memory["doubt"];
  if (!doubt_.has("unexplained")) {
    doubted_ = static_cast<std::uint32_t>(doubt_["motion"].integer_or("sequence", 0));
  }
  expect_.recall(memory["seen"]);
  recall_remembered(memory["recent"]);
}

Json Robot::remembered() const {
  Json list = Json::array();
  for (const RobotMotion& motion : recent_) {
    Json one = Json::object().set("sequence", motion.sequence).set("code", motion.expected_code);
    one.set("source", location_json(motion.source));
    one.set("destination", location_json(motion.destination));
    list.push(std::move(one));
  }
  return list;
}

void Robot::recall_remembered(const Json& memory) {
  recent_.clear();
  if (!memory.is_array()) return;
  for (const Json& one : memory.items()) {
    RobotMotion motion;
    motion.sequence = static_cast<std::uint32_t>(one.integer_or("sequence", 0));
    motion.expected_code = one.string_or("code", "");
    motion.source = location_of(one["source"]).value_or(RobotLocation{});
    motion.destination = location_of(one["destination"]).value_or(RobotLocation{});
    remember_motion(motion);
  }
}

}  // namespace cryobank::devices
