// dose/plan and dose/thaw: when a dose leaves the cold, and the job that fetches it. Thawing cannot
// be taken back, so everything that could forbid it is asked before the job is made.
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/make_job.hpp"
#include "inventory/commands/work_area.hpp"
#include "inventory/ledger/allocation.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/out_of_spec.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

struct Times {
  WallTime thaw, harvest_from, harvest_until, infusion;
};

Result<Times> read_times(const Json& item) {
  TRY_ASSIGN(const auto thaw, maybe_time(item, "thaw_at"));
  TRY_ASSIGN(const auto from, maybe_time(item, "harvest_from"));
  TRY_ASSIGN(const auto until, maybe_time(item, "harvest_until"));
  TRY_ASSIGN(const auto infusion, maybe_time(item, "infusion_at"));
  WallTime last = thaw;
  for (const WallTime time : {from, until, infusion}) {
    if (time.ms == 0) continue;
    if (time < last) {
      return make_error(ErrorCode::invalid_value,
                        "expected thaw, harvest and infusion times in this order");
    }
    if (time != until) last = time;
  }
  return Times{thaw, from, until, infusion};
}

Result<Json> planned_item(const View& view, const Course& course, const Json& item) {
  TRY_ASSIGN(const auto id, need_id<DoseId>(item, "dose"));
  const Dose* dose = course.find(id);
  if (dose == nullptr) {
    return make_error(ErrorCode::not_found,
                      cat("course ", course.id.str(), " has no dose ", id.str()));
  }
  if (dose->state > DoseState::planned) {
    return make_error(ErrorCode::conflict,
                      cat("dose ", id.str(), " of course ", course.id.str(), " is ",
                          name_of(dose->state), ", its plan can no longer change"));
  }
  TRY_ASSIGN(const auto times, read_times(item));
  for (const AliquotId& aliquot_id : dose->aliquots) {
    if (times.thaw.ms == 0) break;  // a plan that is taken back
    TRY_ASSIGN(const auto aliquot, known_aliquot(view, aliquot_id));
    TRY(check_consent(view, aliquot));
  }
  Json planned = Json::object().set("dose", id.str());
  put_time(planned, "thaw_at", times.thaw);
  put_time(planned, "harvest_from", times.harvest_from);
  put_time(planned, "harvest_until", times.harvest_until);
  put_time(planned, "infusion_at", times.infusion);
  put_time(planned, "old_thaw_at", dose->thaw_at);
  return planned;
}

// What would stop a planned dose when it is due, and is mended by people before: of the first.
std::string to_mend(const View& view, const CourseId& course) {
  for (const Dose& dose : view.course(course)->doses) {
    if (dose.state != DoseState::planned || dose.thaw_at.ms == 0) continue;
    for (const AliquotId& id : dose.aliquots) {
      const auto aliquot = view.aliquot(id);
      if (!aliquot) continue;
      for (const Status& may :
           {check_label_not_void(view, *aliquot), check_not_for_disposal(view, id)}) {
        if (!may) return cat("; dose ", dose.id.str(), " is not thawed so: ", may.error().context);
      }
    }
  }
  return {};
}

Result<Decision> plan_doses(Ask& ask) {
  TRY_ASSIGN(const auto course, need_course(ask));
  const bool one = !ask.body["doses"].is_array();
  const Json list = one ? Json(Json::Array{ask.body}) : ask.body["doses"];
  if (list.items().empty() || list.items().size() > kDosesMax) {
    return make_error(ErrorCode::invalid_value, cat("expected 1 to ", kDosesMax, " doses"));
  }
  TRY_ASSIGN(const auto overridden, maybe_bool(ask.body, "override"));
  if (overridden) {
    TRY(need_second_signer(ask, "dates against the rules"));
    TRY(note_override(ask, "dose-plan"));
  }
  Json doses = Json::array();
  for (const Json& item : list.items()) {
    TRY_ASSIGN(auto planned, planned_item(ask.view(), course, item));
    doses.push(std::move(planned));
  }
  Json data = act(ask);
  data.set("course", course.id.str());
  data.set("doses", std::move(doses));
  TRY(ask.trial.add(inventory_fact(fact::kDosePlanned, std::move(data))));
  Json reply = Json::object().set("course", course.id.str());
  reply.set("revision", ask.view().course(course.id)->revision);
  return answer(ask, std::move(reply),
                cat("course ", course.id.str(), ": ", list.items().size(), " doses planned",
                    to_mend(ask.view(), course.id)));
}

