// Hand rules: what protocol, patient and places say to dates that a person gives; which of it two
// people may override is in plan_by_hand.hpp. Hours by the clock, gaps by local days.
#pragma once

#include <optional>
#include <set>

#include "service/core/plan/plan_ask.hpp"

namespace cryobank::core {

// One course with the dates of a body, as it would be.
struct HandDates {
  inventory::Course before;
  inventory::Course after;
  std::set<DoseId> changed;
};

// None: the body is not one that the inventory would take.
std::optional<HandDates> read_hand(const PlanAsk& ask, const Json& body);
Status check_hand_rules(const PlanAsk& ask, const HandDates& dates, bool overridden);

}  // namespace cryobank::core
