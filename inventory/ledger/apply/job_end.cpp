#include "inventory/ledger/apply/job_end.hpp"

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/job_row.hpp"

namespace cryobank::inventory {

std::string doubt_of(const JobId& job, std::size_t move) { return cat(job.str(), "/", move); }

Result<Spot> gripper_of(const Edit& edit, const DeviceId& id) {
  const auto* robot = edit.view().robot(id);
  if (robot == nullptr || robot->gripper.empty()) {
    return make_error(ErrorCode::not_found, cat("robot ", id.str(), " has no gripper"));
  }
  TRY_ASSIGN(const auto place, known_place(edit.view(), robot->gripper));
  const PlaceType& type = edit.view().type_of(place);
  return Spot{robot->gripper, type.has_positions() ? type.fill_order().front() : kNoPosition};
}

Status free_ends(Edit& edit, const Job& job, const Move& move) {
  TRY(edit.free(from_of(move), job.id.str()));
  return edit.free(to_of(move), job.id.str());
}

// Frees what the rest of a job had reserved and ends it. `Move`s not begun are cancelled.
Status end_rest(Edit& edit, Job& job, JobState state) {
  for (Move& move : job.moves) {
    if (move.state != MoveState::planned) continue;
    move.state = MoveState::cancelled;
    if (job.kind == JobKind::scan) continue;
    TRY(edit.free(to_of(move), job.id.str()));
    TRY(edit.unreserve(move.aliquot));
  }
  job.state = state;
  if (state == JobState::unknown) {
    edit.put(job);
  } else {
    edit.close(job);
  }
  return {};
}

Status set_dose(Edit& edit, const Job& job, DoseState state, WallTime at,
                std::string_view stopped) {
  if (job.kind != JobKind::thaw) return {};
  TRY_ASSIGN(auto course, known_course(edit.view(), job.course));
  Dose* dose = course.find(job.dose);
  if (dose == nullptr) {
    return make_error(ErrorCode::not_found,
                      cat("course ", job.course.str(), " has no dose ", job.dose.str()));
  }
  dose->job = state == DoseState::thawing ? job.id : JobId();
  dose->state = state;
  if (state == DoseState::thawed) dose->thawed_at = at;
  if (state == DoseState::planned) dose->blocked = cat(stopped, job.id.str());
  edit.put(std::move(course));
  return {};
}

// After a thaw job ended early: thawed if any vial is warm already, else as it was before. A dose
// that was planned stays planned and says what stopped it, so that it is never lost from the plan.
DoseState dose_after(const Edit& edit, const Job& job) {
  const Course* course = edit.view().course(job.course);
  const Dose* dose = course == nullptr ? nullptr : course->find(job.dose);
  if (dose == nullptr) return DoseState::stored;
  for (const AliquotId& id : dose->aliquots) {
    const auto aliquot = edit.view().aliquot(id);
    if (aliquot && aliquot->state == AliquotState::thawed) return DoseState::thawed;
  }
  return dose->thaw_at.ms == 0 ? DoseState::stored : DoseState::planned;
}

Status end_in_doubt(Edit& edit, Job& job, std::size_t index, std::string_view reason, WallTime at) {
  Move& move = job.moves[index];
  const Spot unknown{PlaceId(std::string(kUnknownPlace)), kNoPosition};
  TRY(edit.place_at(move.aliquot, unknown, at));
  TRY(free_ends(edit, job, move));
  TRY_ASSIGN(const auto gripper, gripper_of(edit, job.robot));
  const std::string doubt = doubt_of(job.id, index);
  for (const Spot& spot : {from_of(move), to_of(move), gripper}) {
    TRY(edit.hold(spot, doubt));
  }
  TRY(edit.unreserve(move.aliquot));
  move.state = MoveState::unknown;
  move.outcome = std::string(reason);
  TRY(end_rest(edit, job, JobState::unknown));
  return set_dose(edit, job, dose_after(edit, job), at);
}

}  // namespace cryobank::inventory
