#include "devices/robot/robot_judge.hpp"

#include "base/checksum.hpp"
#include "base/text.hpp"

namespace cryobank::devices {
namespace {

using Fault = robot_block::Fault;
using Kind = RobotVerdict::Kind;
using Refusal = robot_block::Refusal;
using State = robot_block::State;
using Step = robot_block::Step;

constexpr std::size_t kCodeShown = 64;

RobotVerdict doubt(std::string reason) { return {Kind::doubt, true, std::move(reason)}; }

bool takes_from_place(RobotVerb verb) {
  return verb == RobotVerb::pick || verb == RobotVerb::transfer;
}
bool puts_to_place(RobotVerb verb) {
  return verb == RobotVerb::place || verb == RobotVerb::transfer;
}

Echo echo_of(const RobotMotion& motion, const RobotStatus& status) {
  if (status.echo == motion.sequence) return Echo::ours;
  return status.echo < motion.sequence ? Echo::below : Echo::above;
}

std::string came(const RobotStatus& status) {
  return status.code.empty() ? "nothing" : cat("\"", clip(status.code, kCodeShown), "\"");
}

// Empty when the codes of this motion are what they should be at this status.
std::string code_fault(const RobotMotion& motion, const RobotStatus& status, bool at_place) {
  const std::uint32_t expected = fnv1a32(motion.expected_code);
  const std::uint32_t read = at_place ? status.hash_at_place : status.hash_at_pick;
  const std::string_view where = at_place ? "at place" : "at pick";
  if (read == 0) return cat("no code was read ", where);
  if (read != expected) {
    return cat("the code read ", where, " is not ", clip(motion.expected_code, kCodeShown),
               "; the reader last read ", came(status));
  }
  return {};
}

// The reader's last text belongs to the last reading of the motion, and must be the code itself.
std::string text_fault(const RobotMotion& motion, const RobotStatus& status) {
  if (status.code == motion.expected_code) return {};
  return cat("expected code ", clip(motion.expected_code, kCodeShown), ", the reader read ",
             came(status));
}

std::string count_fault(const OpenMotion& open, const RobotStatus& status) {
  if (!open.completed_before || status.completed == *open.completed_before + 1) return {};
  return cat("the count of completed motions went from ", *open.completed_before, " to ",
             status.completed, " instead of rising by one");
}

// Count, codes and gripper prove what was done; an error beside it contradicts rule R19, and people
// should know.
RobotVerdict done_as_shown(const RobotStatus& status) {
  if (status.error == 0) return {Kind::done, false, "done"};
  return {Kind::done, false,
          cat("done, though the robot shows an error beside it: ", describe_fault(status.error))};
}

RobotVerdict judge_done(const OpenMotion& open, const RobotStatus& status) {
  const RobotMotion& motion = open.motion;
  if (status.result != 1) return doubt(cat("done with result ", status.result));
  if (!moves_vial(motion.verb)) return done_as_shown(status);
  std::string fault = count_fault(open, status);
  if (fault.empty() && takes_from_place(motion.verb)) fault = code_fault(motion, status, false);
  if (fault.empty() && puts_to_place(motion.verb)) fault = code_fault(motion, status, true);
  if (fault.empty()) fault = text_fault(motion, status);
  const bool should_hold = motion.verb == RobotVerb::pick;
  if (fault.empty() && status.gripper_occupied != should_hold) {
    fault = should_hold ? "the gripper is empty after a pick" : "the gripper is still occupied";
  }
  if (!fault.empty()) return doubt(cat("the robot says done, but ", fault));
  return done_as_shown(status);
}

// Faults that contradict the record or the sensors themselves: where the vial is cannot be known.
bool leaves_doubt(std::uint16_t fault) {
  switch (static_cast<Fault>(fault)) {
    case Fault::source_empty:
    case Fault::code_mismatch:
    case Fault::code_unreadable:
    case Fault::dropped:
    case Fault::gripper_sensor:
      return true;
    case Fault::none:
    case Fault::destination_occupied:
    case Fault::jammed:
    case Fault::power_lost:
    case Fault::unknown_place:
      return false;
  }
  return true;  // a code of the robot's own, which nobody described
}

bool before_the_vial(Step step) { return step == Step::none || step == Step::to_source; }

RobotVerdict judge_failed(const OpenMotion& open, const RobotStatus& status) {
  const RobotMotion& motion = open.motion;
  const std::string what =
      cat("failed: ", describe_fault(status.error), " at step ", name_of(status.step));
  if (!moves_vial(motion.verb)) return {Kind::failed, false, what};
  if (leaves_doubt(status.error)) {
    return doubt(cat(what, "; the reader last read ", came(status)));
  }
  const bool occupied = status.gripper_occupied;
  if (motion.verb == RobotVerb::place) {
    if (occupied && status.step != Step::placed) {
      return {Kind::failed, false, cat(what, "; the vial is still in the gripper")};
    }
    return doubt(cat(what, "; the gripper is ", occupied ? "occupied" : "empty"));
  }
  if (!occupied && before_the_vial(status.step)) {
    return {Kind::failed, false, cat(what, "; the vial was not taken")};
  }
  if (occupied && !before_the_vial(status.step) && status.step != Step::placed) {
    const std::string fault = code_fault(motion, status, false);
    if (fault.empty()) return {Kind::failed, false, cat(what, "; the vial is in the gripper")};
    return doubt(cat(what, "; ", fault));
  }
  return doubt(cat(what, "; the gripper is ", occupied ? "occupied" : "empty"));
}

RobotVerdict judge_holding(const OpenMotion& open, const RobotStatus& status) {
  const RobotMotion& motion = open.motion;
  if (!takes_from_place(motion.verb) || before_the_vial(status.step)) {
    return {Kind::accepted, false, "accepted"};
  }
  if (status.hash_at_pick == 0) return {Kind::accepted, false, "accepted"};
  const std::string fault = code_fault(motion, status, false);
  if (!fault.empty()) return doubt(fault);
  return {Kind::holding, false, "in the gripper, code read"};
}

// A robot that never took a motion shows the same as before it. What it shows beside that outweighs
// that it does not know the motion: it may have lost its memory with the vial in its gripper.
std::string sign_of_motion(const OpenMotion& open, const RobotStatus& status) {
  if (open.was_taken) return "it had taken the motion and does not know it any more";
  if (!moves_vial(open.motion.verb)) return {};
  if (takes_from_place(open.motion.verb) && status.gripper_occupied) {
    return "its gripper, which was empty, is occupied";
  }
  if (open.motion.verb == RobotVerb::place && !status.gripper_occupied) {
    return "its gripper, which was occupied, is empty";
  }
  if (open.completed_before && status.completed != *open.completed_before) {
    return cat("its count of completed motions went from ", *open.completed_before, " to ",
               status.completed);
  }
  if (!open.marks_before) return {};
  const RobotMarks& before = *open.marks_before;
  if (status.epoch < before.epoch) {
    return cat("its highest epoch fell from ", before.epoch, " to ", status.epoch);
  }
  const std::uint32_t epoch = open.motion.epoch.value;
  const bool refused_ours = status.refused_sequence == open.motion.sequence;
  if (before.epoch < epoch && status.epoch == epoch && !refused_ours) {
    return cat("it shows epoch ", epoch, ", which only this motion brought");
  }
  if (status.echo != before.echo) {
    return cat("the sequence that it took last went from ", before.echo, " to ", status.echo);
  }
  const bool read = (status.hash_at_pick != before.hash_at_pick && status.hash_at_pick != 0) ||
                    (status.hash_at_place != before.hash_at_place && status.hash_at_place != 0);
  return read ? cat("it read the code ", came(status)) : std::string();
}

// The robot says why it will never carry out this sequence.
std::optional<RobotVerdict> judge_refusal(const RobotMotion& motion, const RobotStatus& status) {
  if (status.refusal == Refusal::none || status.refused_sequence != motion.sequence) return {};
  const std::string reason = cat("the robot refused it: ", name_of(status.refusal));
  switch (status.refusal) {
    case Refusal::none:
      return {};
    case Refusal::crc:
    case Refusal::busy:
    case Refusal::not_automatic:
    case Refusal::interlocked:
    case Refusal::master_silent:
      return RobotVerdict{Kind::not_delivered, true, reason};
    case Refusal::epoch_too_low:
    case Refusal::unknown_place:
    case Refusal::unknown_verb:
      return RobotVerdict{Kind::failed, true, reason};
    case Refusal::sequence_not_higher:
      return doubt(reason);
  }
  return {};
}

}  // namespace

RobotMarks marks_of(const RobotStatus& status) {
  return {status.echo,  status.last_done,    status.completed,
          status.epoch, status.hash_at_pick, status.hash_at_place};
}

bool moves_vial(RobotVerb verb) { return takes_from_place(verb) || puts_to_place(verb); }

bool is_scan(RobotVerb verb) {
  return verb == RobotVerb::scan_position || verb == RobotVerb::scan_rack;
}

RobotVerdict judge(const OpenMotion& open, JournaledMotion journaled, const RobotStatus& status) {
  const Echo echo = echo_of(open.motion, status);
  const RecoveryView view{journaled, echo, status.state, status.last_done == open.motion.sequence,
                          status.gripper_occupied};
  switch (recover(view)) {
    case Recovery::wait:
      return {Kind::wait, false, cat("the robot is ", name_of(status.state))};
    case Recovery::accepted:
      return {Kind::accepted, false, "accepted"};
    case Recovery::holding:
      return judge_holding(open, status);
    case Recovery::check_done:
      return judge_done(open, status);
    case Recovery::check_failed:
      return judge_failed(open, status);
    case Recovery::not_delivered:
      if (const std::string sign = sign_of_motion(open, status);
          journaled != JournaledMotion::planned && !sign.empty()) {
        return doubt(cat("the robot does not know the motion, but ", sign));
      }
      if (auto refusal = judge_refusal(open.motion, status)) return *refusal;
      return {Kind::not_delivered, true,
              cat("the robot's last taken sequence is ", status.echo, ", below ",
                  open.motion.sequence)};
    case Recovery::doubt:
      return doubt(cat("the robot is ", name_of(status.state), " with sequence ", status.echo,
                       " taken and ", status.last_done, " done, ours is ", open.motion.sequence));
  }
  return doubt("unknown");
}

}  // namespace cryobank::devices
