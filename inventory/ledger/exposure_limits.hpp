// Exposure limits: the temperatures above which time counts, in Cel. Glass transition of
// cryoprotected cells lies near -135 and below -120 (PMC6123768 calls them allowable and deviant);
// -150 is where banks alarm.
#pragma once

#include <array>
#include <cstdint>

namespace cryobank::inventory {

inline constexpr std::array<std::int64_t, 3> kExposureLimits = {-150, -135, -120};

}  // namespace cryobank::inventory
