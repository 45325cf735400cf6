// What Robot keeps over a restart, and what it tells a person who stands before the machine.
#include <array>
#include <utility>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
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
  Json memory = keeps_memory_ ? Json::object() : Json();
  if (sent_) memory.set("sequence", sent_->sequence).set("completed", sent_->completed);
  if (held()) memory.set("doubt", doubt_);
  if (expect_.known()) memory.set("seen", expect_.memory());
  if (!recent_.empty()) memory.set("recent", remembered());
  return memory;
}

Status Robot::recall(std::string_view what, const Json& memory) {
  RowReader in(what, memory);
  keeps_memory_ = true;
  sent_.reset();
  if (in.has("sequence") || in.has("completed")) {
    sent_ = Sent{static_cast<std::uint32_t>(in.number("sequence", 0, UINT32_MAX)),
                 static_cast<std::uint32_t>(in.number("completed", 0, UINT32_MAX))};
  }
  const Json* doubt = in.maybe_object("doubt");
  doubt_ = doubt == nullptr ? Json() : *doubt;
  const Json* seen = in.maybe_object("seen");
  const Status recent = recall_remembered(what, in);
  TRY(in.end());
  TRY(recent);
  TRY(recall_doubt(cat(what, ", doubt")));
  if (seen == nullptr) expect_.forget();
  return seen == nullptr ? Status() : expect_.recall(cat(what, ", seen"), *seen);
}

Status Robot::recall_doubt(std::string_view what) {
  if (doubt_.is_null()) return {};
  if (doubt_.has("unexplained")) {
    const auto told = unexplained_of(what, device_, doubt_["unexplained"]);
    return told ? Status() : told.error();
  }
  RowReader in(what, doubt_);
  if (const Json* motion = in.maybe_object("motion")) {
    const std::string inner = cat(what, ", motion");
    RowReader of(inner, *motion);
    doubted_ = static_cast<std::uint32_t>(of.number("sequence", 0, UINT32_MAX));
    if (!of.ok()) return of.status();
  }
  return in.status();
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

Status Robot::recall_remembered(std::string_view what, RowReader& in) {
  recent_.clear();
  const std::string inner = cat(what, ", recent");
  for (const Json& item : in.maybe_list("recent")) {
    RowReader one(inner, item);
    RobotMotion motion;
    motion.sequence = static_cast<std::uint32_t>(one.number("sequence", 0, UINT32_MAX));
    motion.expected_code = one.any_text("code");
    motion.source = location_in(one, "source");
    motion.destination = location_in(one, "destination");
    TRY(one.end());
    remember_motion(motion);
  }
  return {};
}

}  // namespace cryobank::devices
