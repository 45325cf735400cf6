// Fill record: what the last good fills of one tank teach: how long a fill takes, how far apart
// fills are, at what level they begin and how fast they rise. Medians of the last few, so that one
// odd fill changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace cryobank::detect {

inline constexpr std::size_t kFillsKept = 9;
inline constexpr std::size_t kFillsToLearn = 3;

// How fast the level rises while liquid flows: the slope of all of its values, which is surer than
// its first and its last.
class FillSlope {
 public:
  void add(Duration flowing, Milli level);
  // Per minute; empty for fewer than six values.
  std::optional<Milli> per_minute() const;

 private:
  std::int64_t n_ = 0;
  std::int64_t t_ = 0, y_ = 0, tt_ = 0, ty_ = 0;  // sums; seconds, and thousandths from the first
  std::optional<Milli> first_;
};

class FillRecord {
 public:
  // A good fill that ended at `end`; without a duration where the machine never tells an end.
  // `rate`: mm a minute, where it is known better than by rise and duration.
  void add(WallTime end, std::optional<Duration> duration, Milli from, Milli rise,
           std::optional<Milli> rate = {});
  // Fill times lie in the record by the wall; a jump of it shows as an absurd interval and is left
  // out (negative, or above 60 days).
  std::optional<Duration> usual_interval() const;
  std::optional<Duration> usual_duration() const;
  std::optional<Milli> usual_start() const;
  // By how much these levels differ from fill to fill (one standard deviation). Empty until nine
  // are known.
  std::optional<Milli> start_spread() const;
  std::optional<Milli> usual_rate() const;  // mm a minute
  // The longest of the last `n` intervals; empty while fewer are known beside those that taught.
  std::optional<Duration> longest_of_last(std::size_t n) const;
  // By how much fills rise slower now than nine fills ago, per cent of what they did then, as a
  // straight line through them says, or the last two beside those before. `sure`: far beyond what
  // they differ by. Empty until nine are known.
  struct Slowing {
    int percent = 0;
    bool sure = false;
  };
  std::optional<Slowing> slowing() const;
  std::optional<WallTime> last_end() const { return last_end_; }

  Json memory() const;
  // `what` names the memory in an Error (corrupt).
  Status recall(std::string_view what, const Json& memory);

 private:
  int lately_slower() const;

  std::optional<WallTime> last_end_;
  std::vector<std::int64_t> intervals_s_;
  std::vector<std::int64_t> durations_s_;
  std::vector<std::int64_t> starts_;  // thousandths of mm
  std::vector<std::int64_t> rates_;   // thousandths of mm a minute
};

// Middle of the values, the lower one of two. Empty for fewer than `least`.
std::optional<std::int64_t> median_of(std::vector<std::int64_t> values, std::size_t least);

}  // namespace cryobank::detect
