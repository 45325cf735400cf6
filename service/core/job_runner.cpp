#include "service/core/job_runner.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/robot/robot_driver.hpp"
#include "service/core/recovery_guide.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kUnknown = "vial-unknown";
constexpr std::string_view kJobFailed = "job-failed";
constexpr std::string_view kBlocked = "motion-blocked";
constexpr std::string_view kContradiction = "record-contradiction";

bool in_flight(inventory::MoveState state) {
  return state == inventory::MoveState::issued || state == inventory::MoveState::holding;
}

}  // namespace

JobRunner::JobRunner(Bank& bank, Recorder& recorder, AlarmDesk& alarms)
    : bank_(bank), recorder_(recorder), alarms_(alarms), warm_(bank, alarms) {
  for (std::uint32_t d = 0; d < bank.config.devices.size(); ++d) {
    if (bank.config.devices[d].kind != config::DeviceKind::robot) continue;
    RobotWork robot;
    robot.index = {d};
    robot.id = bank.config.devices[d].id;
    robots_.push_back(std::move(robot));
  }
}

Status JobRunner::load_row(std::string_view key, std::string_view) {
  const std::string_view id = key.substr(std::string_view("m/robot/").size());
  for (RobotWork& robot : robots_) {
    if (robot.id.str() == id) robot.paused = true;
  }
  return {};  // a robot that was taken out of the configuration
}

JobRunner::RobotWork* JobRunner::find(const DeviceId& id) {
  const auto found = std::ranges::find(robots_, id, &RobotWork::id);
  return found == robots_.end() ? nullptr : &*found;
}

void JobRunner::start(const Now& now) {
  for (RobotWork& robot : robots_) {
    if (robot.paused) static_cast<void>(bank_.fleet.pause_robot(robot.index, true));
    forget_older_motions(robot);
    // Alarms of an earlier run; what still stands is told again.
    alarms_.clear(now, robot.id.str(), kBlocked);
  }
  for (const JobId& id : inventory::retained_jobs(bank_.ledger)) {
    const inventory::Job* job = bank_.ledger.find_job(id);
    if (job && job->state == inventory::JobState::unknown) settling_.insert(id);
  }
  dirty_ = true;
  wake(now);
}

void JobRunner::wake(const Now& now) {
  if (!dirty_) return;
  dirty_ = false;
  for (RobotWork& robot : robots_) {
    if (robot.phase == Phase::idle) try_start(now, robot);
  }
  expect_grippers();
  warm_.look(now);
}

Result<devices::RobotMotion> JobRunner::motion_for(const inventory::Job& job,
                                                   std::size_t move) const {
  const inventory::Move& planned = job.moves[move];
  TRY_ASSIGN(auto from,
             inventory::robot_location(bank_.ledger, planned.from, planned.from_position));
  TRY_ASSIGN(auto to, inventory::robot_location(bank_.ledger, planned.to, planned.to_position));
  devices::RobotMotion motion;
  motion.source = from;
  if (job.kind == inventory::JobKind::scan) {
    motion.verb = devices::RobotVerb::scan_rack;
    return motion;
  }
  motion.verb = devices::RobotVerb::transfer;
  motion.destination = to;
  motion.expected_code = planned.code;
  return motion;
}

void JobRunner::try_start(const Now& now, RobotWork& robot) {
  CHECK(robot.phase == Phase::idle);  // one motion of a robot at a time
  const Next next = next_move(now, robot);
  if (!next.job) {
    robot.open = {};
    return unblocked(now, robot);
  }
  if (in_flight(next.job->moves[next.move].state)) return resume(now, robot, next);
  if (stopping_) robot.retry_at = {};
  if (stopping_ || now.mono < robot.retry_at) return;
  if (!recorder_.healthy()) {
    return blocked(now, robot, make_error(ErrorCode::unavailable, "the record cannot be written"));
  }
  const char* const held = bank_.doubled(now.mono) ? "a second daemon of this site runs"
                           : robot.paused          ? "the robot is paused by a person"
                                                   : nullptr;
  if (held != nullptr) return blocked(now, robot, make_error(ErrorCode::interlock, held));
  Result<devices::RobotMotion> motion = motion_for(*next.job, next.move);
  if (!motion) return blocked(now, robot, motion.error());
  motion->sequence = inventory::next_sequence(bank_.ledger, robot.id);
  motion->epoch = bank_.epoch;
  const Status allowed = inventory::may_issue(bank_.ledger, next.job->id, next.move);
  if (!allowed) return blocked(now, robot, allowed.error());
  const Status free = bank_.fleet.intend_motion(now, robot.index, *motion);
  if (!free) return blocked(now, robot, free.error());
  unblocked(now, robot);
  robot.job = next.job->id;
  robot.move = next.move;
  robot.motion = std::move(*motion);
  const std::string rack = queued(*next.job, next.move).rack;
  robot.open.made = rack == robot.open.rack ? robot.open.made + 1 : 1;
  robot.open.rack = rack;
  robot.phase = Phase::committing_intent;
  commit(
      robot, JobStep::issued,
      inventory::move_issued(robot.job, robot.move, robot.motion.sequence, bank_.epoch, now.wall));
}

