// dose/lift and dose/set-down: a thaw by hand, where no robot reaches or one is broken. The gate is
// the same as a robot's, and is asked before a vial leaves the cold. Its code is scanned twice: as
// it is lifted, before a witness, and where it is set down. In between it is in HANDS, and its time
// out of the cold runs.
#include <algorithm>

#include "base/scan_text.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/thaw_gate.hpp"
#include "inventory/commands/unblock.hpp"
#include "inventory/commands/work_area.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/exposure.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

// The one that is named by "place", or the site's only one.
Result<PlaceId> need_station(const Ask& ask) {
  const View view = ask.view();
  TRY_ASSIGN(const auto named, maybe_id<PlaceId>(ask.body, "place"));
  if (!named.empty()) {
    TRY_ASSIGN(const auto place, known_place(view, named));
    if (is_thaw_station(view, place)) return named;
    return make_error(ErrorCode::invalid_value,
                      cat("expected a thaw station: one of a robot, or a place of a type called "
                          "thaw-station or ...-thaw-station; came ",
                          named.str(), " of type ", place.type));
  }
  std::vector<PlaceId> stations;
  for (const auto& [id, node] : view.base().places) {
    if (is_thaw_station(view, node.place)) stations.push_back(id);
  }
  if (stations.size() == 1) return stations.front();
  return make_error(ErrorCode::not_found, cat("expected the id of one of ", stations.size(),
                                              " thaw stations at \"place\""));
}

// Nothing forbids to thaw there, and no other patient's material stands there.
Result<PlaceId> need_free_station(const Ask& ask, const CourseId& course) {
  TRY_ASSIGN(const auto station, need_station(ask));
  TRY(check_no_hold(ask.view(), station));
  TRY(check_alone(ask.view(), station, course));
  return station;
}

std::vector<Aliquot> vials_of(const std::vector<VialRoute>& routes) {
  std::vector<Aliquot> vials;
  vials.reserve(routes.size());
  for (const VialRoute& route : routes) vials.push_back(route.aliquot);
  return vials;
}

// What a person's hands and eyes can take up: nobody else's job, a label that can be scanned.
Status check_liftable(const Ask& ask, const std::vector<Aliquot>& vials) {
  for (const Aliquot& vial : vials) {
    TRY(check_not_in_job(ask.view(), vial));
    TRY(check_label(ask.view(), vial));
    TRY(check_not_locked(ask.view(), vial.spot.place));
  }
  return {};
}

Job hand_job(const Ask& ask, const CourseDose& target, const ThawRules& rules,
             const std::vector<VialRoute>& routes) {
  const View view = ask.view();
  Job job;
  job.id = JobId(cat("job-", count_of(view.counters(), "jobs") + 1));
  job.kind = JobKind::thaw;
  job.state = JobState::running;
  job.course = target.course.id;
  job.dose = target.dose.id;
  job.priority = kThawPriority;
  job.due = job.made_at = ask.now();
  job.by = ask.context.actor.user;
  job.purpose = rules.purpose();
  for (const VialRoute& route : routes) {
    Move move = move_of(view, route);
    move.state = MoveState::holding;
    job.moves.push_back(std::move(move));
  }
  return job;
}

Result<Job> note_lifted(Ask& ask, const CourseDose& target, const ThawRules& rules,
                        const std::vector<VialRoute>& routes) {
  TRY(note_thaw_rules(ask, target, rules));
  Job job = hand_job(ask, target, rules, routes);
  Json data = act(ask);
  data.set("job", to_json(job));
  put_flag(data, "overridden", !rules.usual());
  TRY(ask.trial.add({fact::kThawLifted, std::move(data)}));
  return job;
}

Result<Decision> lift(Ask& ask) {
  TRY_ASSIGN(const auto target, need_dose(ask));
  TRY_ASSIGN(const auto rules, read_thaw_rules(ask));
  TRY(check_thaw(ask, target, rules));
  TRY_ASSIGN(const auto station, need_free_station(ask, target.course.id));
  TRY_ASSIGN(const auto routes, thaw_routes(ask, target, station));
  const std::vector<Aliquot> vials = vials_of(routes);
  if (vials.empty()) return make_error(ErrorCode::conflict, "expected a dose of frozen aliquots");
  TRY(check_liftable(ask, vials));
  Json reply = Json::object().set("course", target.course.id.str());
  reply.set("dose", target.dose.id.str()).set("station", station.str());
  // Asked before the lid is opened, when there is nothing to scan yet.
  if (is_dry_run(ask.body) && !ask.body.has("codes")) {
    return answer(ask, std::move(reply),
                  cat("dose ", target.dose.id.str(), " of course ", target.course.id.str(),
                      " may be thawed now"));
  }
  const std::string dose = dose_code(target.course.id, target.dose.id);
  TRY_ASSIGN(auto mismatch, check_codes(ask, vials, hold_target(HoldScope::dose, dose)));
  if (mismatch) return std::move(*mismatch);
  TRY_ASSIGN(const Job job, note_lifted(ask, target, rules, routes));
  reply.set("job", job.id.str()).set("placements", placements(job));
  return answer(ask, std::move(reply),
                cat("dose ", target.dose.id.str(), " of course ", target.course.id.str(),
                    " is in hands: set it down in ", station.str(), " and scan it there"));
}

// The job by which vials of the dose are in hands.
Result<Job> need_hands(const Ask& ask, const CourseDose& target) {
  const Job* job = target.dose.job.empty() ? nullptr : ask.view().job(target.dose.job);
  if (job != nullptr && job->robot.empty() && is_open(job->state)) return *job;
  return make_error(
      ErrorCode::conflict,
      cat("dose ", target.dose.id.str(), " of course ", target.course.id.str(), " is ",
          name_of(target.dose.state), ", and nobody has lifted it (dose/lift)"));
}

