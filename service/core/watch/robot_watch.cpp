// What robots did without an order: the part of job_runner.hpp that pauses them, tells people and
// makes the record doubt.
#include <algorithm>
#include <utility>

#include "base/command_schema.hpp"
#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "inventory/ledger/view.hpp"
#include "service/core/job_runner.hpp"

namespace cryobank::core {
namespace {

constexpr std::string_view kUnexplained = "unexplained-motion";
constexpr std::string_view kNotTaken = "record-contradiction";
constexpr std::string_view kUnexplainedVerb = "motion/unexplained";

}  // namespace

// The driver compares an idle robot's gripper with this; while a motion is under way or its end is
// not on record yet, nobody knows what it must be.
void JobRunner::expect_grippers() {
  const inventory::View view(bank_.ledger);
  for (const RobotWork& robot : robots_) {
    const inventory::Place* gripper = view.place(bank_.config.devices[robot.index.value].gripper);
    std::optional<bool> occupied;
    if (robot.phase == Phase::idle && gripper != nullptr && gripper->held.empty()) {
      occupied = !view.aliquots_in(gripper->id).empty();
    }
    bank_.fleet.expect_gripper(robot.index, occupied);
  }
}

// A motion that is still open explains by itself what the robot did since.
void JobRunner::forget_older_motions(const RobotWork& robot) {
  using inventory::MoveState;
  for (const JobId& id : inventory::retained_jobs(bank_.ledger)) {
    const inventory::Job* job = bank_.ledger.find_job(id);
    if (job == nullptr || job->robot != robot.id) continue;
    const bool open = std::ranges::any_of(job->moves, [](const inventory::Move& move) {
      return move.state == MoveState::issued || move.state == MoveState::holding;
    });
    if (open) return;
  }
  const inventory::View view(bank_.ledger);
  bank_.fleet.forget_before(robot.index, view.last_sequence(robot.id));
}

void JobRunner::on_fact(const Now& now, const Fact& fact) {
  if (fact.type != fact::kRobotPaused && fact.type != fact::kRobotResumed) return;
  RowReader in(fact.type, fact.data);
  RobotWork* robot = find(in.id<DeviceId>("robot"));
  CHECK(in.ok());  // this program wrote it
  if (!robot) return;
  robot->paused = fact.type == fact::kRobotPaused;
  static_cast<void>(bank_.fleet.pause_robot(robot->index, robot->paused));
  if (!robot->paused) alarms_.clear(now, robot->id.str(), kUnexplained);
  dirty_ = true;
}

// People first: the pause and the doubt of the record follow, and are asked for until they are
// durable.
void JobRunner::unexplained(const Now& now, RobotWork& robot, const devices::RobotEvent& event) {
  if (!bank_.no_record.empty()) return;  // nobody knows here what was ordered
  robot.paused = true;
  static_cast<void>(bank_.fleet.pause_robot(robot.index, true));
  const std::string& code = event.observed_code.empty() ? event.expected_code : event.observed_code;
  warn(now, robot.id.str(), kUnexplained,
       cat(robot.id.str(), " did what nobody ordered: ", event.reason,
           code.empty() ? std::string("; which vial is not known")
                        : cat("; vial ", clip(code, 64), " is UNKNOWN")),
       "Two people look what moved it and where its vials are, scan the racks that it reaches, "
       "settle "
       "each UNKNOWN vial with job/resolve, and then send robot/resume.");
  robot.unexplained = event;
  bank_.fleet_out.acts.push_back(
      {"robot/pause", Json::object().set("robot", robot.id.str()), "it did what nobody ordered"});
  record_unexplained(now, robot);
}

void JobRunner::record_unexplained(const Now& now, RobotWork& robot) {
  if (!robot.unexplained) {
    robot.unexplained_at = kNever;
    return;
  }
  robot.unexplained_at = now.mono + kUnexplainedRetry;
  const devices::RobotEvent& event = *robot.unexplained;
  Json body = Json::object().set("robot", robot.id.str()).set("sequence", event.sequence);
  body.set("code", event.observed_code).set("expected", event.expected_code);
  if (event.source) body.set("source", devices::location_json(*event.source));
  if (event.destination) body.set("destination", devices::location_json(*event.destination));
  body.set("gripper_occupied", event.gripper_occupied).set("reason", event.reason);
  bank_.fleet_out.acts.push_back({std::string(kUnexplainedVerb), std::move(body), event.reason});
}

void JobRunner::on_command(const Now& now, const Recorded& recorded, const Status& status) {
  const Command& command = std::get<CommandWork>(recorded.work).command;
  if (command.verb != kUnexplainedVerb || !status) return;
  RobotWork* robot = find(DeviceId(text_of(command.body, "robot")));
  if (!robot || !robot->unexplained) return;
  if (text_of(command.body, "reason") != robot->unexplained->reason) return;
  robot->unexplained.reset();
  robot->unexplained_at = kNever;
  if (recorded.reply.status == ReplyStatus::done) return;
  warn(now, robot->id.str(), kNotTaken, recorded.reply.message,
       "The record could not take what the robot did by itself. Look where its vials are and "
       "correct "
       "the record.");
}

}  // namespace cryobank::core