void JobRunner::resume(const Now& now, RobotWork& robot, const Next& next) {
  const inventory::Move& move = next.job->moves[next.move];
  robot.job = next.job->id;
  robot.move = next.move;
  Result<devices::RobotMotion> motion = motion_for(*next.job, next.move);
  if (!motion) {
    outcome(now, robot, JobStep::unknown,
            inventory::move_unknown(robot.job, robot.move, "", motion.error().context, now.wall));
    return;
  }
  robot.motion = std::move(*motion);
  robot.motion.sequence = move.sequence;
  robot.motion.epoch = Epoch{move.epoch};
  robot.phase = Phase::moving;
  const bool holding = move.state == inventory::MoveState::holding;
  bank_.fleet.resume_motion(
      now, robot.index, robot.motion,
      holding ? devices::JournaledMotion::holding : devices::JournaledMotion::issued,
      bank_.fleet_out);
}

void JobRunner::commit(RobotWork& robot, JobStep step, Fact fact) {
  JobWork work;
  work.job = robot.job;
  work.move = robot.move;
  work.step = step;
  work.fact = std::move(fact);
  const inventory::Job* job = bank_.ledger.find_job(robot.job);
  if (job) {
    work.command = job->command;
    work.by = job->by;
  }
  recorder_.add(std::move(work));
}

void JobRunner::outcome(const Now& now, RobotWork& robot, JobStep step, Fact fact) {
  CHECK(robot.phase == Phase::idle || robot.phase == Phase::moving);  // it has one outcome
  robot.phase = Phase::committing_outcome;
  if (step == JobStep::done) warm_.arrived(robot.id);
  warm_.look(now);
  commit(robot, step, std::move(fact));
}

void JobRunner::on_event(const Now& now, const devices::RobotEvent& event, Effects& effects) {
  const auto found = std::ranges::find(robots_, event.robot, &RobotWork::index);
  if (found == robots_.end()) return;
  RobotWork& robot = *found;
  if (event.kind == devices::RobotEventKind::unexplained) return unexplained(now, robot, event);
  if (robot.phase != Phase::moving || event.sequence != robot.motion.sequence) {
    log(effects, LogLevel::warning,
        cat("robot ", robot.id.str(), " told ", devices::name_of(event.kind), " of motion ",
            event.sequence, ", which is not under way"));
    return;
  }
  switch (event.kind) {
    case devices::RobotEventKind::accepted:
    case devices::RobotEventKind::unexplained:
      return;
    case devices::RobotEventKind::gripped:
      warm_.gripped(now, robot.id);
      return;
    case devices::RobotEventKind::holding:
    case devices::RobotEventKind::done:
      if (event.error != 0)
        log(effects, LogLevel::warning, cat(robot.id.str(), ": ", event.reason));
      return proved(now, robot, event);
    case devices::RobotEventKind::scanned:
      return scans(robot) ? scanned(now, robot, event) : proved(now, robot, event);
    case devices::RobotEventKind::not_delivered:
      return outcome(now, robot, JobStep::not_delivered,
                     inventory::move_not_delivered(robot.job, robot.move, now.wall));
    case devices::RobotEventKind::failed:
      warn(now, robot.job.str(), kJobFailed,
           cat(robot.id.str(), ", ", vial_of(robot), ": ", event.reason),
           "Read the robot's message, settle the job and store or move the vials anew.");
      return outcome(now, robot, JobStep::failed,
                     inventory::move_failed(robot.job, robot.move, event.gripper_occupied,
                                            event.reason, now.wall));
    case devices::RobotEventKind::doubt:
      return doubted(now, robot, event);
  }
}

