// Limit range: where a limit of an alarm can lie. Outside it another unit was meant, a share of 1
// for percents or bar for mbar: it would never be reached, and no alarm would ever come.
#pragma once

#include <string_view>

#include "base/units.hpp"

namespace cryobank::config {

struct LimitRange {
  Milli low;
  Milli high;
  std::string_view unit;
};

// Of oxygen by volume. Air has 20.9 %; below 17 % no site was found to warn (docs/alarms.md).
inline constexpr LimitRange kOxygenLimit{whole(17), Milli{20'500}, "%"};
// Of a tank's stock. Below 1 % there is nothing left to order by; a tank is filled to 90 or 95 %.
inline constexpr LimitRange kStockLimit{whole(1), whole(90), "%"};
// Of a tank's pressure. A freezer asks for 22 to 35 psig, 1.5 to 2.4 bar (MVE TEC 3000 technical
// manual); below 0.1 bar nothing flows, and no freezer's valve is fed with more than 5 bar.
inline constexpr LimitRange kPressureLimit{whole(100), whole(5'000), "mbar"};

}  // namespace cryobank::config
