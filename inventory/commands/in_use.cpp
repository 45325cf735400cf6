// What robots are busy with: checks that every command which moves things by hand makes first.
#include <algorithm>

#include "base/text.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/ledger/job_row.hpp"

namespace cryobank::inventory {

Status check_not_in_use(const View& view, const PlaceId& place) {
  for (const JobId& id : view.open_jobs()) {
    const Job* job = view.job(id);
    for (const Move& move : job->moves) {
      if (!view.lies_in(move.from, place) && !view.lies_in(move.to, place)) continue;
      return make_error(ErrorCode::conflict,
                        cat("place ", place.str(), " is in use by job ", id.str()));
    }
  }
  return {};
}

Status check_not_in_job(const View& view, const Aliquot& aliquot) {
  for (const JobId& id : view.jobs_of(aliquot.course)) {
    for (const Move& move : view.job(id)->moves) {
      if (move.aliquot != aliquot.id || !is_open(move.state)) continue;
      return make_error(ErrorCode::conflict,
                        cat("aliquot ", aliquot.id.str(), " is in open job ", id.str()));
    }
  }
  return {};
}

Status check_not_in_doubt(const View& view, const Aliquot& aliquot) {
  if (aliquot.spot.place.str() != kUnknownPlace) return {};
  for (const auto& [id, job] : view.base().jobs) {
    for (const Move& move : job.moves) {
      if (move.aliquot != aliquot.id || move.state != MoveState::unknown) continue;
      return make_error(ErrorCode::conflict,
                        cat("aliquot ", aliquot.id.str(), " is UNKNOWN since ", id.str(),
                            ": two people say where it is (job/resolve)"));
    }
  }
  return {};
}

Status check_may_lie(const View& view, const Aliquot& aliquot, const PlaceId& place) {
  if (aliquot.spot.place == place) return {};
  const AliquotState state = aliquot.state;
  const bool left =
      is_final(state) || state == AliquotState::issued || state == AliquotState::in_transit;
  const bool warm = state == AliquotState::thawed || state == AliquotState::in_culture;
  if (!left && !(warm && !view.freezer_of(place).empty())) return {};
  return make_error(ErrorCode::conflict,
                    cat("aliquot ", aliquot.id.str(), " is ", name_of(state), ", so it cannot be ",
                        left ? "put into " : "put back into the cold of ", place.str()));
}

Status check_gripper_idle(const View& view, const PlaceId& place) {
  const Place* known = view.place(place);
  if (known == nullptr || view.robot(known->device) == nullptr) return {};
  for (const JobId& id : view.open_jobs()) {
    const Job* job = view.job(id);
    if (job->robot != known->device) continue;
    const bool moving = std::any_of(job->moves.begin(), job->moves.end(), [](const Move& move) {
      return move.state == MoveState::issued || move.state == MoveState::holding;
    });
    if (!moving) continue;
    return make_error(ErrorCode::interlock,
                      cat("robot ", job->robot.str(), " is moving a vial of job ", id.str()));
  }
  return {};
}

}  // namespace cryobank::inventory
