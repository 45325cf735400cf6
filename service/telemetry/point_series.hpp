// PointSeries: thins what one point says while it comes. A reading equal to the one before is kept
// once in kStandingEvery; a change keeps the value before it as well, so that a step is drawn as a
// step; a reading that is not good, or more than two periods without one, is a gap. Beside it,
// lowest, highest, sum and number of every reading by minute and by hour. Owned by whoever keeps
// the store; has no clock: times come with the readings. One that is older than the newest is left
// out, as the wall clock may jump back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/record.hpp"
#include "service/telemetry/sample.hpp"

namespace cryobank::telemetry {

// A block is written once it has so many samples, or its first one is so old; what is not yet
// written is lost when the process dies.
inline constexpr std::size_t kSamplesPerBlock = 240;
inline constexpr Duration kBlockOpenMax = minutes(10);

class PointSeries {
 public:
  explicit PointSeries(SeriesName name) : name_(std::move(name)) {}

  void hear(const HeardReading& heard);
  // Rows that are due at `now`; with `all` also what is still open (before a stop).
  void take_rows(WallTime now, bool all, std::vector<RowChange>& rows);

  const SeriesName& name() const { return name_; }
  // What is not in the store yet, for questions.
  const std::vector<Sample>& open_samples() const { return samples_; }
  std::vector<Bucket> open_buckets(Tier tier) const;

 private:
  struct Level {
    std::vector<Bucket> done;       // of the block that is open
    std::optional<Bucket> current;  // of the minute or hour that is on
    WallTime written{};             // when the open block was last written
  };

  void keep(WallTime at, std::int64_t value);
  void open_gap(WallTime at);
  void add(Tier tier, Level& level, const HeardReading& heard) const;
  void take_level(Tier tier, Level& level, WallTime now, bool all, std::vector<RowChange>& rows);

  SeriesName name_;
  std::vector<Sample> samples_;
  Level minute_;
  Level hour_;
  WallTime heard_at_{};  // newest reading; its zero: none since the start
  WallTime kept_at_{};
  std::int64_t value_ = 0;  // last good one
  bool in_gap_ = true;      // nothing is known before the first reading of a run
};

}  // namespace cryobank::telemetry
