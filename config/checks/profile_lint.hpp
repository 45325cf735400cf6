// Lint: rules across the points of one profile, which catch the mistakes that vendors' manuals and
// their readers really make. Each finding is a Fault with the point's line; doubtful ones are
// warnings. Part of loading a site and of `cryobankctl profile check`.
#pragma once

#include "config/device_profile.hpp"

namespace cryobank::config {

void lint_profile(const DeviceProfile& profile, Faults& faults);

}  // namespace cryobank::config