// How this thaw differs from the usual one; both need a reason and a second signer.
struct ThawRules {
  bool overridden = false;   // quarantined vials too
  bool safety_test = false;  // of a dose that nobody will get: a withdrawn consent does not count
};

Status check_holds(const Ask& ask, const Aliquot& aliquot, const ThawRules& rules) {
  if (!rules.safety_test) return check_no_hold(ask.view(), aliquot, ask.now());
  for (const Hold& hold : holds_on(ask.view(), aliquot)) {
    if (hold.kind == kConsent) continue;
    return make_error(ErrorCode::conflict, cat("aliquot ", aliquot.id.str(), " is on hold: ",
                                               hold.id, ", ", hold.kind, ": ", hold.reason));
  }
  return {};
}

Status check_aliquot(const Ask& ask, const Aliquot& aliquot, const ThawRules& rules) {
  const bool released = aliquot.state == AliquotState::released ||
                        aliquot.state == AliquotState::conditionally_released;
  const bool waived =
      (rules.overridden || rules.safety_test) && aliquot.state == AliquotState::quarantined;
  if (!released && !waived) {
    return make_error(ErrorCode::conflict, cat("aliquot ", aliquot.id.str(), " is ",
                                               name_of(aliquot.state), ", expected it released"));
  }
  if (!rules.safety_test && aliquot.expires_at.ms != 0 && aliquot.expires_at <= ask.now()) {
    return make_error(ErrorCode::expired, cat("aliquot ", aliquot.id.str(), " expired at ",
                                              format_utc(aliquot.expires_at)));
  }
  TRY(check_holds(ask, aliquot, rules));
  TRY(check_not_for_disposal(ask.view(), aliquot.id));
  // Its code is scanned by hand when it is warm: a label that may not be scanned is mended first.
  TRY(check_label_not_void(ask.view(), aliquot));
  if (aliquot.spot.place.str() == kUnknownPlace) {
    return make_error(ErrorCode::conflict,
                      cat("nobody knows where aliquot ", aliquot.id.str(), " is"));
  }
  return {};
}

Result<std::vector<Route>> thaw_routes(const Ask& ask, const Dose& dose, const PlaceId& station_id,
                                       const ThawRules& rules) {
  const View view = ask.view();
  TRY_ASSIGN(const auto station, known_place(view, station_id));
  std::vector<int> free;
  for (const int position : view.type_of(station).fill_order()) {
    if (is_free(view, station, position)) free.push_back(position);
  }
  std::vector<Route> routes;
  for (const AliquotId& id : dose.aliquots) {
    TRY_ASSIGN(auto aliquot, known_aliquot(view, id));
    if (aliquot.state == AliquotState::thawed) continue;  // fetched by a job that broke off
    TRY(check_aliquot(ask, aliquot, rules));
    if (routes.size() >= free.size()) {
      return make_error(
          ErrorCode::no_space,
          cat("thaw station ", station_id.str(), " has ", free.size(),
              " free positions, expected one for each of ", dose.aliquots.size(), " aliquots"));
    }
    const Spot to{station_id, free[routes.size()]};
    const Spot from = aliquot.spot;
    routes.push_back({std::move(aliquot), from, to});
  }
  return routes;
}

Result<ThawRules> read_rules(const Ask& ask) {
  ThawRules rules;
  TRY_ASSIGN(const auto overridden, maybe_bool(ask.body, "override"));
  TRY_ASSIGN(const auto purpose, maybe_text(ask.body, "purpose", kIdLengthMax));
  if (!purpose.empty() && purpose != kSafetyTest) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected ", kSafetyTest, " or nothing at \"purpose\", came \"",
                          clip(purpose, 40), "\""));
  }
  rules.overridden = overridden;
  rules.safety_test = !purpose.empty();
  if (!rules.overridden && !rules.safety_test) return rules;
  TRY(need_second_signer(ask, "thawing against the rules"));
  return rules;
}

