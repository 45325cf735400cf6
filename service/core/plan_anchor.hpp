// Plan anchor: plan time, anchored so that the anchor stands in the journal and survives restarts.
// At speed 1 it is the wall clock. A demonstration's faster clock stands while the daemon is down,
// and goes on from where it stood, so that no dose is missed overnight. Where it stood is therefore
// written every few seconds: a row of the last start alone would call the clock back over days that
// were lived, and what was thawed in them would lie in the future.
//   m/plan-clock  {"anchor":ms,"seen":ms,"speed":n}   `seen`: wall time when it was last written
#pragma once

#include <optional>
#include <string_view>

#include "base/record.hpp"
#include "service/schedule/plan.hpp"

namespace cryobank::core {

class PlanAnchor {
 public:
  explicit PlanAnchor(int speed) : clock_({}, speed) {}

  Status load_row(std::string_view value);
  // First step of a run: the fact to journal when the anchor is new.
  std::optional<Fact> start(WallTime wall);
  // The row that says where the clock stands, and when it is to be written again.
  RowChange keep(const Now& now);
  Instant next_deadline() const { return keep_at_; }

  WallTime plan_time(WallTime wall) const { return clock_.plan_time(wall); }
  WallTime wall_time(WallTime plan) const { return clock_.wall_time(plan); }
  int speed() const { return clock_.speed(); }
  WallTime anchor() const { return anchor_; }

 private:
  schedule::PlanClock clock_;
  WallTime anchor_;
  WallTime seen_;
  int stored_speed_ = 0;  // 0: nothing was stored
  Instant keep_at_ = kNever;
};

}  // namespace cryobank::core
