// SimClock: virtual time. The monotonic clock only goes on; the wall clock drifts against it and
// jumps when told to.
// Fault budget: drift up to 500 ppm; jumps of up to some hours both ways, told to the daemon within
// the 5 s in which a real edge looks.
#pragma once

#include "base/check.hpp"
#include "base/time.hpp"

namespace cryobank::simulation {

class SimClock {
 public:
  Now now() const { return now_; }
  void advance_to(Instant when) {
    CHECK(when >= now_.mono);
    now_.mono = when;
    const std::int64_t since_ms = (when.ns - base_.mono.ns) / 1'000'000;
    now_.wall = {base_.wall.ms + since_ms + since_ms * drift_ppm_ / 1'000'000};
  }
  void set_drift(std::int64_t ppm) {
    base_ = now_;
    drift_ppm_ = ppm;
  }
  void jump(Duration by) {
    base_ = {now_.mono, now_.wall + by};
    now_ = base_;
  }

 private:
  // 2026-11-22T03:00:00Z; monotonic time does not begin at 0, since a computer ran before.
  Now base_{{1'000'000'000}, {1'795'316'400'000}};
  Now now_ = base_;
  std::int64_t drift_ppm_ = 0;
};

}  // namespace cryobank::simulation
