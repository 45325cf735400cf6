#include "devices/robot/robot_sensors.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/line/point_request.hpp"
#include "devices/robot/robot_judge.hpp"
#include "devices/robot/robot_report.hpp"

namespace cryobank::devices {
namespace {

Error forbidden_by_sensors(std::string text) {
  return make_error(ErrorCode::interlock, std::move(text));
}

bool takes(RobotVerb verb) { return verb == RobotVerb::pick || verb == RobotVerb::transfer; }

}  // namespace

SensorRobot::SensorRobot(DeviceIndex device, std::uint8_t unit, SensorMap map,
                         bool operator_confirms, SensorRobotLimits limits)
    : device_(device),
      unit_(unit),
      map_(std::move(map)),
      operator_confirms_(operator_confirms),
      limits_(limits) {}

void SensorRobot::begin(Now now, RobotOutputs& out) {
  if (doubt_["unexplained"].is_object()) {
    out.events.push_back(*unexplained_of("an unexplained motion", device_, doubt_["unexplained"]));
  }
  go_on(now, out);
}

Instant SensorRobot::next_deadline() const { return std::min(next_poll_, phase_until_); }

void SensorRobot::on_deadline(Now now, RobotOutputs& out) {
  if (now.mono >= phase_until_) {
    const std::string why = fault_.empty() ? "" : cat(": ", fault_);
    if (phase_ == Phase::preparing) {
      end(now, RobotEventKind::not_delivered, cat("its parameters were not taken", why), out);
    } else if (phase_ == Phase::ready) {
      phase_until_ = kNever;
    } else {
      end(now, RobotEventKind::doubt,
          cat(left_ready_ ? "the machine did not become ready in time"
                          : "the machine was not seen to start",
              why),
          out);
    }
  }
  if (now.mono >= next_poll_) go_on(now, out);
}

void SensorRobot::ask(ModbusRequest request, bool is_motion, RobotOutputs& out) {
  open_tag_ = next_tag_++;
  if (next_tag_ == 0) next_tag_ = 1;
  const bool is_write = request.kind != ModbusRequest::Kind::read;
  out.requests.push_back({open_tag_, is_write, is_motion, std::move(request)});
}

// One request at a time: the preparation first, then the relay's reset, then the round of reads.
void SensorRobot::go_on(Now now, RobotOutputs& out) {
  if (open_tag_ != 0) {
    next_poll_ = now.mono + limits_.poll_busy;
    return;
  }
  next_poll_ = kNever;
  if (phase_ == Phase::preparing && !steps_.empty()) {
    open_ = Open::step;
    return ask(steps_.front().request, false, out);
  }
  if (relay_on_ && phase_ != Phase::starting) {
    open_ = Open::relay_off;
    return ask(relay_off_, false, out);
  }
  if (at_ == 0) round_ = {};
  open_ = Open::watched;
  ask(read_point(unit_, map_.watched[at_]), false, out);
}

void SensorRobot::on_reply(Now now, std::uint32_t tag, const ModbusReply& reply,
                           RobotOutputs& out) {
  if (tag == 0 || tag != open_tag_) return;
  open_tag_ = 0;
  switch (open_) {
    case Open::watched:
      return on_watched(now, reply, out);
    case Open::step:
      return on_prepared(now, reply, out);
    case Open::start:
      return on_started(now, reply, out);
    case Open::relay_off:
      if (reply.kind == ReplyKind::ok) relay_on_ = false;
      next_poll_ = now.mono + limits_.poll_busy;
      return;
  }
}

Status SensorRobot::may_move(Now, const RobotMotion& motion) const {
  if (motion.sequence == 0 || (moves_vial(motion.verb) && motion.expected_code.empty())) {
    return make_error(ErrorCode::invalid_value,
                      "a motion needs a sequence, and the code of the vial that it moves");
  }
  if (!map_.start.contains(motion.verb)) {
    return make_error(ErrorCode::unsupported,
                      cat("this machine has no ", name_of(motion.verb), " of its own"));
  }
  if (held())
    return forbidden_by_sensors("the robot's last motion is not confirmed by a person yet");
  if (phase_ != Phase::ready) return forbidden_by_sensors("the robot has a motion open");
  if (paused_) return forbidden_by_sensors("the robot is paused");
  if (!known_) return make_error(ErrorCode::unavailable, fault_);
  if (const std::string shown = difference(); !shown.empty() && view_.ready) {
    return forbidden_by_sensors(cat("the machine shows what nobody ordered: ", shown));
  }
  if (!view_.ready) return forbidden_by_sensors("the machine is not ready");
  if (view_.error) return forbidden_by_sensors(cat("the machine reports error ", view_.error_code));
  if (takes(motion.verb) && view_.gripper) {
    return make_error(ErrorCode::conflict, "the gripper is occupied, nothing can be picked");
  }
  if (motion.verb == RobotVerb::place && !view_.gripper) {
    return make_error(ErrorCode::conflict, "the gripper is empty, nothing can be placed");
  }
  return {};
}

// A fetch, and where a machine without numbers may be cut off:
//   parameters written, read back   cut off: they start nothing. Not delivered
//   start relay on                  once. From here nobody knows whether it was seen: whatever is
//                                   cut off is doubt, and two people look
//   relay off                       as soon as the write was answered: the next start is an edge
//   ready falls                     it is at work: accepted
//   the gripper closes              gripped: time out of the cold runs from here
//   ready rises, two rounds agree   one round reads several registers, and the machine goes on
//                                   between them: a single round may mix before and after
//   gripper, port, code as expected done; else doubt
// Every parameter is written, then every one is read back: a lost one would move another vial.
Status SensorRobot::plan_preparation(const RobotMotion& motion) {
  steps_.clear();
  std::deque<Step> checks;
  const auto add = [&](const std::vector<config::Point>& points, const RobotLocation& location) {
    for (std::size_t i = 0; i < points.size(); ++i) {
      Result<ModbusRequest> write = write_point(unit_, points[i], whole(location[i]));
      if (!write) return Status(write.error());
      checks.push_back({read_point(unit_, points[i]), write->values});
      steps_.push_back({std::move(*write), {}});
    }
    return Status();
  };
  if (motion.verb != RobotVerb::park) {
    TRY(add(map_.source, motion.source));
    TRY(add(map_.destination, motion.destination));
  }
  steps_.insert(steps_.end(), checks.begin(), checks.end());
  return {};
}

Status SensorRobot::start(Now now, const RobotMotion& motion, RobotOutputs& out) {
  TRY(may_move(now, motion));
  const config::Point& relay = map_.start.at(motion.verb);
  TRY_ASSIGN(ModbusRequest off, write_point(unit_, relay, whole(0)));
  TRY(plan_preparation(motion));
  relay_off_ = std::move(off);
  motion_ = motion;
  before_ = view_;
  left_ready_ = gripped_ = false;
  agreeing_ = 0;
  at_ = 0;
  phase_ = Phase::preparing;
  phase_until_ = now.mono + limits_.prepare_within;
  if (open_tag_ == 0) go_on(now, out);
  return {};
}

void SensorRobot::on_prepared(Now now, const ModbusReply& reply, RobotOutputs& out) {
  if (phase_ != Phase::preparing || steps_.empty()) return go_on(now, out);
  if (reply.kind != ReplyKind::ok) {
    // Parameters start nothing: they may be written again until the phase's bound.
    fault_ = cat("parameters: ", name_of(reply.kind));
    next_poll_ = now.mono + limits_.poll_busy;
    return;
  }
  const Step& step = steps_.front();
  if (!step.expected.empty() && reply.values != step.expected) {
    return end(now, RobotEventKind::not_delivered,
               "the machine did not keep the parameters that were written", out);
  }
  steps_.pop_front();
  if (!steps_.empty()) return go_on(now, out);
  fault_.clear();
  Result<ModbusRequest> on = write_point(unit_, map_.start.at(motion_.verb), whole(1));
  if (!on) return end(now, RobotEventKind::failed, on.error().context, out);
  phase_ = Phase::starting;
  phase_until_ = now.mono + limits_.start_within;
  relay_on_ = true;
  open_ = Open::start;
  ask(std::move(*on), true, out);
}

void SensorRobot::on_started(Now now, const ModbusReply& reply, RobotOutputs& out) {
  if (phase_ != Phase::starting) return go_on(now, out);
  phase_ = Phase::watching;
  at_ = 0;
  next_poll_ = now.mono;
  if (!reply.sent) {
    return end(now, RobotEventKind::not_delivered, "the command never left this machine", out);
  }
  if (reply.kind == ReplyKind::exception && reply.exception >= 1 && reply.exception <= 3) {
    end(now, RobotEventKind::failed, cat("the machine refused it: exception ", reply.exception),
        out);
  }
}

void SensorRobot::on_watched(Now now, const ModbusReply& reply, RobotOutputs& out) {
  if (phase_ == Phase::preparing) return go_on(now, out);
  Status took =
      reply.kind == ReplyKind::ok
          ? take_into(round_, map_.watched[at_], reply.values)
          : Status(make_error(ErrorCode::unavailable, cat("the robot gives ", describe(reply))));
  if (!took) {
    fault_ = took.error().context;
    known_ = false;
    agreeing_ = 0;
    at_ = 0;
    next_poll_ = now.mono + limits_.poll_idle;
    return;
  }
  if (++at_ < map_.watched.size()) return go_on(now, out);
  at_ = 0;
  agreeing_ = known_ && round_ == view_ ? agreeing_ + 1 : 1;
  view_ = round_;
  view_at_ = now.mono;
  known_ = true;
  fault_.clear();
  next_poll_ = now.mono + (phase_ == Phase::ready ? limits_.poll_idle : limits_.poll_busy);
  on_view(now, out);
}

void SensorRobot::on_view(Now now, RobotOutputs& out) {
  if (phase_ == Phase::ready) return watch_idle(now, out);
  if (phase_ != Phase::watching) return;
  if (view_.gripper && moves_vial(motion_.verb) && !std::exchange(gripped_, true)) {
    tell(RobotEventKind::gripped, "the gripper sensor closed", out);
  }
  if (!view_.ready && !left_ready_) {
    left_ready_ = true;
    phase_until_ = now.mono + limits_.motion_within;
    tell(RobotEventKind::accepted, "the machine is at work", out);
  }
  if (agreeing_ < kSensorRoundsAgreeing) return;
  if (view_.error) return settle(now, out);
  if (left_ready_ && view_.ready) settle(now, out);
}

// Empty when every sensor says what it must after this motion, and at least one changed.
std::string SensorRobot::contradiction() const {
  const bool should_hold = motion_.verb == RobotVerb::pick;
  if (view_.gripper != should_hold) {
    return should_hold ? "the gripper is empty after a pick" : "the gripper is still occupied";
  }
  if (view_.has_code && view_.code != motion_.expected_code) {
    return cat("expected code ", motion_.expected_code, ", the reader read \"",
               clip(view_.code, 64), "\"");
  }
  const bool changed = view_.gripper != before_.gripper || view_.transfer != before_.transfer;
  if (!changed && !view_.has_code) return "no sensor changed";
  return {};
}

void SensorRobot::settle(Now now, RobotOutputs& out) {
  const RobotVerb verb = motion_.verb;
  if (view_.error) {
    const std::string what =
        cat("the machine reports error ", view_.error_code, " at action ", view_.action);
    const bool in_gripper = view_.gripper && view_.has_code && view_.code == motion_.expected_code;
    const bool known = !moves_vial(verb) || in_gripper;
    return end(now, known ? RobotEventKind::failed : RobotEventKind::doubt, what, out);
  }
  if (is_scan(verb)) return end(now, RobotEventKind::scanned, "scanned", out);
  if (!moves_vial(verb)) return end(now, RobotEventKind::done, "done", out);
  const std::string fault = contradiction();
  if (!fault.empty()) {
    return end(now, RobotEventKind::doubt, cat("the machine is ready again, but ", fault), out);
  }
  if (operator_confirms_) {
    return end(now, RobotEventKind::doubt,
               "this machine cannot prove a motion; its sensors agree with it: a person confirms",
               out);
  }
  end(now, RobotEventKind::done, "the sensors agree with the motion", out);
}

void SensorRobot::resume(Now now, const RobotMotion& motion, JournaledMotion state,
                         RobotOutputs& out) {
  motion_ = motion;
  if (state == JournaledMotion::planned) {
    return end(now, RobotEventKind::not_delivered, "it was never sent", out);
  }
  end(now, RobotEventKind::doubt,
      "the service restarted in mid-motion and this machine keeps no sequence", out);
}

void SensorRobot::tell(RobotEventKind kind, std::string reason, RobotOutputs& out) {
  RobotEvent event;
  event.robot = device_;
  event.sequence = motion_.sequence;
  event.kind = kind;
  event.reason = std::move(reason);
  event.gripper_occupied = view_.gripper;
  event.error = static_cast<std::uint16_t>(std::clamp<std::int64_t>(view_.error_code, 0, 0xFFFF));
  if (left_ready_ && view_.has_code) event.observed_code = view_.code;
  if (kind == RobotEventKind::scanned) event.codes = {view_.code};
  out.events.push_back(std::move(event));
}

void SensorRobot::end(Now now, RobotEventKind kind, std::string reason, RobotOutputs& out) {
  if (kind == RobotEventKind::doubt) {
    doubt_ = robot_report(nullptr, motion_, now.mono - view_at_);
    doubt_.set("reason", reason);
    doubt_.set("robot", view_json(now));
  }
  tell(kind, std::move(reason), out);
  if (known_ && view_.has_code) seen_code_ = view_.code;
  differs_since_ = kNever;
  phase_ = Phase::ready;
  phase_until_ = kNever;
  steps_.clear();
  agreeing_ = 0;
  at_ = 0;
  next_poll_ = now.mono + limits_.poll_busy;
}

}  // namespace cryobank::devices
