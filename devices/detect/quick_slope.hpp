// Quick slope: whether a content falls several times as fast as usual, from one hour of quiet time
// to eight: the least-squares slope of means of five minutes, beyond what the signal's noise can
// do. Both halves of a window must show it, since a rack that was taken out is one step. A lid that
// was opened within the window makes it ask for more: what an opening costs is known roughly.
#pragma once

#include <cstdint>
#include <optional>

#include "devices/detect/level_trend.hpp"
#include "devices/detect/pace.hpp"

namespace cryobank::detect {

struct QuickVerdict {
  int stage = 0;  // 1: about twice the usual or more; 2: five times
  Milli per_day{};
  Milli fall{};
  Duration over{};
};

class QuickSlope {
 public:
  struct Usual {
    Milli per_day{};
    std::int64_t limit = 0;  // a day: what is more than this tank's days ever are
    Milli wander{};          // FallScale
  };
  // `at`: on an axis on which an open lid counts as much longer time (FallWatch). Empty: no new
  // sample was due.
  // `settled`: filled so long ago that nothing of it is left in the level, for what is milder than
  // five times.
  struct Now {
    Instant at;
    bool quiet = false;
    bool settled = false;
    bool lid_open = false;
  };
  std::optional<QuickVerdict> observe(const Now& now, Milli value, const Pace& pace,
                                      const std::optional<Usual>& usual);
  void interrupt();

 private:
  QuickVerdict judge(const Pace& pace, const Usual& usual) const;

  std::optional<LevelTrend> trend_;  // once it is known how often values come
  std::int64_t sum_ = 0;
  std::int64_t values_ = 0;
  Duration lid_at_ = hours(-24);  // of the trend's quiet time
  Duration settled_at_{};         // the same
};

}  // namespace cryobank::detect
