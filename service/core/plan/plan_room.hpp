// Plan room: published visits for which there is no room any more: a clinic's chairs or hours, a
// resource of the centre or a course's clinic changed after they were published. Counted as the
// day planner counts (plan_problem.hpp), the reserve included. Reads the record, changes nothing.
#pragma once

#include <string>
#include <vector>

#include "service/core/plan/plan_stopped.hpp"
#include "service/core/problem/plan_problem.hpp"

namespace cryobank::core {

struct PlanRoom {
  // On each day as many as are too many: told patients keep their day, then those thawed first.
  std::vector<StoppedDose> over;
  // Clinics whose chairs are infusions a day though their hours are known, and why.
  std::vector<std::string> warnings;
};

// Of those, what only its minute keeps from its day is asked for anew on that day, at another
// minute, where a chair is free then; else on a later one.
void unseat(const config::SiteConfig& site, const inventory::View& view,
            const std::vector<StoppedDose>& over, PlanProblem& made);

PlanRoom look_at_room(const config::SiteConfig& site, const inventory::View& view,
                      WallTime plan_now);

}  // namespace cryobank::core
