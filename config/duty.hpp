// Who is on duty: the rule that turns a site's duties into people at a local moment. Shared by the
// roster that pages and by the check at load that finds its holes.
#pragma once

#include <vector>

#include "base/zone.hpp"
#include "config/site_config.hpp"

namespace cryobank::config {

// A duty with dates replaces, for its tier and on these days, every duty without. One that goes
// over midnight belongs to the day on which it begins.
std::vector<UserId> on_duty(const std::vector<DutyConfig>& duties, int tier, const LocalTime& at);

}  // namespace cryobank::config
