// Facts about robot jobs. An aliquot's place follows its move: gripper after holding, destination
// after done, UNKNOWN with both ends held after doubt.
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/apply/job_end.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

Error wrong_state(const Job& job, std::size_t move) {
  return make_error(ErrorCode::conflict, cat("move ", move, " of job ", job.id.str(), " is ",
                                             name_of(job.moves[move].state)));
}

struct FoundMove {
  Job job;
  std::size_t index = 0;
  WallTime at;
  Move& move() { return job.moves[index]; }
};

Result<FoundMove> find_move(const Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto job, known_job(edit.view(), in.id<JobId>("job")));
  const std::int64_t index = in.number("move");
  const WallTime at = in.maybe_time("at");
  if (!in.ok()) return in.status().error();
  if (index >= static_cast<std::int64_t>(job.moves.size())) {
    return make_error(ErrorCode::not_found, cat("job ", job.id.str(), " has no move ", index));
  }
  return FoundMove{std::move(job), static_cast<std::size_t>(index), at};
}

Status job_created(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto job, decode_job("fact job-created", in.object("job")));
  if (edit.view().job(job.id) != nullptr) {
    return make_error(ErrorCode::already_exists, cat("job ", job.id.str(), " exists"));
  }
  for (const Move& move : job.moves) {
    if (job.kind == JobKind::scan) continue;                      // moves nothing
    const auto freed = edit.free(to_of(move), job.course.str());  // what was kept for the course
    TRY(freed);
    TRY(edit.reserve(to_of(move), {job.id.str()}, in.maybe_time("at")));
    if (job.kind != JobKind::thaw && job.kind != JobKind::retrieve) continue;
    TRY(edit.become(move.aliquot, AliquotState::reserved, in.maybe_flag("overridden")));
  }
  edit.count("jobs");
  edit.put(job);
  return set_dose(edit, job, DoseState::thawing, {});
}

Status job_cancelled(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto job, known_job(edit.view(), in.id<JobId>("job")));
  for (std::size_t i = 0; i < job.moves.size(); ++i) {
    const MoveState state = job.moves[i].state;
    if (state == MoveState::issued || state == MoveState::holding) return wrong_state(job, i);
  }
  if (!is_open(job.state)) {
    return make_error(ErrorCode::conflict, cat("job ", job.id.str(), " is ", name_of(job.state)));
  }
  TRY(end_rest(edit, job, JobState::cancelled));
  const bool held = in.maybe_flag("held");
  return set_dose(edit, job, dose_after(edit, job), in.maybe_time("at"),
                  held ? kThawHeld : kThawEnded);
}

Status move_issued_fact(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto found, find_move(edit, in));
  Move& move = found.move();
  if (move.state != MoveState::planned || !is_open(found.job.state)) {
    return wrong_state(found.job, found.index);
  }
  move.state = MoveState::issued;
  move.sequence = static_cast<std::uint32_t>(in.number("sequence", 1, UINT32_MAX));
  move.epoch = static_cast<std::uint32_t>(in.number("epoch", 0, UINT32_MAX));
  if (move.sequence <= edit.view().last_sequence(found.job.robot)) {
    return make_error(ErrorCode::conflict,
                      cat("expected a sequence above ", edit.view().last_sequence(found.job.robot),
                          ", came ", move.sequence));
  }
  edit.took_sequence(found.job.robot, move.sequence);
  // Until the move has ended nobody else may fill the position that the vial may come back to.
  if (found.job.kind != JobKind::scan) {
    TRY(edit.reserve(from_of(move), {found.job.id.str()}, found.at));
  }
  if (found.job.state == JobState::queued) found.job.state = JobState::running;
  edit.put(found.job);
  return {};
}

Status check_code(const Move& move, RowReader& in) {
  const std::string code = in.any_text("code");
  if (code == move.code) return {};
  return make_error(ErrorCode::mismatch,
                    cat("expected code ", move.code, ", came \"", clip(code, 64), "\""));
}

Status move_holding_fact(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto found, find_move(edit, in));
  Move& move = found.move();
  if (move.state != MoveState::issued) return wrong_state(found.job, found.index);
  TRY(check_code(move, in));
  TRY_ASSIGN(const auto gripper, gripper_of(edit, found.job.robot));
  TRY(edit.place_at(move.aliquot, gripper, found.at));
  move.state = MoveState::holding;
  edit.put(found.job);
  return {};
}

// What arriving means to the aliquot, by the purpose of the job.
Status arrive(Edit& edit, const Job& job, const Move& move) {
  switch (job.kind) {
    case JobKind::thaw:
      return edit.become(move.aliquot, AliquotState::thawed, true);
    case JobKind::retrieve:
      return edit.unreserve(move.aliquot);
    case JobKind::store:
    case JobKind::relocate:
    case JobKind::scan:
      return {};
  }
  CHECK(false);
}

Status move_done_fact(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto found, find_move(edit, in));
  Move& move = found.move();
  if (move.state != MoveState::issued && move.state != MoveState::holding) {
    return wrong_state(found.job, found.index);
  }
  TRY(check_code(move, in));
  TRY(edit.place_at(move.aliquot, to_of(move), found.at));
  TRY(free_ends(edit, found.job, move));
  TRY(arrive(edit, found.job, move));
  move.state = MoveState::done;
  for (const Move& other : found.job.moves) {
    if (other.state == MoveState::done) continue;
    edit.put(found.job);
    return {};
  }
  found.job.state = JobState::done;
  edit.close(found.job);
  return set_dose(edit, found.job, DoseState::thawed, found.at);
}

