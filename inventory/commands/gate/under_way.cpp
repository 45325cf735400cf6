#include "inventory/commands/gate/under_way.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/job_row.hpp"

namespace cryobank::inventory {
namespace {

// The job as it was before the trial; null when the trial made it.
const Job* job_before(const Draft::Overlay& overlay, const JobId& id,
                      const std::map<JobId, const std::optional<Job>*>& changed) {
  const auto found = changed.find(id);
  if (found == changed.end()) return View(overlay).job(id);
  if (found->second != nullptr) return found->second->has_value() ? &**found->second : nullptr;
  const auto base = overlay.base->jobs.find(id);
  return base == overlay.base->jobs.end() ? nullptr : &base->second;
}

std::set<JobId> all_jobs(const Draft::Overlay& overlay) {
  std::set<JobId> ids;
  for (const auto& [id, job] : overlay.base->jobs) ids.insert(id);
  for (const auto& [id, job] : overlay.jobs.all()) ids.insert(id);
  return ids;
}

struct Binding {
  JobId job;
  std::size_t move = 0;
};

// Which job each vial belonged to when the act began.
std::map<AliquotId, Binding> bound_before(const Trial& trial) {
  const Draft::Overlay& overlay = trial.overlay();
  const auto changed = overlay.jobs.before_since(trial.begun().jobs);
  std::map<AliquotId, Binding> bound;
  for (const JobId& id : all_jobs(overlay)) {
    const Job* job = job_before(overlay, id, changed);
    if (job == nullptr || job->ended != 0 || job->kind == JobKind::scan) continue;
    for (std::size_t i = 0; i < job->moves.size(); ++i) {
      if (is_open(job->moves[i].state)) bound[job->moves[i].aliquot] = {id, i};
    }
  }
  return bound;
}

bool is_judgement(AliquotState state) {
  return state == AliquotState::quarantined || state == AliquotState::conditionally_released ||
         state == AliquotState::released;
}

bool may_change_now(const Aliquot& before, const Aliquot& now) {
  if (before.spot != now.spot) return false;
  return before.state == now.state || (is_judgement(before.state) && is_judgement(now.state));
}

Error refuse(const View& view, const Aliquot& before, const Job& job, MoveState state) {
  const std::string_view way = job.robot.empty() ? "set it down first (dose/set-down)"
                               : state == MoveState::planned
                                   ? "cancel the job first (job/cancel)"
                                   : "wait until the robot has put it down";
  return make_error(ErrorCode::conflict,
                    cat("aliquot ", before.id.str(), " of ", view.name_of(before.spot),
                        " is under way in ", job.id.str(), ": ", way));
}

}  // namespace

Status check_under_way(const Trial& trial) {
  const Draft::Overlay& overlay = trial.overlay();
  const std::size_t begun = trial.begun().aliquots;
  if (overlay.aliquots.depth() == begun) return {};
  const auto bound = bound_before(trial);
  if (bound.empty()) return {};
  const View view = trial.view();
  for (const auto& [id, earlier] : overlay.aliquots.before_since(begun)) {
    const auto found = bound.find(id);
    if (found == bound.end()) continue;
    const Job* job = view.job(found->second.job);
    if (job == nullptr || !is_open(job->moves[found->second.move].state)) continue;
    const auto slot = overlay.base->aliquots.find(id.str());
    if (earlier == nullptr && slot == AliquotTable::kNone) continue;
    const Aliquot before = earlier != nullptr ? *earlier : overlay.base->aliquots.get(slot);
    if (may_change_now(before, *view.aliquot(id))) continue;
    return refuse(view, before, *job, job->moves[found->second.move].state);
  }
  return {};
}

namespace {

// What acts of people moved between these times, by its id: within one place too, of which the
// vial's own record keeps no time.
std::map<std::string, WallTime> moved_between(const View& view, WallTime from, WallTime until) {
  std::map<std::string, WallTime> moved;
  for (const std::string& id : view.documents(OperationDocument::kKind)) {
    const auto operation = document_of<OperationDocument>(view, id);
    if (operation->at <= from || until <= operation->at) continue;
    for (const auto* list : {&operation->aliquots, &operation->containers}) {
      for (const OperationDocument::Moved& one : *list) {
        WallTime& at = moved[one.id];
        at = std::max(at, operation->at);
      }
    }
  }
  return moved;
}

}  // namespace

Status check_as_asked(const Trial& trial, WallTime asked, WallTime now) {
  if (asked.ms == 0) return {};
  const Draft::Overlay& overlay = trial.overlay();
  const View view = trial.view();
  const auto moved = moved_between(view, asked, now);
  const auto check = [&](std::string_view what, const std::string& id, const Spot& spot,
                         WallTime since) -> Status {
    const auto within = moved.find(id);
    const WallTime came = within == moved.end() ? since : std::max(since, within->second);
    if (now < asked) {
      return make_error(
          ErrorCode::conflict,
          cat("the clock was set back after this was asked for at ", format_utc(asked),
              ": look where ", what, " ", id, " is and give the command again"));
    }
    // What came in the future came before the clock was set back, and that was before this was
    // asked.
    if (came <= asked || now < came) return {};
    return make_error(ErrorCode::conflict,
                      cat(what, " ", id, " came to ", view.name_of(spot), " at ", format_utc(came),
                          ", after this was asked for at ", format_utc(asked),
                          ": look where it is and give the command again"));
  };
  for (const auto& [id, earlier] : overlay.aliquots.before_since(trial.begun().aliquots)) {
    const auto slot = overlay.base->aliquots.find(id.str());
    if (earlier == nullptr && slot == AliquotTable::kNone) continue;  // made by the act
    const Aliquot before = earlier != nullptr ? *earlier : overlay.base->aliquots.get(slot);
    if (view.aliquot(id)->spot == before.spot) continue;
    TRY(check("aliquot", id.str(), before.spot, before.since));
  }
  for (const auto& [id, earlier] : overlay.places.before_since(trial.begun().places)) {
    const auto known = overlay.base->places.find(id);
    if (earlier == nullptr && known == overlay.base->places.end()) continue;
    const Place& before = earlier != nullptr ? *earlier : known->second.place;
    if (view.place(id)->within == before.within) continue;
    TRY(check("place", id.str(), before.within, before.since));
  }
  return {};
}

}  // namespace cryobank::inventory
