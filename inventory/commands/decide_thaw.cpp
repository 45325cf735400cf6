// dose/plan and dose/thaw: when a dose leaves the cold, and the robot's job that fetches it. What
// no robot finds people fetch (decide_hand_thaw.cpp), which the plan says at once.
#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/make_job.hpp"
#include "inventory/commands/thaw_gate.hpp"
#include "inventory/commands/work_area.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/reach.hpp"
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

// Which of these doses no robot finds: people thaw them, and are told when it is planned.
std::string tell_by_hand(const View& view, const Course& course, const Json& planned, Json& reply) {
  Json by_hand = Json::array();
  std::string first;
  for (const Json& item : planned.items()) {
    const Dose& dose = *course.find(DoseId(text_of(item, "dose")));
    if (dose.thaw_at.ms == 0) continue;
    const auto vial = find_beyond_robots(view, dose);
    if (!vial) continue;
    by_hand.push(dose.id.str());
    if (first.empty()) first = cat(vial->id.str(), " in ", view.name_of(vial->spot));
  }
  if (by_hand.items().empty()) return {};
  std::string words = cat("; ", by_hand.items().size(),
                          " of them are thawed by hand (dose/lift): ", "no robot finds ", first);
  reply.set("by_hand", std::move(by_hand));
  return words;
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
  data.set("doses", doses);
  TRY(ask.trial.add(inventory_fact(fact::kDosePlanned, std::move(data))));
  const Course& planned = *ask.view().course(course.id);
  Json reply = Json::object().set("course", course.id.str());
  reply.set("revision", planned.revision);
  const std::string by_hand = tell_by_hand(ask.view(), planned, doses, reply);
  return answer(ask, std::move(reply),
                cat("course ", course.id.str(), ": ", list.items().size(), " doses planned",
                    to_mend(ask.view(), course.id), by_hand));
}

// The one that is named, or the first of the site that goes to every vial which is still frozen.
Result<const config::DeviceConfig*> thaw_robot(const Ask& ask, const Dose& dose) {
  if (ask.body.has("robot")) return need_robot(ask, ask.body);
  const auto robots = robots_to_fetch(ask.view(), dose);
  if (!robots.empty()) return robots.front();
  return make_error(ErrorCode::unsupported,
                    cat("no robot goes to every vial of dose ", dose.id.str(),
                        "; people thaw it by hand (dose/lift)"));
}

Result<Job> start_thaw(Ask& ask, const CourseDose& target) {
  TRY_ASSIGN(const auto rules, read_thaw_rules(ask));
  TRY(check_thaw(ask, target, rules));
  if (const auto vial = find_beyond_robots(ask.view(), target.dose)) {
    const auto words = reach(ask.view(), vial->spot);
    return make_error(ErrorCode::unsupported,
                      cat(words.error().context, "; people thaw it by hand (dose/lift)"));
  }
  TRY_ASSIGN(const auto robot, thaw_robot(ask, target.dose));
  const PlaceId& station = robot->thaw_station;
  TRY(check_no_hold(ask.view(), station));
  TRY(check_alone(ask.view(), station, target.course.id));
  TRY_ASSIGN(const auto routes, thaw_routes(ask, target, station));
  TRY(note_thaw_rules(ask, target, rules));
  return make_job(ask, {JobKind::thaw, robot->id, target.dose.id, !rules.usual(), rules.purpose()},
                  target.course, routes);
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

// Its time has come, and nothing forbids it: people are not asked for by a refusal.
Decision leave_to_people(Ask& ask, const CourseDose& target) {
  Json reply = Json::object().set("course", target.course.id.str());
  reply.set("dose", target.dose.id.str()).set("by_hand", true);
  return answer(ask, std::move(reply),
                cat("dose ", target.dose.id.str(), " of course ", target.course.id.str(),
                    " waits for people, who thaw it by hand (dose/lift)"));
}

Result<Decision> thaw(Ask& ask) {
  TRY_ASSIGN(const auto target, need_dose(ask));
  const bool by_people = ask.by_schedule() && find_beyond_robots(ask.view(), target.dose);
  if (by_people && check_thaw(ask, target, {})) return leave_to_people(ask, target);
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
