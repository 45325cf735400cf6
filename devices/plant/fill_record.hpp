// FillRecord: what the last good fills of one freezer teach: how long a fill takes and how far
// apart fills are. Medians of the last few, so that one odd fill changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"

namespace cryobank::devices {

inline constexpr std::size_t kFillsKept = 9;
inline constexpr std::size_t kFillsToLearn = 3;

class FillRecord {
 public:
  // A good fill that ended at `end` after `duration`.
  void add(WallTime end, Duration duration);
  // Fill times lie in the record by the wall; a jump of it shows as an absurd interval and is left
  // out (negative, or above 60 days).
  std::optional<Duration> usual_interval() const;
  std::optional<Duration> usual_duration() const;
  std::optional<WallTime> last_end() const { return last_end_; }

  Json memory() const;
  void recall(const Json& memory);

 private:
  std::optional<WallTime> last_end_;
  std::vector<std::int64_t> intervals_s_;
  std::vector<std::int64_t> durations_s_;
};

// Middle of the values, the lower one of two. Empty for fewer than `least`.
std::optional<std::int64_t> median_of(std::vector<std::int64_t> values, std::size_t least);

}  // namespace cryobank::devices
