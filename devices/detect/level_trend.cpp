#include "devices/detect/level_trend.hpp"

#include "base/check.hpp"

namespace cryobank::detect {
namespace {

constexpr std::int64_t kMinutesPerDay = 24 * 60;
constexpr std::int64_t kBridge = 6;  // sample times

std::int64_t whole_minutes(Duration d) { return d.seconds() / 60; }

}  // namespace

LevelTrend::LevelTrend(Duration every, Duration span, Duration bridge)
    : every_(every),
      bridge_(bridge.ns > 0 ? bridge : every * kBridge),
      samples_max_(static_cast<std::size_t>(span.ns / every.ns) + 2) {
  CHECK(every >= minutes(1) && span >= every);
}

// Quiet time is an axis of its own: what a fill adds, and how long it took, is on neither axis.
// With a sample each 10 minutes:
//   time   level   quiet   quiet minutes   fallen   why
//   08:00  120.0   yes       0             0.0      the first of its kind: nothing to compare with
//   08:10  119.5   yes      10             0.5
//   08:20  121.0   no        -              -       a fill began: what was joined is cut
//   09:00  160.0   yes      10             0.5      neither 50 minutes nor 40.5 mm count
//   09:10  159.4   yes      20             1.1
// The slope over the quiet axis, 1.1 mm in 20 minutes, is the tank's own. A short gap in the data
// is no cut: the level went on falling meanwhile, and both ends of it are known.
bool LevelTrend::observe(Instant at, Milli level, bool quiet) {
  if (!quiet) {
    interrupt();
    return false;
  }
  const bool joined = joined_ && at - last_at_ <= bridge_;
  if (joined && at - last_at_ < every_) return false;
  if (joined) {
    minutes_ += whole_minutes(at - last_at_);
    fallen_ += last_level_ - level.v;
  }
  joined_ = true;
  last_at_ = at;
  last_level_ = level.v;
  samples_.push_back({minutes_, fallen_});
  if (samples_.size() > samples_max_) samples_.pop_front();
  return true;
}

void LevelTrend::interrupt() { joined_ = false; }

std::optional<Milli> LevelTrend::fall_per_day(Duration window) const {
  if (samples_.size() < 3) return std::nullopt;
  const std::int64_t first = minutes_ - whole_minutes(window);
  std::int64_t n = 0, sum_x = 0, sum_y = 0, oldest = minutes_;
  const Sample& origin = samples_.back();
  for (const Sample& s : samples_) {
    if (s.minute < first) continue;
    if (s.minute < oldest) oldest = s.minute;
    ++n;
    sum_x += s.minute - origin.minute;
    sum_y += s.fallen - origin.fallen;
  }
  if (n < 3 || (minutes_ - oldest) * 10 < whole_minutes(window) * 9) return std::nullopt;
  // Least squares about the means: x from its mean times y from its mean, over x squared. Both
  // count from the last sample, so that they are small, and the means are cut to whole minutes and
  // thousandths, far below a sensor's step. Sums stay below 2^62 for a year of minutes and metres
  // of level.
  std::int64_t above = 0, below = 0;
  for (const Sample& s : samples_) {
    if (s.minute < first) continue;
    const std::int64_t x = (s.minute - origin.minute) - sum_x / n;
    above += x * ((s.fallen - origin.fallen) - sum_y / n);
    below += x * x;
  }
  if (below == 0) return std::nullopt;
  // Per minute to per day; whole part and rest apart, since the product would not fit.
  return Milli{above / below * kMinutesPerDay + above % below * kMinutesPerDay / below};
}

std::int64_t LevelTrend::samples_within(Duration window) const {
  const std::int64_t first = minutes_ - whole_minutes(window);
  std::int64_t n = 0;
  for (auto s = samples_.rbegin(); s != samples_.rend() && s->minute >= first; ++s) ++n;
  return n;
}

std::optional<Milli> LevelTrend::fallen_within(Duration window) const {
  const std::int64_t first = minutes_ - whole_minutes(window);
  if (samples_.empty() || samples_.front().minute > first) return std::nullopt;
  for (const Sample& s : samples_) {
    if (s.minute >= first) return Milli{fallen_ - s.fallen};
  }
  return std::nullopt;
}

}  // namespace cryobank::detect