// What was thawed for a test is for no patient, also when the consent is given again.
Status keep_from_patient(Ask& ask, const CourseDose& target) {
  Hold hold;
  hold.id = cat("hold-", count_of(ask.view().counters(), "holds") + 1);
  hold.target =
      hold_target(HoldScope::dose, cat(target.course.id.str(), "/", target.dose.id.str()));
  hold.kind = kSafetyTest;
  hold.reason = "thawed for a safety test";
  hold.by = ask.context.actor.user;
  hold.at = ask.now();
  Json data = act(ask);
  data.set("hold", hold.id);
  data.set("target", hold.target);
  data.set("kind", hold.kind);
  add_document(data, "hold", hold.id, to_json(hold));
  add_count(data, "holds");
  return ask.trial.add(inventory_fact(fact::kHoldPlaced, std::move(data)));
}

Result<Job> start_thaw(Ask& ask, const CourseDose& target) {
  const Dose& dose = target.dose;
  TRY_ASSIGN(const auto rules, read_rules(ask));
  const bool unplanned = rules.overridden || rules.safety_test;
  const bool waits =
      dose.state == DoseState::planned || (unplanned && dose.state <= DoseState::planned);
  if (!waits) {
    return make_error(ErrorCode::conflict,
                      cat("dose ", dose.id.str(), " of course ", target.course.id.str(), " is ",
                          name_of(dose.state), ", expected it planned"));
  }
  // Two people may thaw against a rule, but not what failed a test: that has a way of its own.
  if (!rules.safety_test) {
    TRY(check_spec(ask.view(), target.course));
  }
  TRY_ASSIGN(const auto robot, need_robot(ask, ask.body));
  const PlaceId& station = robot->thaw_station;
  TRY(check_no_hold(ask.view(), station));
  TRY(check_alone(ask.view(), station, target.course.id));
  TRY_ASSIGN(const auto routes, thaw_routes(ask, dose, station, rules));
  if (unplanned) {
    TRY(note_override(ask, rules.safety_test ? "safety-test" : "dose-thaw"));
  }
  if (rules.safety_test) {
    TRY(keep_from_patient(ask, target));
  }
  const std::string purpose(rules.safety_test ? kSafetyTest : std::string_view());
  return make_job(ask, {JobKind::thaw, robot->id, dose.id, unplanned, purpose}, target.course,
                  routes);
}

// The plan's own request is not answered by anyone: a refusal becomes a fact, so that it is told
// and the dose waits until its cause is gone.
Result<Decision> note_refusal(Ask& ask, const CourseDose& target, const Error& why) {
  Json data = act(ask);
  data.set("course", target.course.id.str());
  data.set("dose", target.dose.id.str());
  data.set("code", name_of(why.code));
  data.set("reason", why.context);
  TRY(ask.trial.add(inventory_fact(fact::kDoseThawRefused, std::move(data))));
  Json reply = Json::object().set("refused", name_of(why.code));
  return answer(ask, std::move(reply),
                cat("thaw of dose ", target.dose.id.str(), " of course ", target.course.id.str(),
                    " refused: ", why.context));
}

Result<Decision> thaw(Ask& ask) {
  TRY_ASSIGN(const auto target, need_dose(ask));
  const auto job = start_thaw(ask, target);
  if (!job) {
    const bool waits = target.dose.state == DoseState::planned && target.dose.blocked.empty();
    if (ask.by_schedule() && waits) return note_refusal(ask, target, job.error());
    return job.error();
  }
  Json reply = Json::object().set("course", target.course.id.str());
  reply.set("dose", target.dose.id.str());
  reply.set("job", job->id.str());
  reply.set("placements", placements(*job));
  Decision decision = answer(ask, std::move(reply),
                             cat("dose ", target.dose.id.str(), " of course ",
                                 target.course.id.str(), " is fetched by ", job->id.str()));
  decision.accepted_only = true;
  return decision;
}

constexpr DecidedVerb kThawCommands[] = {
    {"dose/plan", plan_doses},
    {"dose/thaw", thaw},
};

}  // namespace

std::span<const DecidedVerb> thaw_commands() { return kThawCommands; }

}  // namespace cryobank::inventory
