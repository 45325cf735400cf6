// Plan danger: planned doses whose vials lie in a freezer that loses its cold. They are named with
// their courses; those due soon change places with later doses whose vials are safe
// (plan_order.hpp) in a proposal. Nothing is moved in the store by it: that is what the alarm asks
// people to do.
#pragma once

#include <string>
#include <vector>

#include "service/core/bank.hpp"
#include "service/core/problem/checked.hpp"
#include "service/core/problem/plan_order.hpp"

namespace cryobank::core {

inline constexpr std::size_t kThreatsMax = 500;  // courses that are named

// A freezer of which an alarm stands: over its temperature limit, or its contents are on the way
// out by its detectors or its supply (alarms::Prognosis::losing).
struct FreezerDanger {
  DeviceId freezer;
  std::string alarm;
  std::string since;  // when it began
};
std::vector<FreezerDanger> freezers_in_danger(const Bank& bank);

// One course with planned doses inside such a freezer.
struct Threat {
  FreezerDanger danger;
  CourseId course;
  std::vector<DoseId> doses;     // inside, planned, by number
  std::vector<DoseId> put_back;  // of those, the ones that a proposal puts behind safe doses
  bool soon = false;             // one of them is thawed by `until`
  Day until;                     // doses that are thawed later stay (safe_from() of plan_problem)
};

// "freezer-1 is in alarm (freezer-1.level-falling-fast) with doses of course c-1 (3, 5), ...".
std::string to_text(const std::vector<Threat>& threats);
// What is proposed anew when it changes: which doses are put back, for which freezer.
std::string key_of(const std::vector<Threat>& threats);
// One freezer and course.
std::string name_of(const Threat& threat);
// [{"freezer","alarm","course","doses","moved","why"}]
Json to_json(const std::vector<Threat>& threats);

}  // namespace cryobank::core