std::string JobRunner::vial_of(const RobotWork& robot) const {
  const inventory::Job* job = bank_.ledger.find_job(robot.job);
  if (!job || robot.move >= job->moves.size() || job->moves[robot.move].aliquot.empty()) {
    return "no vial";
  }
  return cat("aliquot ", job->moves[robot.move].aliquot.str());
}

bool JobRunner::scans(const RobotWork& robot) const {
  const inventory::Job* job = bank_.ledger.find_job(robot.job);
  return job && job->kind == inventory::JobKind::scan;
}

// A scan moves nothing: what it could not prove is done again, not searched for.
void JobRunner::doubted(const Now& now, RobotWork& robot, const devices::RobotEvent& event) {
  if (scans(robot)) {
    warn(now, robot.job.str(), kJobFailed, cat(robot.id.str(), ", a scan: ", event.reason),
         "Nothing was moved. Look at the robot, resume it and order the scan again.");
    return outcome(now, robot, JobStep::failed,
                   inventory::move_failed(robot.job, robot.move, event.gripper_occupied,
                                          event.reason, now.wall));
  }
  outcome(
      now, robot, JobStep::unknown,
      inventory::move_unknown(robot.job, robot.move, event.observed_code, event.reason, now.wall));
}

void JobRunner::scanned(const Now& now, RobotWork& robot, const devices::RobotEvent& event) {
  std::vector<inventory::ReadCode> codes;
  for (const std::string& code : event.codes) {
    const bool unread = code == devices::kUnreadableCode;
    codes.push_back({unread, unread ? std::string() : code});
  }
  outcome(now, robot, JobStep::done,
          inventory::rack_scanned(robot.job, robot.move, codes, now.wall));
}

// The record takes only a proof: the very code that was expected. Anything else is a doubt.
void JobRunner::proved(const Now& now, RobotWork& robot, const devices::RobotEvent& event) {
  std::string code = event.observed_code;
  if (code.empty() && !event.codes.empty()) code = event.codes.front();
  if (code != robot.motion.expected_code) {
    const std::string reason =
        cat("expected code ", robot.motion.expected_code, ", the robot read ",
            code.empty() ? std::string("nothing") : clip(code, 64));
    outcome(now, robot, JobStep::unknown,
            inventory::move_unknown(robot.job, robot.move, code, reason, now.wall));
    return;
  }
  if (event.kind == devices::RobotEventKind::holding) {
    warm_.gripped(now, robot.id);
    commit(robot, JobStep::holding, inventory::move_holding(robot.job, robot.move, code, now.wall));
    return;
  }
  outcome(now, robot, JobStep::done, inventory::move_done(robot.job, robot.move, code, now.wall));
}

void JobRunner::on_recorded(const Now& now, const Recorded& recorded, const Status& status) {
  const JobWork& work = std::get<JobWork>(recorded.work);
  const auto found = std::ranges::find_if(
      robots_, [&work](const RobotWork& robot) { return robot.job == work.job; });
  dirty_ = true;
  if (found == robots_.end()) return;
  RobotWork& robot = *found;
  if (work.step == JobStep::issued) {
    CHECK(robot.phase == Phase::committing_intent);  // else the motion would start twice
    if (!status || !recorded.contradiction) {
      robot.phase = Phase::idle;
      robot.retry_at = now.mono + kBlockedRetry;
      return;
    }
    robot.phase = Phase::moving;
    const Status sent = bank_.fleet.start_motion(now, robot.index, robot.motion, bank_.fleet_out);
    if (sent) return;
    robot.retry_at = now.mono + kBlockedRetry;
    outcome(now, robot, JobStep::not_delivered,
            inventory::move_not_delivered(robot.job, robot.move, now.wall));
    return;
  }
  if (!recorded.contradiction) {
    warn(
        now, robot.id.str(), kContradiction, recorded.contradiction.error().context,
        "The record could not take what the robot proved. Pause the robot, look where the vial is, "
        "and correct the record.");
    robot.paused = true;
    static_cast<void>(bank_.fleet.pause_robot(robot.index, true));
  }
  if (work.step == JobStep::holding) return;
  CHECK(robot.phase == Phase::committing_outcome);
  robot.phase = Phase::idle;
  warm_.settled(robot.id);
}

