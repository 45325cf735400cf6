// Plan room: published visits for which there is no room any more: a clinic's chairs or hours, a
// resource of the centre or a course's clinic changed after they were published. Counted as the
// day planner counts (plan_problem.hpp), the reserve included. Reads the record, changes nothing.
#pragma once

#include <string>
#include <vector>

#include "service/core/plan/plan_stopped.hpp"

namespace cryobank::core {

struct PlanRoom {
  // On each day as many as are too many: told patients keep their day, then those thawed first.
  std::vector<StoppedDose> over;
  // Clinics whose chairs are infusions a day though their hours are known, and why.
  std::vector<std::string> warnings;
};

PlanRoom look_at_room(const config::SiteConfig& site, const inventory::View& view,
                      WallTime plan_now);

}  // namespace cryobank::core
