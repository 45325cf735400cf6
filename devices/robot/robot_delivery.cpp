// Was the command delivered? What Robot concludes of a motion that the robot does not show.
#include "base/text.hpp"
#include "devices/robot/robot.hpp"
#include "devices/robot/robot_command.hpp"

namespace cryobank::devices {

// A robot remembers a higher epoch whatever becomes of the command that brought it (rule R9 of
// docs/registers.md), unless it refused the block as such, and then it says so. One that answered
// the write and shows a lower epoch with nothing refused lost its memory after it, and whatever it
// did before with it. It is noticed so even where it had nothing else to lose.
//   write answered   moves the vial, power and memory gone   echo 0, epoch 0, refusal 0
// What an earlier run wrote may have been answered. There a robot proves that it remembers by what
// it showed before and shows still; one that had nothing to show yet, or of which nothing is on
// record, proves nothing.
bool Robot::forgot_what_it_received() const {
  if (!moves_vial(motion_.motion.verb) || status_->epoch >= motion_.motion.epoch.value) {
    return false;
  }
  if (written_) return answered_;
  const auto& before = motion_.marks_before;
  return !before || (before->echo == 0 && before->epoch == 0);
}

// Before it is said: a command that lies in the robot's registers was delivered, and a robot that
// only has not looked at it may still do so.
void Robot::never_delivered(Now now, const std::string& reason, RobotOutputs& out) {
  if (journaled_ == JournaledMotion::planned) {
    return end(now, RobotEventKind::not_delivered, "it was never sent", out);
  }
  if (exception_) {
    return end(now, RobotEventKind::failed,
               cat(write_answer_, ": the machine refuses the command block"), out);
  }
  const bool refused = status_->refused_sequence == motion_.motion.sequence &&
                       status_->refusal != robot_block::Refusal::none;
  if (!refused && was_absent_ && forgot_what_it_received()) {
    return end(now, RobotEventKind::doubt,
               cat("the robot ", written_ ? "received" : "may have received",
                   " the motion and shows no epoch of it: its highest is ", status_->epoch,
                   ", the motion's was ", motion_.motion.epoch.value,
                   "; it lost its memory, and may have moved the vial before"),
               out);
  }
  if (refused || was_absent_) return end(now, RobotEventKind::not_delivered, reason, out);
  if (command_lies_there_ || asked(Ask::command_block)) return;
  ask(Ask::command_block, read_command_block(unit_), out);
}

void Robot::on_command_block(Now now, const ModbusReply& reply, RobotOutputs& out) {
  if (phase_ == Phase::ready && !unexplained_.empty()) {
    const Result<RobotCommand> command = reply.kind == ReplyKind::ok
                                             ? decode_robot_command(reply.values)
                                             : make_error(ErrorCode::unavailable, "");
    return tell_unexplained(now, command ? &*command : nullptr, out);
  }
  if (phase_ != Phase::watching) return;
  if (refuses(reply)) {
    was_absent_ = true;  // write-only registers: the statuses alone must do
  } else if (reply.kind == ReplyKind::ok) {
    const Result<RobotCommand> command = decode_robot_command(reply.values);
    command_lies_there_ = command.ok() && command->sequence == motion_.motion.sequence;
    was_absent_ = !command_lies_there_;
  }
  ask_status(now, out);
}

}  // namespace cryobank::devices