struct HandScan {
  Json moves = Json::array();
  std::optional<Decision> mismatch;
};

// The scanned vials, each of them one that is in hands.
Result<HandScan> match_hands(Ask& ask, const Job& job) {
  HandScan scanned;
  TRY_ASSIGN(const auto codes, scanned_codes(ask));
  for (const std::string& code : codes) {
    const Move* like = nullptr;
    std::size_t found = job.moves.size();
    for (std::size_t i = 0; i < job.moves.size(); ++i) {
      const Move& move = job.moves[i];
      if (move.state != MoveState::holding) continue;
      const ScanMatch match = match_code(ask.view(), move.code, code);
      if (match == ScanMatch::same) found = i;
      if (match == ScanMatch::alike) like = &move;
    }
    if (found < job.moves.size()) {
      scanned.moves.push(
          Json::object().set("move", static_cast<std::uint64_t>(found)).set("code", code));
      continue;
    }
    if (like != nullptr) {
      scanned.mismatch = ask_again(ask, like->code, code);
      return scanned;
    }
    const std::string dose = dose_code(job.course, job.dose);
    TRY_ASSIGN(auto noted, note_mismatch(ask, hold_target(HoldScope::dose, dose),
                                         "a vial of this dose that is in hands", code));
    scanned.mismatch = std::move(noted);
    return scanned;
  }
  return scanned;
}

Json all_in_hands(const Job& job) {
  Json moves = Json::array();
  for (std::size_t i = 0; i < job.moves.size(); ++i) {
    if (job.moves[i].state != MoveState::holding) continue;
    moves.push(Json::object().set("move", static_cast<std::uint64_t>(i)));
  }
  return moves;
}

// What a person is told at once: how long it was out, and what that means.
std::string out_words(const View& view, const Aliquot& was, SetDown how, WallTime now) {
  const std::int64_t seconds = out_s(was, now);
  const bool over = how == SetDown::back && allowed_s(view, *view.aliquot(was.id)) < seconds;
  return cat(", out of the cold for ", seconds, " s",
             over ? ": over budget, on hold until quality waives it" : "");
}

Result<SetDown> read_how(const Ask& ask) {
  TRY_ASSIGN(const auto lost, maybe_bool(ask.body, "lost"));
  TRY_ASSIGN(const auto back, maybe_bool(ask.body, "back"));
  if (lost && back) {
    return make_error(ErrorCode::invalid_value, "expected \"back\" or \"lost\", came both");
  }
  if (!lost && !ask.body.has("codes")) {
    return make_error(ErrorCode::invalid_value,
                      "expected at \"codes\" what was scanned as it was set down, came none");
  }
  return lost ? SetDown::lost : back ? SetDown::back : SetDown::thawed;
}

// What is given up was not scanned: everything in hands is meant, and two people say so.
Result<HandScan> read_hands(Ask& ask, const Job& job, SetDown how) {
  if (how != SetDown::lost) return match_hands(ask, job);
  TRY(need_second_signer(ask, "giving a vial up as lost"));
  return HandScan{all_in_hands(job), std::nullopt};
}

// As they are before they are set down.
Result<std::vector<Aliquot>> vials_in_hands(const View& view, const Job& job, const Json& moves) {
  std::vector<Aliquot> vials;
  vials.reserve(moves.items().size());
  for (const Json& item : moves.items()) {
    const auto index = static_cast<std::size_t>(*item.get_integer("move"));
    TRY_ASSIGN(auto vial, known_aliquot(view, job.moves[index].aliquot));
    vials.push_back(std::move(vial));
  }
  return vials;
}

std::string set_down_words(const View& view, const std::vector<Aliquot>& vials, SetDown how,
                           WallTime now) {
  std::string words;
  for (const Aliquot& vial : vials) {
    words += cat(words.empty() ? "aliquot " : "; aliquot ", vial.id.str(),
                 how == SetDown::lost ? std::string(" is lost")
                                      : cat(" is in ", view.name_of(view.aliquot(vial.id)->spot)),
                 out_words(view, vial, how, now));
  }
  return words;
}

Result<Decision> set_down(Ask& ask) {
  TRY_ASSIGN(const auto target, need_dose(ask));
  TRY_ASSIGN(const auto how, read_how(ask));
  TRY_ASSIGN(const auto job, need_hands(ask, target));
  TRY_ASSIGN(auto scanned, read_hands(ask, job, how));
  if (scanned.mismatch) return std::move(*scanned.mismatch);
  TRY_ASSIGN(const auto vials, vials_in_hands(ask.view(), job, scanned.moves));
  Json data = act(ask);
  data.set("job", job.id.str()).set("how", name_of(how)).set("moves", std::move(scanned.moves));
  TRY(ask.trial.add({fact::kThawSetDown, std::move(data)}));
  TRY(unblock_doses(ask, CourseId()));
  const Job& now = *ask.view().job(job.id);
  std::string words = set_down_words(ask.view(), vials, how, ask.now());
  const auto left = std::ranges::count(now.moves, MoveState::holding, &Move::state);
  if (left > 0) words += cat("; ", left, " of the dose still in hands");
  Json reply = Json::object().set("course", job.course.str()).set("dose", job.dose.str());
  reply.set("job", job.id.str()).set("left", static_cast<std::uint64_t>(left));
  reply.set("state", name_of(ask.view().course(job.course)->find(job.dose)->state));
  return answer(ask, std::move(reply), std::move(words));
}

constexpr DecidedVerb kHandThawCommands[] = {{"dose/lift", lift}, {"dose/set-down", set_down}};

}  // namespace

std::span<const DecidedVerb> hand_thaw_commands() { return kHandThawCommands; }

}  // namespace cryobank::inventory
