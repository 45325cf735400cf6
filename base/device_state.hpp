// Device state: how a device is reached. Its name is what device/{device}/state shows (contract 3).
#pragma once

#include <cstdint>
#include <string_view>

namespace cryobank {

enum class DeviceState : std::uint8_t {
  online,       // answers, every point good or honestly bad
  degraded,     // answers, some spans fail (profile mismatch, exceptions)
  stale,        // missed polls, not yet lost
  lost,         // does not answer: every point is comm-lost
  maintenance,  // set by a person, timed
};
std::string_view name_of(DeviceState state);

}  // namespace cryobank
