#include "service/core/recovery_guide.hpp"

#include "base/command_schema.hpp"
#include "base/text.hpp"

namespace cryobank::core {
namespace {

using inventory::Move;
using inventory::MoveState;

struct Look {
  std::string where;
  std::string why;
};

std::string name_of_end(const PlaceId& place, std::string_view position) {
  return position.empty() ? place.str() : cat(place.str(), " ", position);
}

std::string place_of(std::string_view at, const Move& move, const config::DeviceConfig& robot) {
  if (at == "source") return name_of_end(move.from, move.from_position);
  if (at == "destination") return name_of_end(move.to, move.to_position);
  if (at == "gripper") return cat("the gripper of ", robot.id.str());
  return cat("the floor on the way of ", robot.id.str());
}

// As the robot's own report orders them; without one, both ends and what lies between.
std::vector<Look> looks(const Bank& bank, const Now& now, devices::DeviceIndex index,
                        const Move& move) {
  const config::DeviceConfig& robot = bank.config.devices[index.value];
  const Json report = bank.fleet.recovery_report(now, index);
  const bool same = report["motion"].is_object() &&
                    report["motion"]["sequence"] == Json(std::int64_t{move.sequence});
  std::vector<Look> list;
  if (same && report["candidates"].is_array()) {
    for (const Json& candidate : report["candidates"].items()) {
      list.push_back({place_of(text_of(candidate, "at"), move, robot), text_of(candidate, "why")});
    }
  }
  if (!list.empty()) return list;
  list.push_back({place_of("gripper", move, robot), "between both ends"});
  list.push_back({place_of("source", move, robot), "it stood there before the motion"});
  list.push_back({place_of("destination", move, robot), "the motion's end"});
  list.push_back({place_of("floor", move, robot), "dropped on the way"});
  return list;
}

}  // namespace

UnknownMove unknown_move(const inventory::Ledger& ledger, const DeviceId& robot) {
  for (const JobId& id : inventory::retained_jobs(ledger)) {
    const inventory::Job* job = ledger.find_job(id);
    if (!job || job->robot != robot || job->state != inventory::JobState::unknown) continue;
    for (std::size_t m = 0; m < job->moves.size(); ++m) {
      if (job->moves[m].state == MoveState::unknown) return {job, m};
    }
  }
  return {};
}

std::vector<std::string> recovery_steps(const Bank& bank, const Now& now,
                                        devices::DeviceIndex index) {
  const config::DeviceConfig& robot = bank.config.devices[index.value];
  const UnknownMove open = unknown_move(bank.ledger, robot.id);
  if (!open.job) return {};
  const Move& move = open.job->moves[open.move];
  std::vector<std::string> steps;
  steps.push_back(cat("Two people go to ", robot.id.str(),
                      "; it stands still and takes no motion until the record knows the place."));
  for (const Look& look : looks(bank, now, index, move)) {
    steps.push_back(
        cat("Look for aliquot ", move.aliquot.str(), " at ", look.where, ": ", look.why, "."));
  }
  steps.push_back(cat("Scan the vial that you found; its code must be ", move.code,
                      ". Another code there is another vial: leave it and look on."));
  steps.push_back(cat("One sends job/resolve with job ", open.job->id.str(), ", aliquot ",
                      move.aliquot.str(), ", place, position, code and at_robot, the code on ",
                      robot.id.str(), " itself (or lost and a reason); the other confirms as ",
                      "witness."));
  steps.push_back(cat(robot.id.str(), " is released then by itself, unless a person paused it."));
  return steps;
}

std::string recovery_line(const Bank& bank, const Now& now, devices::DeviceIndex index) {
  const config::DeviceConfig& robot = bank.config.devices[index.value];
  const UnknownMove open = unknown_move(bank.ledger, robot.id);
  if (!open.job) return "Look at both ends of the move and tell the record where the vial is.";
  const Move& move = open.job->moves[open.move];
  std::string where;
  for (const Look& look : looks(bank, now, index, move)) {
    where += cat(where.empty() ? "" : ", then ", look.where);
  }
  return cat("1 Look at ", where, ". 2 Scan: ", move.code, ". 3 job/resolve ", open.job->id.str(),
             " by two people releases ", robot.id.str(), ". device/inspect has each step.");
}

}  // namespace cryobank::core
