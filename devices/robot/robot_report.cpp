#include "devices/robot/robot_report.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "devices/robot/robot_judge.hpp"

namespace cryobank::devices {
namespace {

using Step = robot_block::Step;

constexpr std::size_t kReportedCodeShown = 64;

Json motion_json(const RobotMotion& motion) {
  if (motion.sequence == 0) return {};
  Json json = Json::object();
  json.set("sequence", motion.sequence);
  json.set("verb", name_of(motion.verb));
  json.set("source", location_json(motion.source));
  json.set("destination", location_json(motion.destination));
  json.set("code", motion.expected_code);
  return json;
}

Json status_json(const RobotStatus& status, Duration age) {
  Json json = Json::object();
  json.set("state", name_of(status.state));
  json.set("step", name_of(status.step));
  json.set("gripper_occupied", status.gripper_occupied);
  json.set("echo", status.echo);
  json.set("last_done", status.last_done);
  json.set("completed", status.completed);
  json.set("code", clip(status.code, kReportedCodeShown));
  json.set("error", describe_fault(status.error));
  json.set("interlocks", describe_interlocks(status.interlocks));
  json.set("refusal", name_of(status.refusal));
  json.set("age_ms", age.ms());
  return json;
}

class Candidates {
 public:
  explicit Candidates(const RobotMotion& motion) : motion_(motion) {}

  void add(std::string_view at, const LookReason& why) {
    for (const Json& known : list_.items()) {
      if (known["at"].string() == at) return;
    }
    Json json = Json::object();
    json.set("at", at);
    json.set("why", why.en).set("why_ja", why.ja);
    if (at == "source") json.set("location", location_json(motion_.source));
    if (at == "destination") json.set("location", location_json(motion_.destination));
    list_.push(std::move(json));
  }
  Json take() { return std::move(list_); }

 private:
  const RobotMotion& motion_;
  Json list_ = Json::array();
};

Json candidates_of(const RobotStatus* status, const RobotMotion& motion) {
  const bool from_place = motion.verb != RobotVerb::place;
  const bool to_place = motion.verb != RobotVerb::pick;
  Candidates list(motion);
  const bool took_it = status != nullptr && status->echo == motion.sequence;
  if (status != nullptr && status->gripper_occupied) {
    list.add("gripper", look_reason::kGripperFull);
  }
  if (took_it && status->step == Step::placed && to_place) {
    list.add("destination", look_reason::kPlaced);
  }
  if (took_it && (status->step == Step::none || status->step == Step::to_source) && from_place) {
    list.add("source", look_reason::kNeverHeld);
  }
  if (status != nullptr && !took_it && from_place) {
    list.add("source", look_reason::kNotKnown);
  }
  if (took_it && (status->step == Step::holding || status->step == Step::to_destination) &&
      !status->gripper_occupied) {
    list.add("floor", look_reason::kDroppedIt);
  }
  if (from_place) list.add("source", look_reason::kStoodThere);
  list.add("gripper", look_reason::kBetween);
  if (to_place) list.add("destination", look_reason::kMotionsEnd);
  list.add("floor", look_reason::kOnTheWay);
  return list.take();
}

Json scan_json(const RobotLocation& location) {
  Json json = Json::object();
  json.set("verb", name_of(RobotVerb::scan_position));
  json.set("source", location_json(location));
  return json;
}

}  // namespace

Json robot_report(const RobotStatus* status, const RobotMotion& motion, Duration age) {
  Json report = Json::object();
  report.set("motion", motion_json(motion));
  report.set("robot", status == nullptr ? Json() : status_json(*status, age));
  Json scans = Json::array();
  if (motion.sequence != 0 && moves_vial(motion.verb)) {
    report.set("candidates", candidates_of(status, motion));
    if (motion.verb != RobotVerb::place) scans.push(scan_json(motion.source));
    if (motion.verb != RobotVerb::pick) scans.push(scan_json(motion.destination));
  } else {
    report.set("candidates", Json::array());
  }
  report.set("scans", std::move(scans));
  return report;
}

std::string why_no_proof(const RobotStatus* status, const std::string& fault, bool fresh) {
  if (!fault.empty()) return fault;
  if (status == nullptr) return "it never answered";
  if (!fresh) return "its heartbeat stands still";
  return cat("it is ", name_of(status->state), " at step ", name_of(status->step));
}

}  // namespace cryobank::devices
