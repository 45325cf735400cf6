#include "service/core/recovery_guide.hpp"

#include <initializer_list>
#include <utility>

#include "base/command_schema.hpp"
#include "base/text.hpp"
#include "devices/robot/robot_report.hpp"

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

std::string place_of(std::string_view at, const Move& move, const config::DeviceConfig& robot,
                     GuideTongue tongue) {
  if (at == "source") return name_of_end(move.from, move.from_position);
  if (at == "destination") return name_of_end(move.to, move.to_position);
  const GuideSentence& where = at == "gripper" ? guide::kGripper : guide::kFloor;
  return say(tongue, where, {{"robot", robot.id.str()}});
}

// As the robot's own report orders them; without one, both ends and what lies between.
std::vector<Look> looks(const Bank& bank, const Now& now, devices::DeviceIndex index,
                        const Move& move, GuideTongue tongue) {
  const config::DeviceConfig& robot = bank.config.devices[index.value];
  const bool japanese = tongue == GuideTongue::japanese;
  const Json report = bank.fleet.recovery_report(now, index);
  const bool same = report["motion"].is_object() &&
                    report["motion"]["sequence"] == Json(std::int64_t{move.sequence});
  std::vector<Look> list;
  if (same && report["candidates"].is_array()) {
    for (const Json& candidate : report["candidates"].items()) {
      list.push_back({place_of(text_of(candidate, "at"), move, robot, tongue),
                      text_of(candidate, japanese ? "why_ja" : "why")});
    }
  }
  if (!list.empty()) return list;
  using namespace devices::look_reason;
  for (const auto& [at, why] : std::initializer_list<std::pair<const char*, devices::LookReason>>{
           {"gripper", kBetween},
           {"source", kStoodThere},
           {"destination", kMotionsEnd},
           {"floor", kOnTheWay}}) {
    list.push_back({place_of(at, move, robot, tongue), std::string(japanese ? why.ja : why.en)});
  }
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
                                        devices::DeviceIndex index, GuideTongue tongue) {
  const std::string& robot = bank.config.devices[index.value].id.str();
  const UnknownMove open = unknown_move(bank.ledger, DeviceId(robot));
  if (!open.job) return {};
  const Move& move = open.job->moves[open.move];
  const std::string& aliquot = move.aliquot.str();
  std::vector<std::string> steps;
  steps.push_back(say(tongue, guide::kGo, {{"robot", robot}}));
  for (const Look& look : looks(bank, now, index, move, tongue)) {
    steps.push_back(say(tongue, guide::kLook,
                        {{"aliquot", aliquot}, {"where", look.where}, {"why", look.why}}));
  }
  steps.push_back(say(tongue, guide::kScan, {{"code", move.code}}));
  steps.push_back(say(tongue, guide::kTell,
                      {{"job", open.job->id.str()}, {"aliquot", aliquot}, {"robot", robot}}));
  steps.push_back(say(tongue, guide::kReleased, {{"robot", robot}}));
  return steps;
}

std::string recovery_line(const Bank& bank, const Now& now, devices::DeviceIndex index) {
  const config::DeviceConfig& robot = bank.config.devices[index.value];
  const UnknownMove open = unknown_move(bank.ledger, robot.id);
  if (!open.job) return "Look at both ends of the move and tell the record where the vial is.";
  const Move& move = open.job->moves[open.move];
  std::string where;
  for (const Look& look : looks(bank, now, index, move, GuideTongue::english)) {
    where += cat(where.empty() ? "" : ", then ", look.where);
  }
  return cat("1 Look at ", where, ". 2 Scan: ", move.code, ". 3 job/resolve ", open.job->id.str(),
             " by two people releases ", robot.id.str(), ". device/inspect has each step.");
}

}  // namespace cryobank::core
