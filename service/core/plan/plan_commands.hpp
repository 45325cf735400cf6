// Plan commands: what people decide about the plan and about a course's dates. Facts are recorded
// by the inventory, as documents of the kinds plan, pause, fit, told, clinic and change; the plan
// desk acts once they are durable. A published plan changes by plan/accept alone.
#pragma once

#include <string>
#include <string_view>

#include "service/core/plan/plan_ask.hpp"

namespace cryobank::core {

bool is_plan_verb(std::string_view verb);
// The facts are applied to the draft. After an Error the draft is as it was.
Result<Decision> decide_plan(PlanAsk& ask, std::string_view verb);
// Doses whose thaw, harvest or infusion falls on a day on which centre or clinic is closed; `body`
// as of dose/plan.
Status check_open_days(const PlanAsk& ask, const Json& body);
// One course beside everything that is planned already, its first infusion on `first` or as soon
// after as can be. What would begin more than kFirstLaterMax days later is not what was asked for.
inline constexpr int kFirstLaterMax = 7;
struct PlannedCourse {
  Json command;  // the body of dose/plan
  Day first;
  std::string because;  // why not on the day that was asked for; empty: it is
};
Result<PlannedCourse> plan_from(const PlanAsk& ask, const inventory::Course& course, Day first);
// Holds the dose on that day, and those that are planned before it on theirs.
void pin_dose(PlanProblem& made, std::size_t series, const DoseId& dose, Day day);
// A day on which the dose cannot be given whoever makes room, with what forbids it.
Status check_move(const PlanAsk& ask, const inventory::Course& course, const DoseId& dose, Day day);
// A thaw that much before its planned time is early, in plan time; the plan's own request may be as
// early as its lead.
inline constexpr Duration kThawTooEarly = hours(2);
// A harvest before the protocol's shortest culture is over, by the plan's clock.
Status check_culture(const PlanAsk& ask);
// The thaw gate: what forbids a robot to fetch this dose now, beside what the inventory asks.
Status check_thaw_gate(const PlanAsk& ask, const CourseId& course, const DoseId& dose);

}  // namespace cryobank::core
