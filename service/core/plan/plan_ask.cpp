#include "service/core/plan/plan_ask.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::core {

Status only_keys(const Json& body, std::initializer_list<std::string_view> keys) {
  for (const auto& [key, value] : body.members()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    return make_error(ErrorCode::unknown_key, cat("unknown key \"", clip(key, 60), "\""));
  }
  return {};
}

Result<Day> day_in(const Json& body, std::string_view key) {
  TRY_ASSIGN(const std::string text, body.get_string(key));
  Result<Day> day = parse_day(text);
  if (day) return day;
  return make_error(day.error().code, cat(key, ": ", day.error().context));
}

Result<const inventory::Course*> course_in(const PlanAsk& ask) {
  TRY_ASSIGN(const CourseId id, id_in<CourseId>(ask.body, "course"));
  const inventory::Course* course = ask.view().course(id);
  if (course == nullptr) {
    return make_error(ErrorCode::not_found, cat("no course is called ", id.str()));
  }
  return course;
}

Result<const inventory::Dose*> dose_in(const PlanAsk& ask, const inventory::Course& course) {
  TRY_ASSIGN(const DoseId id, id_in<DoseId>(ask.body, "dose"));
  const inventory::Dose* dose = course.find(id);
  if (dose != nullptr) return dose;
  return make_error(ErrorCode::not_found,
                    cat("course ", course.id.str(), " has no dose ", id.str()));
}

Json act_of(const PlanAsk& ask) {
  Json data = Json::object().set("at", format_utc(ask.context.now.wall));
  data.set("by", ask.context.actor.user.str()).set("reason", ask.context.reason);
  return data;
}

Json act_on(const PlanAsk& ask, const inventory::Course& course) {
  Json data = act_of(ask).set("course", course.id.str());
  return data.set("courses", Json(Json::Array{Json(course.id.str())}));
}

Status add_fact(PlanAsk& ask, Decision& decision, const FactName& type, Json data) {
  Fact fact(type, std::move(data));
  const Status applied = ask.draft.apply(fact);
  if (applied) decision.facts.push_back(std::move(fact));
  return applied;
}

Status need_reason_of(const PlanAsk& ask, std::string_view what) {
  if (!trim(ask.context.reason).empty()) return {};
  return make_error(ErrorCode::invalid_value, cat("expected a reason for ", what));
}

}  // namespace cryobank::core
