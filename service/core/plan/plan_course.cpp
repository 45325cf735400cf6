// course/clinic and amend; dose/fit and told.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/tables.hpp"
#include "service/core/plan/plan_ask.hpp"
#include "service/core/problem/plan_closed.hpp"

namespace cryobank::core {
namespace {

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

constexpr PlanVerb kCourseVerbs[] = {
    {"course/amend", amend_course},
    {"course/clinic", assign_clinic},
    {"dose/fit", fit_dose},
    {"dose/told", tell_dose},
};

}  // namespace

std::span<const PlanVerb> course_verbs() { return kCourseVerbs; }

}  // namespace cryobank::core
