// LevelTrend: how fast a level falls by itself. Only quiet time counts: while something is filled
// in, and for a while after, neither the time nor the change is taken. The rate is the
// least-squares slope over the last quiet hours, in the level's unit per day; a quiet time may span
// several fills. Level sensors are coarse (5 mm, 0.25 in); over 12 h and more the slope is steady
// nevertheless: in 381 days of a real tank of 1.25 in/day the 12 h slope never passed 2.25 and the
// 24 h slope never 1.70 (data: cfblaeb/cryoplus2server).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/time.hpp"
#include "base/units.hpp"

namespace cryobank::detect {

class LevelTrend {
 public:
  // Keeps samples `every` apart (whole minutes) over `span`. Gaps in the data up to `bridge` are
  // bridged: the level fell meanwhile all the same. 0: six sample times.
  LevelTrend(Duration every, Duration span, Duration bridge = {});

  // Cheap when the next sample is not due. `quiet`: nothing is, or lately was, filled in.
  // Returns true when a quiet sample was taken.
  bool observe(Instant at, Milli level, bool quiet);
  // A break in the data: the next sample starts anew.
  void interrupt();

  // Fall per day over the last `window` of quiet time; empty until nine tenths of it are known.
  std::optional<Milli> fall_per_day(Duration window) const;
  // Fall over the last `window`, without a fit; empty until that much quiet time is known.
  std::optional<Milli> fallen_within(Duration window) const;
  // Samples of the last `window`.
  std::int64_t samples_within(Duration window) const;
  Duration quiet_time() const { return minutes(minutes_); }

 private:
  struct Sample {
    std::int64_t minute = 0;  // of quiet time
    std::int64_t fallen = 0;  // thousandths of the unit
  };
  std::deque<Sample> samples_;
  Duration every_;
  Duration bridge_;
  std::size_t samples_max_;
  bool joined_ = false;  // the last sample was quiet and recent
  Instant last_at_{};
  std::int64_t last_level_ = 0;
  std::int64_t minutes_ = 0;
  std::int64_t fallen_ = 0;
};

}  // namespace cryobank::detect
