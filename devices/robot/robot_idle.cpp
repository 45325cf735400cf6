// What the robot shows and nobody ordered: the half of Robot that looks at an idle machine.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "devices/robot/robot.hpp"
#include "devices/robot/robot_command.hpp"
#include "devices/robot/robot_report.hpp"

namespace cryobank::devices {
namespace {

// Motions written lately that are remembered: a gateway holds one command, rarely two.
constexpr std::size_t kRecentMax = 4;

}  // namespace

void Robot::pause(bool paused) {
  paused_ = paused;
  if (paused) return;
  // A person looked at it: what it shows from now on is the new beginning.
  if (held()) expect_.forget();
  doubt_ = Json();
  doubted_ = 0;
  unexplained_.clear();
  told_unexplained_.clear();
}

bool Robot::idle() const { return phase_ == Phase::ready && resumes_.empty() && !held(); }

void Robot::watch_idle(Now now, RobotOutputs& out) {
  if (!expect_.known() || explained_by_doubt()) return expect_.take(*status_);
  std::string shown = expect_.lasting_difference(now.mono, *status_);
  if (shown.empty() || told_unexplained_.find(shown) != std::string::npos) return;
  unexplained_ = std::move(shown);
  if (!asked(Ask::command_block)) ask(Ask::command_block, read_command_block(unit_), out);
}

// A motion in doubt may still end in either way: its vial is UNKNOWN already.
bool Robot::explained_by_doubt() const {
  if (doubted_ == 0 || status_->echo != doubted_) return false;
  const RobotMarks& was = *expect_.marks();
  return status_->completed == was.completed || status_->completed == was.completed + 1;
}

void Robot::tell_unexplained(Now now, const RobotCommand* command, RobotOutputs& out) {
  RobotEvent event;
  event.robot = device_;
  event.kind = RobotEventKind::unexplained;
  event.reason = std::exchange(unexplained_, {});
  event.gripper_occupied = status_->gripper_occupied;
  event.error = status_->error;
  const RobotMarks& was = *expect_.marks();
  const RobotMarks is = marks_of(*status_);
  if (is.echo != was.echo) event.sequence = is.echo;
  const bool read = is.hash_at_pick != was.hash_at_pick || is.hash_at_place != was.hash_at_place;
  if (read) event.observed_code = status_->code;
  if (const RobotMotion* ours = recent_motion(event.sequence)) {
    event.expected_code = ours->expected_code;
    event.source = ours->source;
    event.destination = ours->destination;
    event.reason += cat("; sequence ", ours->sequence,
                        " is a command of ours that was given up as never delivered");
  } else if (command != nullptr && event.sequence != 0 && command->sequence == event.sequence) {
    event.source = command->source;
    event.destination = command->destination;
  }
  doubt_ = robot_report(&*status_, {}, Duration{});
  doubt_.set("reason", event.reason).set("unexplained", to_json(event));
  keeps_memory_ = true;
  told_unexplained_ = event.reason;
  expect_.take(*status_);
  out.events.push_back(std::move(event));
  ask_status(now, out);
}

const RobotMotion* Robot::recent_motion(std::uint32_t sequence) const {
  const auto found = std::ranges::find(recent_, sequence, &RobotMotion::sequence);
  return sequence == 0 || found == recent_.end() ? nullptr : &*found;
}

void Robot::remember_motion(const RobotMotion& motion) {
  std::erase_if(recent_, [&](const RobotMotion& one) { return one.sequence == motion.sequence; });
  recent_.push_back(motion);
  if (recent_.size() > kRecentMax) recent_.pop_front();
}

// The end of a motion explains what the robot shows, unless it shows another's beside it.
void Robot::close_books(RobotEventKind end) {
  doubted_ = end == RobotEventKind::doubt ? motion_.motion.sequence : doubted_;
  if (!status_ || expect_.shows_another(*status_, motion_.motion.sequence)) return;
  expect_.take(*status_);
}

}  // namespace cryobank::devices
