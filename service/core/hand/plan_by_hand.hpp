// Plan by hand: dates that a person gives (dose/plan, course/plan). What cannot be is refused to
// everybody: a culture beyond its hard maximum, two infusions of a patient on one day, a longer gap
// than the protocol allows, a held course, a station or chair that is full, expired vials. What the
// planner alone may not do two people may, with a reason and "override": a shorter gap or culture
// than wanted, the reserve of a day, a day near another series, a visit inside the freeze. Every
// change of a visit is a version of the plan, with its author, reason and visits. Each refusal says
// what was expected, what came, and what would do.
#pragma once

#include "service/core/plan/plan_ask.hpp"

namespace cryobank::core {

// `body` as of dose/plan, its days open (check_open_days). Nothing where it is malformed: the
// inventory says so.
Status check_by_hand(const PlanAsk& ask, const Json& body);
// Who found the dates: the planner keeps the rules itself.
enum class FoundBy : std::uint8_t { person, planner };
// Decides dose/plan and publishes what it changed; `what`: the command, for people. After an Error
// the draft is as it was.
Result<Decision> plan_by_hand(PlanAsk& ask, const Json& body, std::string_view what, FoundBy by);

}  // namespace cryobank::core
