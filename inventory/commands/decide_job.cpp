// job/approve, cancel, pause, resume, and job/resolve: two people say where a vial really is.
#include "base/scan_text.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/make_job.hpp"
#include "inventory/commands/unblock.hpp"
#include "inventory/commands/work_area.hpp"
#include "inventory/ledger/allocation.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/exposure.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kFindingMax = 500;

Result<Job> need_job(const Ask& ask) {
  TRY_ASSIGN(const auto id, need_id<JobId>(ask.body, "job"));
  TRY_ASSIGN(auto job, known_job(ask.view(), id));
  if (!job.robot.empty()) return job;
  return make_error(
      ErrorCode::unsupported,
      cat("job ", id.str(), " is a thaw by hand of dose ", job.dose.str(), " of course ",
          job.course.str(), ": whoever has its vials in hands ends it (dose/set-down)"));
}

Result<Decision> job_act(Ask& ask, const FactName& fact, std::string_view word) {
  TRY_ASSIGN(const auto job, need_job(ask));
  Json data = act(ask);
  data.set("job", job.id.str());
  put_shown_code(data, ask.body, "at_robot");
  TRY(ask.trial.add({fact, std::move(data)}));
  TRY(unblock_doses(ask, CourseId()));
  Json reply = Json::object().set("job", job.id.str());
  reply.set("state", name_of(ask.view().job(job.id)->state));
  return answer(ask, std::move(reply), cat("job ", job.id.str(), " ", word));
}

Result<Decision> cancel(Ask& ask) { return job_act(ask, fact::kJobCancelled, "is cancelled"); }

// By another person than who ordered it.
Result<Decision> approve(Ask& ask) {
  TRY_ASSIGN(const auto job, need_job(ask));
  if (job.state != JobState::created) {
    return make_error(ErrorCode::conflict, cat("job ", job.id.str(), " is ", name_of(job.state),
                                               ", expected it waiting for approval"));
  }
  if (job.by == ask.context.actor.user) {
    return make_error(ErrorCode::witness_needed, cat("job ", job.id.str(), " was ordered by ",
                                                     job.by.str(), ": another person approves it"));
  }
  TRY(check_at_robot(ask, ask.body, job.robot, true));
  return job_act(ask, fact::kJobApproved, "is approved");
}

Result<Decision> pause(Ask& ask) {
  TRY_ASSIGN(const auto job, need_job(ask));
  if (job.state == JobState::created) {
    return make_error(ErrorCode::conflict,
                      cat("job ", job.id.str(), " waits for approval: approve or cancel it"));
  }
  return job_act(ask, fact::kJobPaused, "is paused");
}

Result<Decision> resume(Ask& ask) {
  TRY_ASSIGN(const auto job, need_job(ask));
  if (job.state != JobState::paused) {
    return make_error(ErrorCode::conflict, cat("job ", job.id.str(), " is ", name_of(job.state),
                                               ", expected it paused"));
  }
  TRY(check_at_robot(ask, ask.body, job.robot, true));
  return job_act(ask, fact::kJobResumed, "goes on");
}

Result<std::size_t> find_unknown(const Job& job, const Json& body) {
  TRY_ASSIGN(const auto wanted, maybe_id<AliquotId>(body, "aliquot"));
  for (std::size_t i = 0; i < job.moves.size(); ++i) {
    if (job.moves[i].state != MoveState::unknown) continue;
    if (wanted.empty() || wanted == job.moves[i].aliquot) return i;
  }
  return make_error(ErrorCode::conflict, cat("job ", job.id.str(), " is ", name_of(job.state),
                                             " and has no such vial whose place is UNKNOWN"));
}

// Where the people found it. Its own ends are held for it; any other position must be free.
Result<Spot> found_spot(const Ask& ask, const Move& move) {
  TRY_ASSIGN(const auto code, ask.body.get_string("code"));
  const ScanMatch match = match_code(ask.view(), move.code, code);
  if (match != ScanMatch::same) {
    const bool alike = match == ScanMatch::alike;
    return make_error(
        alike ? ErrorCode::did_you_mean : ErrorCode::mismatch,
        cat("expected code ", move.code, " of aliquot ", move.aliquot.str(), ", scanned ",
            clip(strip_scan(code), 64), alike ? ": is it that one? Scan it again" : ""));
  }
  TRY_ASSIGN(const auto place, need_id<PlaceId>(ask.body, "place"));
  TRY_ASSIGN(const auto spot, need_spot(ask.view(), place, text_of(ask.body, "position")));
  const bool own = spot == Spot{move.from, move.from_at} || spot == Spot{move.to, move.to_at} ||
                   (spot.position != kNoPosition && ask.view().occupant(spot) == move.aliquot);
  const Place* known = ask.view().place(place);
  if (known->type == kBuiltInType) {
    return make_error(ErrorCode::unsupported,
                      cat("expected the place of the site where it was found, came ", place.str()));
  }
  TRY(check_gripper_idle(ask.view(), place));
  const bool gripper = ask.view().robot(known->device) != nullptr;
  if (!own && !gripper && spot.position != kNoPosition &&
      !is_free(ask.view(), *known, spot.position)) {
    return make_error(ErrorCode::slot_taken, cat(ask.view().name_of(spot), " is not free"));
  }
  return spot;
}