Status move_not_delivered_fact(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto found, find_move(edit, in));
  if (found.move().state != MoveState::issued) return wrong_state(found.job, found.index);
  if (found.job.kind != JobKind::scan) {
    TRY(edit.free(from_of(found.move()), found.job.id.str()));
  }
  found.move().state = MoveState::planned;
  edit.put(found.job);
  return {};
}

// A scan that failed or cannot be proven has moved nothing.
Status scan_failed(Edit& edit, FoundMove& found, RowReader& in) {
  found.move().state = MoveState::failed;
  found.move().outcome = in.maybe_text("reason");
  return end_rest(edit, found.job, JobState::failed);
}

Status rack_scanned_fact(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto found, find_move(edit, in));
  if (found.job.kind != JobKind::scan || found.move().state != MoveState::issued) {
    return wrong_state(found.job, found.index);
  }
  TRY_ASSIGN(auto codes, decode_codes(in.list("codes")));
  found.job.codes = std::move(codes);
  found.move().state = MoveState::done;
  found.job.state = JobState::done;
  edit.close(found.job);
  return {};
}

Status move_failed_fact(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto found, find_move(edit, in));
  Move& move = found.move();
  if (move.state != MoveState::issued && move.state != MoveState::holding) {
    return wrong_state(found.job, found.index);
  }
  if (found.job.kind == JobKind::scan) return scan_failed(edit, found, in);
  TRY_ASSIGN(const auto gripper, gripper_of(edit, found.job.robot));
  const Spot where = in.maybe_flag("in_gripper") ? gripper : from_of(move);
  TRY(edit.place_at(move.aliquot, where, found.at));
  TRY(free_ends(edit, found.job, move));
  TRY(edit.unreserve(move.aliquot));
  move.state = MoveState::failed;
  move.outcome = in.maybe_text("reason");
  TRY(end_rest(edit, found.job, JobState::failed));
  return set_dose(edit, found.job, dose_after(edit, found.job), found.at);
}

Status move_unknown_fact(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto found, find_move(edit, in));
  Move& move = found.move();
  if (move.state != MoveState::issued && move.state != MoveState::holding) {
    return wrong_state(found.job, found.index);
  }
  if (found.job.kind == JobKind::scan) return scan_failed(edit, found, in);
  return end_in_doubt(edit, found.job, found.index, in.maybe_text("reason"), found.at);
}

// A vial of a thaw job that is found at the station has arrived there.
Status found_at_station(Edit& edit, const Job& job, const AliquotId& aliquot, const PlaceId& place,
                        WallTime at) {
  const auto* robot = edit.view().robot(job.robot);
  if (job.kind != JobKind::thaw || robot == nullptr || place != robot->thaw_station) return {};
  TRY_ASSIGN(const auto known, known_aliquot(edit.view(), aliquot));
  if (may_become(known.state, AliquotState::reserved) == Allowed::no) return {};
  TRY(edit.become(aliquot, AliquotState::reserved, true));
  TRY(edit.become(aliquot, AliquotState::thawed));
  return set_dose(edit, job, DoseState::thawed, at);
}

// A person and a witness found the vial, or say that it is lost.
Status move_resolved(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto found, find_move(edit, in));
  Move& move = found.move();
  if (move.state != MoveState::unknown) return wrong_state(found.job, found.index);
  TRY_ASSIGN(const auto gripper, gripper_of(edit, found.job.robot));
  const std::string doubt = doubt_of(found.job.id, found.index);
  for (const Spot& spot : {from_of(move), to_of(move), gripper}) {
    TRY(edit.release_hold(spot, doubt));
  }
  if (in.maybe_flag("lost")) {
    TRY(edit.become(move.aliquot, AliquotState::lost));
  } else {
    RowReader at("\"found\" of fact move-resolved", in.object("found"));
    const Spot spot = spot_at(at);
    const std::int64_t out_s = at.maybe_number("out_s", Edit::kNotSaid);
    if (!at.ok()) return at.status();
    if (out_s >= 0) TRY(edit.set_clock(move.aliquot, found.at, out_s));
    TRY(edit.place_at(move.aliquot, spot, found.at, out_s));
    TRY(found_at_station(edit, found.job, move.aliquot, spot.place, found.at));
  }
  move.state = MoveState::failed;
  move.outcome = in.maybe_text("finding");
  for (const Move& other : found.job.moves) {
    if (other.state != MoveState::unknown) continue;
    edit.put(found.job);
    return {};
  }
  found.job.state = JobState::failed;
  edit.close(found.job);
  return {};
}

constexpr Applier kJobAppliers[] = {
    {fact::kJobCreated, job_created},      {fact::kJobCancelled, job_cancelled},
    {fact::kMoveIssued, move_issued_fact}, {fact::kMoveHolding, move_holding_fact},
    {fact::kMoveDone, move_done_fact},     {fact::kMoveNotDelivered, move_not_delivered_fact},
    {fact::kMoveFailed, move_failed_fact}, {fact::kMoveUnknown, move_unknown_fact},
    {fact::kMoveResolved, move_resolved},  {fact::kRackScanned, rack_scanned_fact},
};

}  // namespace

std::span<const Applier> job_appliers() { return kJobAppliers; }

}  // namespace cryobank::inventory
