// Clock: the one place that reads time. Monotonic time is CLOCK_BOOTTIME, which goes on while the
// machine sleeps; a monotonic clock that runs backwards aborts the process.
// Also tells when the wall clock was stepped against the monotonic one, and whether the kernel says
// that it is synchronised.
#pragma once

#include <optional>

#include "base/time.hpp"
#include "service/core/input.hpp"

namespace cryobank::service {

// A wall clock that moved by more than this against monotonic time between two looks was stepped;
// slewing by NTP stays far below (500 ppm of the interval).
inline constexpr Duration kClockStepMin = milliseconds(500);

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
