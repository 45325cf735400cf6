// Printed tank: the year of one real CryoPlus 2 as its printer shows it, made anew after the
// published statistics of that year: a level with each even hour and each fill in quarter inches
// from 2.00 to 5.50 (evaporation 1.25 in a day, a fill each 2.4 days), a vapour probe in whole
// degrees at -136
// (-151 after fills and back within 12 h, up to -107 after long openings), lids in bursts on some
// days and never their closing, the start of an automatic fill and never its end. Lengths in
// thousandths of a millimetre.
#pragma once

#include <cstdint>
#include <functional>

#include "base/prng.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace cryobank::detect {

inline constexpr std::int64_t kInch = 25'400;
inline constexpr std::int64_t kQuarter = kInch / 4;

struct PrintedTank {
  explicit PrintedTank(std::uint64_t seed) : prng(seed) {}

  // What the printer does; each is called with `now` at its minute.
  std::function<void(Milli level, Milli top)> on_level;
  std::function<void()> on_lid;
  std::function<void()> on_fill;

  Prng prng;
  Now now{Instant{1'000'000'000}, WallTime{1'694'649'600'000}};  // 14 September 2023
  std::int64_t level = 9 * kInch / 2;
  std::int64_t per_day = kInch * 5 / 4;
  std::int64_t today = per_day;
  std::int64_t warmth = 0;
  std::int64_t chill = 0;
  bool autofill = true;
  bool supply = true;
  bool powered = true;  // without it nothing is printed, and nothing filled
  int lid_minutes = 0;
  int fill_minutes = 0;  // left of the running fill

  void print_level() {
    const std::int64_t top =
        -136'000 - (level - 3 * kInch) / 50 + warmth + chill + prng.between(-900, 900);
    on_level(Milli{level / kQuarter * kQuarter}, Milli{(top - 500) / 1000 * 1000});
  }
  void minute(int of_day, bool busy) {
    now = {now.mono + minutes(1), now.wall + minutes(1)};
    level -= today / 1440;
    if (fill_minutes > 0) {
      --fill_minutes;
      if (supply) level += 19 * kInch / 4 / 48;
      if (level >= 19 * kInch / 4) fill_minutes = 0;
      chill += (-15'000 - chill) / 20;
    } else {
      chill -= chill / 240;
      if (powered && autofill && level <= 2 * kInch) {
        fill_minutes = 60;
        on_fill();
        print_level();
      }
    }
    if (lid_minutes > 0) {
      --lid_minutes;  // its closing is not printed
      warmth += (28'000 - warmth) / 20;
    } else {
      warmth -= warmth / 70;
      if (busy && of_day > 8 * 60 && of_day < 18 * 60 && prng.chance(1, 60)) {
        lid_minutes = prng.chance(1, 40) ? 17 : prng.chance(1, 10) ? 3 : 1;
        if (powered) on_lid();
      }
    }
    if (powered && of_day % 120 == 0) print_level();
  }
  // A whole day; `each` after every minute.
  void day(const std::function<void()>& each) {
    const bool busy = prng.chance(4, 10);  // 225 of 381 days without an opening
    today = per_day * prng.between(94, 106) / 100;
    for (int i = 0; i < 1440; ++i) {
      minute(i, busy);
      each();
    }
  }
};

}  // namespace cryobank::detect
