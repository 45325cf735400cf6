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

class FillRecord {
 public:
  // A good fill that ended at `end`; without a duration where the machine never tells an end.
  void add(WallTime end, std::optional<Duration> duration, Milli from, Milli rise);
  // Fill times lie in the record by the wall; a jump of it shows as an absurd interval and is left
  // out (negative, or above 60 days).
  std::optional<Duration> usual_interval() const;
  std::optional<Duration> usual_duration() const;
  std::optional<Milli> usual_start() const;
  std::optional<Milli> usual_rate() const;  // mm a minute
  // The longest of the last `n` intervals; empty while fewer are known beside those that taught.
  std::optional<Duration> longest_of_last(std::size_t n) const;
  // By how much fills rise slower now than at first: the newest three of nine against the oldest
  // three, per cent; empty until nine are known.
  std::optional<int> slowed_percent() const;
  std::optional<WallTime> last_end() const { return last_end_; }

  Json memory() const;
  // `what` names the memory in an Error (corrupt).
  Status recall(std::string_view what, const Json& memory);

 private:
  std::optional<WallTime> last_end_;
  std::vector<std::int64_t> intervals_s_;
  std::vector<std::int64_t> durations_s_;
  std::vector<std::int64_t> starts_;  // thousandths of mm
  std::vector<std::int64_t> rates_;   // thousandths of mm a minute
};

// Middle of the values, the lower one of two. Empty for fewer than `least`.
std::optional<std::int64_t> median_of(std::vector<std::int64_t> values, std::size_t least);

}  // namespace cryobank::detect
