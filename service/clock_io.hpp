// Clock: the one place that reads time. Monotonic time is CLOCK_BOOTTIME, which goes on while the
// machine sleeps; a monotonic clock that runs backwards aborts the process.
// Also tells when the wall clock was stepped against the monotonic one, and whether the kernel says
// that it is synchronised. A wall clock outside 1970 to 2261 is no time: it is refused at start,
// and later the last good one goes on by monotonic time until it is set right.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "base/time.hpp"
#include "service/wire/input.hpp"

namespace cryobank::service {

// A wall clock that moved by more than this against monotonic time between two looks was stepped;
// slewing by NTP stays far below (500 ppm of the interval).
inline constexpr Duration kClockStepMin = milliseconds(500);

// Nanoseconds of a day in 2262 do not fit 64 bits any more.
inline constexpr WallTime kClockMax{9'214'646'400'000};  // 2262-01-01T00:00:00Z

// Error invalid_value: what the computer's clock says, and what to do.
Status expect_plausible(WallTime wall);
// What the computer's clock says, believed or not.
WallTime wall_clock();

class Clock {
 public:
  Clock();

  Now now();

  // What changed since the last call, if anything: stepped, synchronised, unsynchronised. Called a
  // few times a minute.
  std::optional<core::OperatorSignal> look();

 private:
  Instant last_;
  Now reference_;
  std::optional<bool> synchronised_;
};

}  // namespace cryobank::service
