// Plan: when each dose of a course is thawed, harvested and infused. Pure functions of protocol,
// start day and what was already given; nothing is stored that can be derived.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "base/zone.hpp"
#include "config/site_config.hpp"

namespace cryobank::schedule {

struct PlannedDose {
  int number = 0;  // 1 to doses
  WallTime thaw_at;
  WallTime harvest_from;   // thaw + reculture_min
  WallTime harvest_until;  // thaw + the hard maximum
  WallTime infusion_at;
};

// Doses `first_number` to the last, the first infusion at `first_infusion` and the others at the
// same time of day of that zone. Thaw is counted backwards from the infusion; where the clock
// changes in between, an infusion is as much later as thaw and harvest need to keep their days.
// Refused when the protocol leaves the re-culture time unset.
Result<std::vector<PlannedDose>> plan_course(const config::ProtocolConfig& protocol,
                                             int first_number, WallTime first_infusion,
                                             const Zone& zone);

// Plan time: the wall clock, or for demonstrations that clock sped up from an anchor on.
// plan = anchor + (wall - anchor) * speed.
class PlanClock {
 public:
  PlanClock(WallTime anchor, int speed) : anchor_(anchor), speed_(speed) {}
  WallTime plan_time(WallTime wall) const;
  WallTime wall_time(WallTime plan) const;  // rounded up to the next millisecond
  int speed() const { return speed_; }

 private:
  WallTime anchor_;
  int speed_;
};

}  // namespace cryobank::schedule