void JobRunner::on_job(const Now& now, const JobId& id) {
  dirty_ = true;
  const inventory::Job* job = bank_.ledger.find_job(id);
  const bool unknown = job && job->state == inventory::JobState::unknown;
  const bool failed = job && job->state == inventory::JobState::failed;
  if (unknown && settling_.insert(id).second) tell_unknown(now, *job);
  if (failed) release_settled(*job);
  if (!unknown) alarms_.clear(now, id.str(), kUnknown);
  if (!unknown && !failed) alarms_.clear(now, id.str(), kJobFailed);
}

// By whatever fact its vials became UNKNOWN.
void JobRunner::tell_unknown(const Now& now, const inventory::Job& job) {
  std::string vials;
  std::string reason;
  for (const inventory::Move& move : job.moves) {
    if (move.state != inventory::MoveState::unknown) continue;
    vials += cat(vials.empty() ? "" : ", ", move.aliquot.str());
    if (reason.empty()) reason = move.outcome;
  }
  const RobotWork* robot = find(job.robot);
  warn(now, job.id.str(), kUnknown,
       cat("UNKNOWN where ", vials, " of job ", job.id.str(), " by ", job.robot.str(),
           " is: ", reason.empty() ? "the robot could not prove its motion" : reason),
       robot ? recovery_line(bank_, now, robot->index)
             : "Look at both ends of the move and tell the record where the vial is.");
}

// Two people have said where the vial is, and no other of this robot is in doubt: it may move
// again.
void JobRunner::release_settled(const inventory::Job& job) {
  RobotWork* robot = find(job.robot);
  if (!robot || settling_.erase(job.id) == 0) return;
  if (robot->paused || unknown_move(bank_.ledger, robot->id).job) return;
  static_cast<void>(bank_.fleet.pause_robot(robot->index, false));
}

void JobRunner::warn(const Now& now, std::string source, std::string_view name, std::string text,
                     std::string action) {
  alarms::Condition condition;
  condition.source = std::move(source);
  condition.condition = std::string(name);
  condition.priority =
      name == kBlocked || name == kJobFailed ? alarms::Priority::p2 : alarms::Priority::p1;
  condition.text = std::move(text);
  condition.action = std::move(action);
  alarms_.raise(now, std::move(condition));
}

void JobRunner::blocked(const Now& now, RobotWork& robot, const Error& why) {
  robot.retry_at = now.mono + kBlockedRetry;
  if (robot.blocked_since == kNever) robot.blocked_since = now.mono;
  if (robot.blocked_told || now.mono - robot.blocked_since < kBlockedWarn) return;
  robot.blocked_told = true;
  warn(now, robot.id.str(), kBlocked,
       cat("A job waits for ", robot.id.str(), " since ",
           (now.mono - robot.blocked_since).seconds(), " s: ", why.context),
       "Remove the cause, or resume the robot.");
}

void JobRunner::unblocked(const Now& now, RobotWork& robot) {
  robot.blocked_since = kNever;
  robot.retry_at = {};
  if (std::exchange(robot.blocked_told, false)) alarms_.clear(now, robot.id.str(), kBlocked);
}

void JobRunner::on_deadline(const Now& now) {
  for (RobotWork& robot : robots_) {
    if (now.mono >= robot.unexplained_at) record_unexplained(now, robot);
    if (robot.phase == Phase::idle && robot.retry_at != Instant{} && now.mono >= robot.retry_at) {
      dirty_ = true;
    }
  }
  if (now.mono >= warm_.next_deadline()) warm_.look(now);
  wake(now);
}

Instant JobRunner::next_deadline() const {
  Instant next = warm_.next_deadline();
  for (const RobotWork& robot : robots_) {
    next = std::min(next, robot.unexplained_at);
    if (robot.phase == Phase::idle && robot.retry_at != Instant{}) {
      next = std::min(next, robot.retry_at);
    }
  }
  return next;
}

bool JobRunner::moving() const {
  return std::ranges::any_of(robots_,
                             [](const RobotWork& robot) { return robot.phase != Phase::idle; });
}

}  // namespace cryobank::core
