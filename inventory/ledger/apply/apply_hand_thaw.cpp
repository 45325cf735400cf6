// Facts of a thaw by hand: two people lift the vials of a dose out of the cold, and lay each down
// at the station, back where it came from, or nowhere, when it is lost. In between they are in
// HANDS: a job of no robot, whose moves are under way from its first moment on.
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/apply/job_end.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

Spot in_hands() { return {PlaceId(std::string(kHandsPlace)), kNoPosition}; }

// Nobody else takes the position at the station, nor the one that the vial may come back to.
Status lift(Edit& edit, const Job& job, const Move& move, bool overridden, WallTime at) {
  TRY(edit.become(move.aliquot, AliquotState::reserved, overridden));
  TRY(edit.place_at(move.aliquot, in_hands(), at));
  for (const Spot& spot : {from_of(move), to_of(move)}) {
    TRY(edit.free(spot, job.course.str()));  // what was kept for the course
    TRY(edit.reserve(spot, {job.id.str()}, at));
  }
  return {};
}

Status thaw_lifted(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto job, decode_job("fact thaw-lifted", in.object("job")));
  const WallTime at = in.maybe_time("at");
  const bool overridden = in.maybe_flag("overridden");
  if (edit.view().job(job.id) != nullptr) {
    return make_error(ErrorCode::already_exists, cat("job ", job.id.str(), " exists"));
  }
  for (const Move& move : job.moves) {
    TRY(lift(edit, job, move, overridden, at));
  }
  edit.count("jobs");
  edit.put(job);
  return set_dose(edit, job, DoseState::thawing, {});
}

Status set_down(Edit& edit, const Job& job, Move& move, SetDown how, WallTime at) {
  TRY(free_ends(edit, job, move));
  switch (how) {
    case SetDown::thawed:
      move.state = MoveState::done;
      TRY(edit.place_at(move.aliquot, to_of(move), at));
      return edit.become(move.aliquot, AliquotState::thawed, true);
    case SetDown::back:
      move.state = MoveState::failed;
      move.outcome = "put back into the cold";
      TRY(edit.place_at(move.aliquot, from_of(move), at));
      return edit.unreserve(move.aliquot);
    case SetDown::lost:
      move.state = MoveState::failed;
      move.outcome = "lost";
      TRY(edit.become(move.aliquot, AliquotState::lost));
      return edit.place_at(move.aliquot, {PlaceId(std::string(kUnknownPlace)), kNoPosition}, at);
  }
  CHECK(false);
}

Status thaw_set_down(Edit& edit, RowReader& in) {
  TRY_ASSIGN(auto job, known_job(edit.view(), in.id<JobId>("job")));
  const WallTime at = in.maybe_time("at");
  const auto how = parse_set_down(in.text("how"));
  if (!how) in.refuse("how", "thawed, back or lost");
  if (!in.ok()) return in.status();
  for (const Json& item : in.list("moves")) {
    RowReader one("a move of fact thaw-set-down", item);
    const auto index = static_cast<std::size_t>(one.number("move"));
    const std::string code = one.maybe_text("code");
    if (!one.ok()) return one.status();
    const bool open = job.robot.empty() && index < job.moves.size() &&
                      job.moves[index].state == MoveState::holding;
    if (!open || (*how != SetDown::lost && code != job.moves[index].code)) {
      return make_error(ErrorCode::conflict, cat("job ", job.id.str(), " has no vial ", index,
                                                 " of code \"", clip(code, 64), "\" in hands"));
    }
    TRY(set_down(edit, job, job.moves[index], *how, at));
  }
  if (!in.ok()) return in.status();
  bool whole = true;
  for (const Move& move : job.moves) {
    if (is_open(move.state)) {
      edit.put(job);
      return {};
    }
    whole = whole && move.state == MoveState::done;
  }
  job.state = whole ? JobState::done : JobState::failed;
  edit.close(job);
  return set_dose(edit, job, dose_after(edit, job), at);
}

constexpr Applier kHandThawAppliers[] = {
    {fact::kThawLifted, thaw_lifted},
    {fact::kThawSetDown, thaw_set_down},
};

}  // namespace

std::span<const Applier> hand_thaw_appliers() { return kHandThawAppliers; }

}  // namespace cryobank::inventory
