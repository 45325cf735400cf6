// course/hold, resume, clinic and amend; dose/fit and told; visit/notice.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/tables.hpp"
#include "service/core/plan/plan_ask.hpp"
#include "service/core/problem/plan_closed.hpp"
#include "service/schedule/feeds.hpp"

namespace cryobank::core {
namespace {

constexpr std::array<std::string_view, 7> kPauseKinds{
    "fever", "tests", "travel", "chemotherapy", "imaging", "request", "other"};
constexpr int kPauseDaysMax = 540;

// The course's revision rises, so that its topic is published anew.
Json act_on(const PlanAsk& ask, const inventory::Course& course) {
  Json data = act_of(ask).set("course", course.id.str());
  return data.set("courses", Json(Json::Array{Json(course.id.str())}));
}

// Thaw jobs of the course that have not begun to move anything.
Status cancel_jobs(PlanAsk& ask, Decision& decision, const CourseId& course) {
  for (const JobId& id : ask.view().jobs_of(course)) {
    const inventory::Job* job = ask.view().job(id);
    if (job == nullptr || job->kind != inventory::JobKind::thaw) continue;
    const bool moving =
        std::any_of(job->moves.begin(), job->moves.end(), [](const inventory::Move& move) {
          return move.state == inventory::MoveState::issued ||
                 move.state == inventory::MoveState::holding;
        });
    if (moving) continue;
    TRY(add_fact(ask, decision, fact::kJobCancelled,
                 act_of(ask).set("job", id.str()).set("held", true)));
  }
  return {};
}

// What waited because of the hold is asked for again; what was missed stays for a proposal.
Status unblock_course(PlanAsk& ask, Decision& decision, const inventory::Course& course) {
  const inventory::Course now = course;
  for (const inventory::Dose& dose : now.doses) {
    if (dose.state != inventory::DoseState::planned || dose.blocked.empty()) continue;
    Json data = Json::object().set("course", now.id.str()).set("dose", dose.id.str());
    TRY(add_fact(ask, decision, fact::kDoseThawUnblocked, std::move(data)));
  }
  return {};
}

Result<Decision> resume_course(PlanAsk& ask) {
  TRY(only_keys(ask.body, {"course", "hold"}));
  TRY(need_reason_of(ask, "ending a hold"));
  TRY_ASSIGN(const auto course, course_in(ask));
  const std::string wanted = text_in(ask.body, "hold");
  Json data = act_on(ask, *course);
  Json ended = Json::array();
  for (const inventory::Dose& dose : course->doses) {
    // The clinic's word from before a hold does not count after it.
    const std::string fit = cat(course->id.str(), ".", dose.id.str());
    if (ask.view().document("fit", fit) == nullptr) continue;
    if (!fit_until(ask.bank.config, ask.view(), ask.clock,
                   ask.clock.plan_time(ask.context.now.wall), course->id, dose.id)) {
      inventory::add_document(data, "fit", fit, Json());
    }
  }
  for (const std::string& id : pauses_of(ask.view(), course->id)) {
    if (!wanted.empty() && wanted != id) continue;
    inventory::add_document(data, "pause", id, Json());
    ended.push(id);
  }
  if (ended.items().empty()) {
    return make_error(ErrorCode::not_found,
                      cat("no such hold stands on course ", course->id.str()));
  }
  const std::size_t mark = ask.draft.mark();
  Decision decision;
  Status added = add_fact(ask, decision, fact::kCourseResumed, data.set("holds", ended));
  if (added && pauses_of(ask.view(), course->id).empty()) {
    added = unblock_course(ask, decision, *course);
  }
  if (!added) {
    ask.draft.rewind(mark);
    return added.error();
  }
  decision.reply = Json::object().set("holds", std::move(ended));
  decision.message = cat("course ", course->id.str(), " goes on");
  return decision;
}

// A planned dose of a patient who is not fit does not happen as it is planned: that is told now,
// not when its thaw would be due.
Status stop_unfit(PlanAsk& ask, Decision& decision, const CourseId& course, const DoseId& id) {
  const inventory::Dose* dose = ask.view().course(course)->find(id);
  if (dose->state != inventory::DoseState::planned || !dose->blocked.empty()) return {};
  Json data = act_of(ask).set("course", course.str()).set("dose", id.str());
  data.set("code", name_of(ErrorCode::interlock));
  data.set("reason", kNotFit);
  return add_fact(ask, decision, fact::kDoseThawRefused, std::move(data));
}

Result<Decision> fit_dose(PlanAsk& ask) {
  TRY(only_keys(ask.body, {"course", "dose", "fit"}));
  TRY_ASSIGN(const auto course, course_in(ask));
  TRY_ASSIGN(const auto dose, dose_in(ask, *course));
  TRY_ASSIGN(const bool fit, ask.body.get_bool("fit"));
  Duration lasts = ask.bank.config.plan.fit_to_thaw;
  if (lasts.ns == 0) lasts = hours(24);
  const WallTime now = ask.clock.plan_time(ask.context.now.wall);
  const WallTime until = now + lasts;
  const std::string id = cat(course->id.str(), ".", dose->id.str());
  Json content;
  if (fit) {
    content =
        Json::object().set("until", format_utc(until)).set("by", ask.context.actor.user.str());
    content.set("at", format_utc(now));
  }
  Json data = act_on(ask, *course).set("dose", dose->id.str()).set("fit", fit);
  inventory::add_document(data, "fit", id, std::move(content));
  const CourseId course_id = course->id;
  const DoseId dose_id = dose->id;
  const std::size_t mark = ask.draft.mark();
  Decision decision;
  Status added = add_fact(ask, decision, fact::kDoseFitTold, std::move(data));
  if (added && fit) added = unblock_course(ask, decision, *course);
  if (added && !fit) added = stop_unfit(ask, decision, course_id, dose_id);
  if (!added) {
    ask.draft.rewind(mark);
    return added.error();
  }
  decision.reply = Json::object().set("fit_until", fit ? Json(format_utc(until)) : Json());
  decision.message =
      fit ? cat("fit to thaw until ", format_utc(until)) : "not fit: nothing is thawed";
  return decision;
}

Result<Decision> tell_dose(PlanAsk& ask) {
  TRY(only_keys(ask.body, {"course", "dose"}));
  TRY_ASSIGN(const auto course, course_in(ask));
  TRY_ASSIGN(const auto dose, dose_in(ask, *course));
  if (dose->state != inventory::DoseState::planned) {
    return make_error(ErrorCode::conflict, "expected a planned dose");
  }
  const Json* before = ask.view().document("told", course->id.str());
  Json content = before == nullptr ? Json::object() : *before;
  content.set(dose->id.str(), format_day(ask.bank.config.zone.local(dose->infusion_at).day));
  Json data = act_on(ask, *course).set("dose", dose->id.str());
  inventory::add_document(data, "told", course->id.str(), std::move(content));
  Decision decision;
  TRY(add_fact(ask, decision, fact::kDoseDateTold, std::move(data)));
  decision.reply = Json::object();
  decision.message = "noted: the patient knows this date";
  return decision;
}

Result<Decision> assign_clinic(PlanAsk& ask) {
  TRY(only_keys(ask.body, {"course", "clinic"}));
  TRY_ASSIGN(const auto course, course_in(ask));
  TRY_ASSIGN(const std::string clinic, ask.body.get_string("clinic"));
  if (ask.bank.config.find_clinic(clinic) == nullptr) {
    return make_error(ErrorCode::not_found, cat("no clinic is called \"", clip(clinic, 64), "\""));
  }
  Json data = act_on(ask, *course);
  Json named = act_of(ask).set("clinic", clinic);
  inventory::add_document(data, "clinic", course->id.str(), std::move(named));
  Decision decision;
  TRY(add_fact(ask, decision, fact::kCourseClinicSet, std::move(data)));
  decision.reply = Json::object().set("clinic", clinic);
  decision.message = cat("course ", course->id.str(), " is given at ", clinic);
  return decision;
}

// A protocol changed for one patient: author and reason stand with it.
Result<Decision> amend_course(PlanAsk& ask) {
  constexpr std::array<std::string_view, 10> kFields{"interval_min_days",
                                                     "interval_max_days",
                                                     "limit_min_days",
                                                     "limit_max_days",
                                                     "early_doses",
                                                     "early_min_days",
                                                     "urgency",
                                                     "apart_days",
                                                     "chemotherapy_before_days",
                                                     "chemotherapy_after_days"};
  TRY(need_reason_of(ask, "changing a protocol for one patient"));
  TRY_ASSIGN(const auto course, course_in(ask));
  const Json* before = ask.view().document("change", course->id.str());
  Json content = before == nullptr ? Json::object() : *before;
  for (const auto& [key, value] : ask.body.members()) {
    if (key == "course") continue;
    if (std::find(kFields.begin(), kFields.end(), key) == kFields.end()) {
      return make_error(ErrorCode::unknown_key, cat("unknown key \"", clip(key, 60), "\""));
    }
    const bool few =
        key == "early_doses" || key == "apart_days" || key.starts_with("chemotherapy_");
    const std::int64_t most = key == "urgency" ? 9 : few ? 60 : 365;
    if (!value.is_integer() || value.integer() < 1 || value.integer() > most) {
      return make_error(ErrorCode::invalid_value, cat("expected 1 to ", most, " at \"", key, "\""));
    }
    content.set(key, value);
  }
  content.set("by", ask.context.actor.user.str()).set("reason", ask.context.reason);
  content.set("at", format_utc(ask.context.now.wall));
  const inventory::Course before_it = *course;  // the trial changes the draft's own
  const CourseId& id = before_it.id;
  const auto amended = [&](Json document) {
    Json data = act_on(ask, before_it);
    inventory::add_document(data, "change", id.str(), std::move(document));
    return data;
  };
  // What it would be, on trial: what contradicts itself is refused, and dates that break it are
  // named.
  const std::size_t mark = ask.draft.mark();
  Decision trial;
  TRY(add_fact(ask, trial, fact::kCourseAmended, amended(content)));
  const inventory::Course now = *ask.view().course(id);
  const auto own = protocol_of(ask.bank.config, ask.view(), now);
  ask.draft.rewind(mark);
  const std::string fault = own ? own->gap_fault() : own.error().context;
  if (!fault.empty()) return make_error(ErrorCode::invalid_value, fault);
  Json breaks = Json::array();
  for (const DoseId& dose : too_soon(ask.bank.config, *own, now)) {
    Json one = Json::object().set("dose", dose.str());
    breaks.push(one.set("infusion_at", format_utc(now.find(dose)->infusion_at)));
  }
  const std::size_t broken = breaks.items().size();
  content.set("breaks", std::move(breaks));
  Decision decision;
  TRY(add_fact(ask, decision, fact::kCourseAmended, amended(std::move(content))));
  decision.reply = Json::object().set("course", id.str());
  decision.reply.set("too_soon", static_cast<std::uint64_t>(broken));
  decision.message =
      cat("course ", id.str(), " has its own interval from now on",
          broken == 0 ? std::string()
                      : cat("; ", broken, " planned infusions are nearer to the one before than ",
                            "that: a proposal follows within a minute"));
  return decision;
}

constexpr std::size_t kNoticesMax = 100;  // remembered of one course: a sender repeats the last few

Json notices_of(const PlanAsk& ask, const CourseId& course) {
  const Json* known = ask.view().document("notice", course.str());
  return known == nullptr ? Json::array() : (*known)["items"];
}

// Of a message of the same number by the same sender, the hold that it made; empty: it is new.
std::string hold_of_notice(const Json& notices, const schedule::SiuNotice& notice) {
  for (const Json& item : notices.items()) {
    if (text_in(item, "sender") == notice.sender && text_in(item, "control") == notice.control) {
      return text_in(item, "hold");
    }
  }
  return {};
}

Status check_noticed(const inventory::Course& course, const schedule::SiuNotice& notice) {
  const inventory::Dose* dose = course.find(DoseId(notice.dose));
  if (dose == nullptr) {
    return make_error(ErrorCode::not_found,
                      cat("course ", course.id.str(), " has no dose ", clip(notice.dose, 64)));
  }
  if (!inventory::is_final(dose->state) && dose->infusion_at.ms != 0) return {};
  return make_error(ErrorCode::conflict,
                    cat("dose ", dose->id.str(), " of course ", course.id.str(), " is ",
                        name_of(dose->state), ", expected one with a visit that is to come"));
}

Json with_notice(const Json& before, const PlanAsk& ask, const schedule::SiuNotice& notice,
                 const Json& hold) {
  Json items = Json::array();
  const std::vector<Json>& old = before.items();
  for (std::size_t k = old.size() < kNoticesMax ? 0 : 1; k < old.size(); ++k) items.push(old[k]);
  Json item = Json::object().set("sender", clip(notice.sender, 200));
  item.set("control", clip(notice.control, 200)).set("hold", hold);
  items.push(item.set("at", format_utc(ask.context.now.wall)));
  return items;
}

// A hospital's word that a patient does not come: the course is held from today on, with no end,
// until a physician says that it goes on. The same message again holds nothing anew.
Result<Decision> notice_visit(PlanAsk& ask) {
  TRY(only_keys(ask.body, {"hl7"}));
  TRY_ASSIGN(const std::string message, ask.body.get_string("hl7"));
  TRY_ASSIGN(const schedule::SiuNotice notice,
             schedule::read_siu(ask.bank.config.site.str(), message));
  const CourseId id(notice.course);
  const inventory::Course* course = ask.view().course(id);
  if (course == nullptr) {
    return make_error(ErrorCode::not_found, cat("no course is called ", id.str()));
  }
  const Json notices = notices_of(ask, id);
  if (const std::string hold = hold_of_notice(notices, notice); !hold.empty()) {
    Decision decision;
    decision.reply = Json::object().set("hold", hold);
    decision.message = cat("message ", clip(notice.control, 60), " came already: ", hold);
    return decision;
  }
  TRY(check_noticed(*course, notice));
  Json body = Json::object().set("course", notice.course).set("kind", "request");
  CommandContext context = ask.context;
  context.reason = cat("HL7 SIU^", notice.event, " for ", clip(notice.uid, 80));
  PlanAsk hold{ask.bank, ask.clock, ask.desk, ask.draft, body, context};
  const std::size_t mark = ask.draft.mark();
  TRY_ASSIGN(Decision decision, hold_course(hold));
  Json data = act_of(ask).set("course", id.str()).set("event", notice.event);
  data.set("sender", clip(notice.sender, 200)).set("control", clip(notice.control, 200));
  Json items = with_notice(notices, ask, notice, decision.reply["hold"]);
  inventory::add_document(data, "notice", id.str(), Json::object().set("items", std::move(items)));
  if (const Status added = add_fact(ask, decision, fact::kVisitNoticed, std::move(data)); !added) {
    ask.draft.rewind(mark);
    return added.error();
  }
  return decision;
}

constexpr PlanVerb kCourseVerbs[] = {
    {"course/amend", amend_course}, {"course/clinic", assign_clinic},
    {"course/hold", hold_course},   {"course/resume", resume_course},
    {"dose/fit", fit_dose},         {"dose/told", tell_dose},
    {"visit/notice", notice_visit},
};

}  // namespace

Result<Decision> hold_course(PlanAsk& ask) {
  if (Status keys = only_keys(ask.body, {"course", "kind", "from", "until"}); !keys)
    return keys.error();
  TRY(need_reason_of(ask, "a hold"));
  TRY_ASSIGN(const auto course, course_in(ask));
  TRY_ASSIGN(const std::string kind, ask.body.get_string("kind"));
  if (std::find(kPauseKinds.begin(), kPauseKinds.end(), kind) == kPauseKinds.end()) {
    return make_error(
        ErrorCode::invalid_value,
        cat("expected fever, tests, travel, chemotherapy, imaging, request or other at "
            "\"kind\", came \"",
            clip(kind, 40), "\""));
  }
  const Day today = ask.today();
  Day from = today;
  if (ask.body.has("from")) {
    TRY_ASSIGN(const Day given, day_in(ask.body, "from"));
    from = given;
  }
  Json pause = Json::object().set("course", course->id.str()).set("kind", kind);
  pause.set("from", format_day(from)).set("by", ask.context.actor.user.str());
  pause.set("at", format_utc(ask.context.now.wall)).set("reason", ask.context.reason);
  if (ask.body.has("until") && !ask.body["until"].is_null()) {
    TRY_ASSIGN(const Day until, day_in(ask.body, "until"));
    if (until < from || until.number - from.number > kPauseDaysMax) {
      return make_error(ErrorCode::invalid_value,
                        cat("expected a day from ", format_day(from), " on at \"until\", at most ",
                            kPauseDaysMax, " days later, came ", format_day(until)));
    }
    pause.set("until", format_day(until));
  }
  const inventory::Counters counters = ask.view().counters();
  const std::string id = cat("pause-", inventory::count_of(counters, "pauses") + 1);
  Json data = act_on(ask, *course).set("hold", id);
  inventory::add_document(data, "pause", id, std::move(pause));
  inventory::add_count(data, "pauses");
  const CourseId course_id = course->id;
  const std::size_t mark = ask.draft.mark();
  Decision decision;
  Status added = add_fact(ask, decision, fact::kCoursePaused, std::move(data));
  if (added && from <= today) added = cancel_jobs(ask, decision, course_id);
  if (!added) {
    ask.draft.rewind(mark);
    return added.error();
  }
  decision.reply = Json::object().set("hold", id);
  decision.message = cat("course ", course_id.str(), " is held from ", format_day(from),
                         ": nothing of it is thawed, a proposal follows");
  return decision;
}

std::span<const PlanVerb> course_verbs() { return kCourseVerbs; }

}  // namespace cryobank::core
