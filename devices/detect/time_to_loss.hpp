// Time to loss: how long the contents of one tank stay colder than -150 and -130 Cel if nobody
// comes and nothing fills it any more. First the liquid goes, at the rate it falls now; then it
// warms: an intact tank by 0.17 to 0.28 Cel an hour (SCBB), a shared freezer of KI by 1 an hour
// from -150, one that was breached by 44 to 52 (PMC6504988); between them in proportion to the
// evaporation. Three answers, because no one figure is honest: low, mid, high, in seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace cryobank::detect {

struct TankNow {
  std::optional<Milli> level;    // mm of usable liquid
  std::optional<Milli> falling;  // mm a day, just now
  std::optional<Milli> usual;    // mm a day
  std::optional<Milli> top;      // Cel
  std::optional<Milli> warming;  // Cel an hour, where the top rises for sure
  bool unexplained = false;      // the top is far above its usual, and by no opened lid
};

struct LossSpan {
  std::int64_t low_s = 0;
  std::int64_t mid_s = 0;
  std::int64_t high_s = 0;
};

struct TimeToLoss {
  LossSpan to_150;
  LossSpan to_130;
};

// Empty where neither level nor temperature is known.
std::optional<TimeToLoss> time_to_loss(const TankNow& tank);

Json to_json(const TimeToLoss& loss);

}  // namespace cryobank::detect
