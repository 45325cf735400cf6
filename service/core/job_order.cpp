// Which waiting move a robot makes next: the part of job_runner.hpp that looks at the whole queue.
#include <map>
#include <utility>

#include "base/text.hpp"
#include "service/core/job_runner.hpp"

namespace cryobank::core {
namespace {

bool is_in_flight(inventory::MoveState state) {
  return state == inventory::MoveState::issued || state == inventory::MoveState::holding;
}

bool runs(inventory::JobState state) {
  return state == inventory::JobState::queued || state == inventory::JobState::running;
}

}  // namespace

bool JobRunner::is_hand_over(std::uint16_t unit) const {
  for (const config::DeviceConfig& device : bank_.config.devices) {
    for (const PlaceId& id : {device.transfer_port, device.thaw_station}) {
      const config::PlaceConfig* place = id.empty() ? nullptr : bank_.config.find_place(id);
      if (place && place->robot_location.size() == 3 && place->robot_location[0] == unit) {
        return true;
      }
    }
  }
  return false;
}

// What opens for it: the rack of its cold end, of its source when both are cold.
devices::QueuedMove JobRunner::queued(const inventory::Job& job, std::size_t index) const {
  const inventory::Move& move = job.moves[index];
  devices::QueuedMove out;
  out.priority = job.priority;
  out.due = job.due;
  const auto from = inventory::robot_location(bank_.ledger, move.from, move.from_position);
  const auto to = inventory::robot_location(bank_.ledger, move.to, move.to_position);
  for (const auto& end : {from, to}) {
    if (!end || is_hand_over((*end)[0])) continue;
    out.rack = cat((*end)[0], "/", (*end)[1]);
    out.position = (*end)[2];
    break;
  }
  return out;
}

// What is in flight comes before anything planned.
JobRunner::Next JobRunner::next_move(const Now& now, const RobotWork& robot) const {
  std::vector<Next> planned;
  std::vector<devices::QueuedMove> queue;
  std::map<std::pair<PlaceId, int>, std::size_t> leaving;  // which move empties a position
  for (const JobId& id : bank_.ledger.open_jobs()) {
    const inventory::Job* job = bank_.ledger.find_job(id);
    if (!job || job->robot != robot.id) continue;
    for (std::size_t m = 0; m < job->moves.size(); ++m) {
      if (is_in_flight(job->moves[m].state)) return {job, m};
      const bool startable = job->moves[m].state == inventory::MoveState::planned &&
                             runs(job->state) &&
                             !inventory::waits_for_hold(bank_.ledger, *job, job->moves[m]);
      if (!startable || planned.size() == kOrderedMax) continue;
      leaving.emplace(std::pair(job->moves[m].from, job->moves[m].from_at), planned.size());
      planned.push_back({job, m});
      queue.push_back(queued(*job, m));
    }
  }
  for (std::size_t i = 0; i < planned.size(); ++i) {
    const inventory::Move& move = planned[i].job->moves[planned[i].move];
    const auto before = leaving.find(std::pair(move.to, move.to_at));
    if (before != leaving.end() && before->second != i) queue[i].after = before->second;
  }
  auto chosen = devices::next_move(now.wall, queue, robot.open);
  if (!chosen) return {};
  if (!inventory::may_issue(bank_.ledger, planned[*chosen].job->id, planned[*chosen].move)) {
    chosen = devices::next_move(now.wall, queue, {});
  }
  return planned[*chosen];
}

}  // namespace cryobank::core
