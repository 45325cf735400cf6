// Durations as people write them: "500ms", "10s", "3min", "2h", "1d". A whole number and one unit,
// nothing between them; 0 needs its unit as well.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace cryobank::config {

// At most 10 years: no configured time is longer, and nothing overflows.
inline constexpr Duration kDurationMax = days(3653);

Result<Duration> parse_duration(std::string_view text);
// The largest unit that is exact: 90 s is "90s", 120 s is "2min". Exact for whole milliseconds.
std::string format_duration(Duration duration);

}  // namespace cryobank::config