// What two people say of the time out of the cold, in place of the record's clock, which ran while
// nobody knew where the vial was. What the record saw until then cannot be said away.
Result<std::int64_t> said_out(const Ask& ask, const Aliquot& known) {
  if (!ask.body.has("out_seconds")) return Edit::kNotSaid;
  TRY_ASSIGN(const auto said, ask.body.get_integer("out_seconds"));
  if (known.spot.place.str() != kUnknownPlace) {
    return make_error(ErrorCode::conflict,
                      cat("aliquot ", known.id.str(), " was found since: it is in ",
                          ask.view().name_of(known.spot), ", and nobody says \"out_seconds\""));
  }
  const std::int64_t seen = out_s(known, known.since);
  if (said < seen) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected at least ", seen, " at \"out_seconds\", came ", said,
                          ": so long it was out of the cold before its place was unknown"));
  }
  if (said < out_s(known, ask.now())) TRY(need_reason(ask, "another time out of the cold"));
  return said;
}

// How long it was out, where it lies in the cold now; and what that means for it.
std::string found_words(const View& view, const Aliquot& was, const Aliquot& found, WallTime now,
                        std::int64_t said) {
  const std::int64_t clocked = out_s(was, now);
  if (was.out_since.ms == 0 || view.is_warm(found.spot.place)) return {};
  const std::int64_t counted = said < 0 ? clocked : said;
  const bool over = is_frozen_stock(found.state) && allowed_s(view, found) < counted;
  const std::string_view whose =
      said < 0 ? " s by the record's clock, since nobody said less (out_seconds)" : " s";
  return cat("; it was out of the cold for ", counted, whose,
             said < 0 || said == clocked ? "" : cat(", where the record's clock says ", clocked),
             over ? ": over budget, on hold until quality waives it" : "");
}

// What was found is recorded wherever it is; beside vials of another course it locks the work area.
Status note_finding(Ask& ask, const Aliquot& aliquot) {
  const PlaceId& place = aliquot.spot.place;
  if (!check_not_locked(ask.view(), place)) return {};
  const auto mix = find_mix(ask.view(), {{aliquot.id, aliquot.course, aliquot.code, place}});
  return mix ? note_mix(ask, *mix) : Status();
}

Result<Decision> resolve(Ask& ask) {
  TRY_ASSIGN(const auto job, need_job(ask));
  TRY_ASSIGN(const auto index, find_unknown(job, ask.body));
  const Move& move = job.moves[index];
  TRY_ASSIGN(const auto lost, maybe_bool(ask.body, "lost"));
  TRY_ASSIGN(const auto finding, maybe_text(ask.body, "finding", kFindingMax));
  TRY_ASSIGN(const auto known, known_aliquot(ask.view(), move.aliquot));
  TRY(check_not_in_job(ask.view(), known));
  if (lost && known.spot.place.str() != kUnknownPlace) {
    return make_error(ErrorCode::conflict,
                      cat("aliquot ", known.id.str(), " was found since: it is in ",
                          ask.view().name_of(known.spot), ", expected that place or another"));
  }
  TRY_ASSIGN(const auto said, said_out(ask, known));
  Json data = act(ask);
  put_text(data, "finding", finding);
  if (lost) {
    TRY(need_reason(ask, "giving a vial up as lost"));
    data.set("lost", true);
  } else {
    TRY(check_at_robot(ask, ask.body, job.robot, true));
    TRY_ASSIGN(const auto spot, found_spot(ask, move));
    put_shown_code(data, ask.body, "at_robot");
    Json found = spot_json(ask.view(), spot);
    if (said >= 0) found.set("out_s", said);
    data.set("found", std::move(found));
  }
  data.set("job", job.id.str());
  data.set("move", static_cast<std::uint64_t>(index));
  TRY(ask.trial.add({fact::kMoveResolved, std::move(data)}));
  const auto aliquot = ask.view().aliquot(move.aliquot);
  TRY(note_finding(ask, *aliquot));
  Json reply = Json::object().set("job", job.id.str()).set("aliquot", move.aliquot.str());
  reply.set("state", name_of(ask.view().job(job.id)->state));
  return answer(
      ask, std::move(reply),
      lost ? cat("aliquot ", move.aliquot.str(), " is lost")
           : cat("aliquot ", move.aliquot.str(), " is in ", ask.view().name_of(aliquot->spot),
                 found_words(ask.view(), known, *aliquot, ask.now(), said)));
}

constexpr DecidedVerb kJobCommands[] = {
    {"job/approve", approve}, {"job/cancel", cancel}, {"job/pause", pause},
    {"job/resolve", resolve}, {"job/resume", resume},
};

}  // namespace

std::span<const DecidedVerb> job_commands() { return kJobCommands; }

}  // namespace cryobank::inventory
