#include "devices/robot/robot.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/robot/robot_command.hpp"
#include "devices/robot/robot_report.hpp"

namespace cryobank::devices {
namespace {

using Kind = RobotVerdict::Kind;

Error forbidden_now(std::string text) { return make_error(ErrorCode::interlock, std::move(text)); }

}  // namespace

Robot::Robot(DeviceIndex device, std::uint8_t unit, Epoch epoch, RobotLimits limits, bool unit_word)
    : device_(device),
      unit_(unit),
      epoch_(epoch),
      limits_(limits),
      unit_word_(unit_word),
      evidence_(limits.evidence) {}

void Robot::begin(Now now, RobotOutputs& out) {
  // Told in an earlier run; whether the record took it before that ended is not known here.
  if (doubt_["unexplained"].is_object()) {
    out.events.push_back(*unexplained_of("an unexplained motion", device_, doubt_["unexplained"]));
  }
  ask_status(now, out);
}

void Robot::on_reply(Now now, std::uint32_t tag, const ModbusReply& reply, RobotOutputs& out) {
  const auto* const found = std::find(std::begin(open_), std::end(open_), tag);
  if (tag == 0 || found == std::end(open_)) return;
  const auto what = static_cast<Ask>(found - std::begin(open_));
  open_[static_cast<std::size_t>(what)] = 0;
  switch (what) {
    case Ask::status:
      return on_status(now, reply, out);
    case Ask::heartbeat:
    case Ask::clear:  // whether it cleared, the next status tells
      return;
    case Ask::command:
      return on_command_reply(now, reply, out);
    case Ask::command_block:
      return on_command_block(now, reply, out);
    case Ask::scan:
      return on_scan(now, reply, out);
  }
}

void Robot::on_deadline(Now now, RobotOutputs& out) {
  if (now.mono >= phase_until_) pass_bound(now, out);
  if (now.mono >= next_heartbeat_) write_heartbeat(now, out);
  if (now.mono >= next_poll_) {
    if (phase_ == Phase::clearing && !asked(Ask::clear)) write_clear(out);
    if (phase_ == Phase::reading && !scan_.complete() && !asked(Ask::scan)) ask_scan(out);
    ask_status(now, out);
  }
}

Instant Robot::next_deadline() const {
  return std::min({next_poll_, next_heartbeat_, phase_until_});
}

Status Robot::believable(Instant now) const {
  if (!status_) {
    return make_error(ErrorCode::unavailable,
                      last_fault_.empty() ? "the robot has not answered yet" : last_fault_);
  }
  if (!last_fault_.empty()) return make_error(ErrorCode::unavailable, last_fault_);
  if (!evidence_.fresh(now)) {
    return make_error(ErrorCode::unavailable,
                      "the robot's heartbeat stands still: its program may be dead");
  }
  return {};
}

Status Robot::may_move(Now now, const RobotMotion& motion) const {
  if (motion.sequence == 0 || (moves_vial(motion.verb) && motion.expected_code.empty())) {
    return make_error(ErrorCode::invalid_value,
                      "a motion needs a sequence, and the code of the vial that it moves");
  }
  if (held()) {
    return forbidden_now(
        doubt_.has("unexplained")
            ? "the robot did what nobody ordered, and nobody released it"
            : "the robot's last motion ended in doubt and nobody released the robot");
  }
  if (!idle()) return forbidden_now("the robot has a motion open");
  if (paused_) return forbidden_now("the robot is paused");
  TRY(believable(now.mono));
  if (const std::string shown = expect_.difference(*status_); !shown.empty()) {
    return forbidden_now(cat("the robot shows what nobody ordered: ", shown));
  }
  return ready_for(*status_, motion, epoch_);
}

void Robot::intend(const RobotMotion& motion) {
  CHECK(status_);
  sent_ = Sent{motion.sequence, status_->completed};
  expect_.take(*status_);
  keeps_memory_ = true;
}

Status Robot::start(Now now, const RobotMotion& motion, RobotOutputs& out) {
  TRY(may_move(now, motion));
  motion_ = {motion, status_->completed, marks_of(*status_), false};
  journaled_ = JournaledMotion::issued;
  written_ = true;
  accepted_ = gripped_ = false;
  write_answer_.clear();
  answered_ = exception_ = command_lies_there_ = was_absent_ = false;
  evidence_.forget_verdicts();
  if (!latches(*status_)) {
    write_command(now, out);
    return {};
  }
  phase_ = Phase::clearing;
  phase_until_ = now.mono + limits_.clear_within;
  write_clear(out);
  ask_status(now, out);
  return {};
}

void Robot::resume(Now now, const RobotMotion& motion, JournaledMotion state, RobotOutputs& out) {
  resumes_.emplace_back(motion, state);
  if (phase_ == Phase::ready) open_next_resume(now);
  ask_status(now, out);
}

void Robot::ask(Ask what, ModbusRequest request, RobotOutputs& out) {
  const std::uint32_t tag = next_tag_++;
  if (next_tag_ == 0) next_tag_ = 1;
  open_[static_cast<std::size_t>(what)] = tag;
  const bool is_write = request.kind != ModbusRequest::Kind::read;
  out.requests.push_back({tag, is_write, what == Ask::command, std::move(request)});
}

void Robot::ask_status(Now now, RobotOutputs& out) {
  next_poll_ = now.mono + (phase_ == Phase::ready ? limits_.poll_idle : limits_.poll_busy);
  if (asked(Ask::status)) return;
  status_before_write_ = asked(Ask::command);
  ask(Ask::status, read_status(unit_, unit_word_), out);
}

void Robot::ask_scan(RobotOutputs& out) { ask(Ask::scan, scan_.next(unit_), out); }

void Robot::write_heartbeat(Now now, RobotOutputs& out) {
  next_heartbeat_ = now.mono + limits_.heartbeat;
  if (asked(Ask::heartbeat)) return;
  ++master_beat_;
  ask(Ask::heartbeat, devices::write_heartbeat(unit_, master_beat_, paused_), out);
}

void Robot::write_clear(RobotOutputs& out) {
  const std::uint32_t latched = status_->last_done != 0 ? status_->last_done : status_->echo;
  ask(Ask::clear, devices::write_clear(unit_, latched), out);
}

void Robot::write_command(Now now, RobotOutputs& out) {
  CHECK(status_ && journaled_ == JournaledMotion::issued);  // else nobody could look for it
  phase_ = Phase::writing;
  phase_until_ = now.mono + limits_.accept_within;
  motion_.completed_before = status_->completed;
  motion_.marks_before = marks_of(*status_);
  remember_motion(motion_.motion);
  sent_ = Sent{motion_.motion.sequence, status_->completed};
  evidence_.forget_verdicts();
  ask(Ask::command, write_motion(unit_, motion_.motion), out);
  status_before_write_ = true;
}

void Robot::on_status(Now now, const ModbusReply& reply, RobotOutputs& out) {
  const bool before_write = status_before_write_;
  status_before_write_ = false;
  if (reply.kind != ReplyKind::ok) {
    last_fault_ = cat("the robot gives ", describe(reply));
    return;
  }
  Result<RobotStatus> status = decode_robot_status(reply.values);
  if (!status) {
    last_fault_ = status.error().context;
    return;
  }
  if (unit_word_ && status->unit != unit_) {
    last_fault_ = cat("the status block is that of unit ", status->unit);
    return;
  }
  last_fault_.clear();
  status_ = std::move(*status);
  status_at_ = now.mono;
  evidence_.beat(now.mono, status_->heartbeat);
  if (next_heartbeat_ == kNever) write_heartbeat(now, out);
  if (!evidence_.fresh(now.mono) || before_write) return;
  if (phase_ == Phase::clearing) go_on_clearing(now, out);
  if (phase_ == Phase::watching) watch(now, out);
  if (phase_ == Phase::reading && scan_.complete()) {
    const bool still_ours = status_->last_done == motion_.motion.sequence;
    end(now, still_ours ? RobotEventKind::scanned : RobotEventKind::doubt,
        still_ours ? "scanned" : "the scan's result was replaced while it was read", out);
  }
  if (phase_ == Phase::ready) watch_idle(now, out);
}

void Robot::go_on_clearing(Now now, RobotOutputs& out) {
  if (latches(*status_)) return;
  if (paused_) return end(now, RobotEventKind::not_delivered, "the robot was paused", out);
  if (const Status status = ready_for(*status_, motion_.motion, epoch_); !status) {
    return end(now, RobotEventKind::not_delivered, status.error().context, out);
  }
  write_command(now, out);
}

void Robot::on_command_reply(Now now, const ModbusReply& reply, RobotOutputs& out) {
  if (phase_ != Phase::writing) return;
  phase_ = Phase::watching;
  write_answer_ = cat("the write ended with ", describe(reply));
  exception_ = refuses(reply);
  answered_ = reply.kind == ReplyKind::ok;
  if (!reply.sent) {
    return end(now, RobotEventKind::not_delivered, "the command never left this machine", out);
  }
  status_before_write_ = asked(Ask::status);
  ask_status(now, out);
}

void Robot::watch(Now now, RobotOutputs& out) {
  const bool ours = status_->echo == motion_.motion.sequence;
  motion_.was_taken = motion_.was_taken || ours;
  const RobotVerdict verdict = judge(motion_, journaled_, *status_);
  const bool unproven = verdict.kind == Kind::accepted || verdict.kind == Kind::doubt;
  if (ours && unproven && status_->gripper_occupied && moves_vial(motion_.motion.verb) &&
      !std::exchange(gripped_, true)) {
    tell(RobotEventKind::gripped, "the gripper sensor closed", out);
  }
  if (!evidence_.believe(now.mono, verdict)) return;
  act_on(now, verdict, out);
}

void Robot::act_on(Now now, const RobotVerdict& verdict, RobotOutputs& out) {
  switch (verdict.kind) {
    case Kind::wait:
      return;
    case Kind::accepted:
    case Kind::holding: {
      if (!accepted_) {
        accepted_ = true;
        phase_until_ = now.mono + limits_.bound_of(motion_.motion.verb);
        tell(RobotEventKind::accepted, "the robot took the motion", out);
      }
      if (verdict.kind == Kind::holding && journaled_ != JournaledMotion::holding) {
        journaled_ = JournaledMotion::holding;
        tell(RobotEventKind::holding, verdict.reason, out);
      }
      return;
    }
    case Kind::done:
      if (is_scan(motion_.motion.verb)) return begin_reading(now, out);
      return end(now, RobotEventKind::done, verdict.reason, out);
    case Kind::not_delivered:
      return never_delivered(now, verdict.reason, out);
    case Kind::failed:
      return end(now, RobotEventKind::failed, verdict.reason, out);
    case Kind::doubt:
      return end(now, RobotEventKind::doubt, verdict.reason, out);
  }
}

void Robot::begin_reading(Now now, RobotOutputs& out) {
  phase_ = Phase::reading;
  phase_until_ = now.mono + limits_.read_within;
  scan_.begin();
  ask_scan(out);
}

void Robot::on_scan(Now now, const ModbusReply& reply, RobotOutputs& out) {
  if (phase_ != Phase::reading) return;
  if (!scan_.take(reply)) return;  // asked again with the next poll, until the phase's bound
  if (!scan_.complete()) return ask_scan(out);
  status_before_write_ = asked(Ask::status);  // the status that confirms it must be a later one
  ask_status(now, out);
}

void Robot::tell(RobotEventKind kind, std::string reason, RobotOutputs& out) {
  RobotEvent event;
  event.robot = device_;
  event.sequence = motion_.motion.sequence;
  event.kind = kind;
  event.reason = std::move(reason);
  if (status_) {
    const bool read_any = status_->hash_at_pick != 0 || status_->hash_at_place != 0;
    const bool took_it = status_->echo == motion_.motion.sequence;
    if (took_it && read_any && moves_vial(motion_.motion.verb)) event.observed_code = status_->code;
    event.gripper_occupied = status_->gripper_occupied;
    event.error = status_->error;
  }
  if (kind == RobotEventKind::scanned) event.codes = scan_.codes();
  out.events.push_back(std::move(event));
}

void Robot::end(Now now, RobotEventKind kind, std::string reason, RobotOutputs& out) {
  CHECK(phase_ != Phase::ready);  // a motion ends once
  if (written_ && !write_answer_.empty() && kind == RobotEventKind::doubt) {
    reason += cat(" (", write_answer_, ")");
  }
  if (kind == RobotEventKind::doubt) {
    doubt_ = robot_report(status_ ? &*status_ : nullptr, motion_.motion, now.mono - status_at_);
    doubt_.set("reason", reason);
    keeps_memory_ = true;
  }
  tell(kind, std::move(reason), out);
  close_books(kind);
  phase_ = Phase::ready;
  phase_until_ = kNever;
  written_ = false;
  evidence_.forget_verdicts();
  if (!resumes_.empty()) open_next_resume(now);
}

// Motions of the last run are settled one after the other, also those behind one in doubt.
void Robot::open_next_resume(Now now) {
  motion_ = {resumes_.front().first, {}, {}, false};
  journaled_ = resumes_.front().second;
  resumes_.pop_front();
  if (sent_ && sent_->sequence == motion_.motion.sequence) {
    motion_.completed_before = sent_->completed;
    if (expect_.known()) motion_.marks_before = *expect_.marks();
  }
  written_ = false;
  accepted_ = gripped_ = false;
  answered_ = exception_ = command_lies_there_ = was_absent_ = false;
  write_answer_.clear();
  phase_ = Phase::watching;
  phase_until_ = now.mono + limits_.bound_of(motion_.motion.verb);
}

void Robot::pass_bound(Now now, RobotOutputs& out) {
  if (phase_ == Phase::watching && journaled_ == JournaledMotion::planned) {
    return end(now, RobotEventKind::not_delivered, "it was never sent", out);
  }
  const std::string why =
      why_no_proof(status_ ? &*status_ : nullptr, last_fault_, evidence_.fresh(now.mono));
  switch (phase_) {
    case Phase::ready:
      phase_until_ = kNever;
      return;
    case Phase::clearing:
      return end(now, RobotEventKind::not_delivered,
                 cat("the robot did not clear its last motion in time: ", why), out);
    case Phase::writing:
    case Phase::watching:
      return end(now, RobotEventKind::doubt,
                 cat(accepted_ ? "no end of the motion in time: " : "no answer in time: ", why,
                     command_lies_there_ ? "; the command lies in its registers" : ""),
                 out);
    case Phase::reading:
      return end(now, RobotEventKind::failed, cat("the scan's result cannot be read: ", why), out);
  }
}

}  // namespace cryobank::devices
