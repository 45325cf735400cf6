// Tank: the LN2 and the cold of one freezer, stepped in seconds, integers only. Volume in
// nanolitres, temperatures in micro-degrees Celsius. Figures: evaporation 7-15 mm a day, 10 mm =
// 7.5 L, fill 1.4-1.6 L/min (MVE 1542R logs); vapour colder by 15 degrees after a fill, fading over
// 12 h, and the rise after lid openings (CryoPlus year); warming when dry and breached
// (PMC6504988).
#pragma once

#include <cstdint>

#include "base/json.hpp"
#include "base/prng.hpp"
#include "base/units.hpp"

namespace cryobank::simulator {

inline constexpr std::int64_t kNanolitres = 1'000'000'000;  // of one litre

struct TankConditions {
  std::int64_t dt_s = 1;               // 1 to 60
  std::int64_t inflow_nl_s = 0;        // liquid that arrives
  std::int64_t heat_per_mille = 1000;  // heat leak against the intact tank
  bool lid_open = false;
  bool warm_gas = false;  // gas instead of liquid comes through the fill line
  bool breach = false;    // the vessel leaks its liquid
};

class Tank {
 public:
  // `start_mm` and `stop_mm`: between what levels it is kept; the prng gives it its own character.
  Tank(Milli start_mm, Milli stop_mm, Prng& prng);

  // Goes on by one step; how many nanolitres of liquid became gas.
  std::int64_t step(const TankConditions& conditions);

  Milli level() const;   // mm above the floor
  Milli top() const;     // Cel, under the lid
  Milli bottom() const;  // Cel, at the tray
  std::int64_t boil_off_nl_day() const { return boil_nl_day_; }
  // A person pours or drains; the level is cut to what the tank holds.
  void set_level(Milli mm);

  Json save() const;
  Status restore(const Json& saved);

 private:
  std::int64_t boil_off(const TankConditions& conditions) const;
  std::int64_t top_at_rest(std::int64_t heat_per_mille) const;
  std::int64_t bottom_at_rest() const;
  void warm(const TankConditions& conditions);

  std::int64_t start_mm_;
  std::int64_t nl_per_mm_;
  std::int64_t capacity_nl_;
  std::int64_t boil_nl_day_;
  std::int64_t top_base_;   // quiet vapour at the start level
  std::int64_t top_slope_;  // micro-degrees per mm of level above it
  std::int64_t bottom_base_;
  std::int64_t volume_nl_;
  std::int64_t top_rest_;  // slow part of the vapour temperature
  std::int64_t bottom_;
  std::int64_t chill_ = 0;   // what a fill left, negative
  std::int64_t warmth_ = 0;  // what a lid opening or warm gas left, positive
};

}  // namespace cryobank::simulator
