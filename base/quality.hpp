// How far a reading may be trusted. Only `good` carries a number; every other quality means that
// there is none, and the wire shows null (contract section 3).
#pragma once

#include <cstdint>
#include <string_view>

namespace cryobank {

enum class Quality : std::uint8_t {
  good,
  stale,             // older than its age limit
  sensor_broken,     // a sentinel or NaN: the instrument says its sensor is open or short
  out_of_range,      // outside the profile's valid range
  implausible_step,  // changed faster than the thing can change
  frozen,            // no change for longer than the thing can stand still
  comm_lost,         // the device does not answer
  profile_mismatch,  // the device refuses the register the profile names
};

// The name on the wire: kebab case.
std::string_view name_of(Quality quality);

}  // namespace cryobank
