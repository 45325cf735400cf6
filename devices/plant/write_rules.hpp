// The rules before a write: class, range, step of the register, two people, shortest interval,
// lifetime budget. Pure; the interlocks of fills stand in plant.cpp.
#pragma once

#include <cstdint>
#include <optional>

#include "base/record.hpp"
#include "base/result.hpp"
#include "config/device_profile.hpp"

namespace cryobank::devices {

// What is known of earlier writes of one point.
struct WriteHistory {
  std::int64_t count = 0;            // since the device was commissioned
  std::optional<WallTime> last;      // persisted
  std::optional<Instant> last_mono;  // of this run: a jump of the wall does not shorten it
};

Status may_write(const config::Point& point, Milli value, const WriteHistory& history,
                 const CommandContext& context);

}  // namespace cryobank::devices
