#include "devices/detect/quick_slope.hpp"

#include <algorithm>
#include <array>

namespace cryobank::detect {
namespace {

constexpr Duration kQuickMean = minutes(5);
constexpr Duration kQuickSlowest =
    minutes(10);  // a signal that comes more rarely says nothing so soon
constexpr std::array<Duration, 6> kQuickWindows{hours(1), hours(2), hours(3),
                                                hours(4), hours(6), hours(8)};
constexpr Duration kQuickBridge = hours(4);  // lids that are open again and again
// Spreads of a fitted fall: it is asked a hundred thousand times a year.
constexpr std::int64_t kQuickDoubt = 8;
constexpr std::int64_t kQuickFast = 5;     // times the usual
constexpr std::int64_t kQuickWithLid = 3;  // lids were opened meanwhile

std::int64_t values_of_a_mean(const Pace& pace) {
  return std::max<std::int64_t>(1, kQuickMean.ns / pace.every().ns);
}

}  // namespace

// What came before is not joined to what comes after: where a piece begins is known no better than
// one mean, and a step of that size in the middle of a window is half of its slope.
void QuickSlope::interrupt() {
  trend_.reset();
  lid_at_ = hours(-24);
  settled_at_ = {};
  sum_ = values_ = 0;
}

std::optional<QuickVerdict> QuickSlope::observe(const Now& now, Milli value, const Pace& pace,
                                                const std::optional<Usual>& usual) {
  if (pace.every().ns == 0 || pace.every() > kQuickSlowest) return std::nullopt;
  if (!now.quiet) {
    interrupt();
    return std::nullopt;
  }
  if (!trend_) {
    const Duration every = std::max(kQuickMean, minutes(pace.every().seconds() / 60));
    trend_.emplace(every, kQuickWindows.back() + hours(1), kQuickBridge);
  }
  if (now.lid_open) lid_at_ = trend_->quiet_time();
  if (!now.settled) settled_at_ = trend_->quiet_time();
  if (now.lid_open) return std::nullopt;
  sum_ += value.v;
  ++values_;
  if (values_ < values_of_a_mean(pace)) return std::nullopt;
  const Milli mean{sum_ / values_};
  sum_ = values_ = 0;
  if (!trend_->observe(now.at, mean, true) || !usual) return std::nullopt;
  return judge(pace, *usual);
}

QuickVerdict QuickSlope::judge(const Pace& pace, const Usual& usual) const {
  QuickVerdict worst;
  const std::int64_t values = values_of_a_mean(pace);
  // Of one mean; steps that the noise does not blur are not averaged away.
  const std::int64_t spread =
      std::max(pace.noise().v * 1000 / std::max<std::int64_t>(1, root_of(values * 1'000'000)),
               pace.noise() < pace.step() ? pace.step().v * 29 / 100 : std::int64_t{0});
  for (const Duration window : kQuickWindows) {
    const auto slope = trend_->fall_per_day(window);
    const auto half = trend_->fallen_within(window * 1 / 2);
    const auto both = trend_->fallen_within(window);
    if (!slope || !half || !both) break;  // longer ones are not known either
    const std::int64_t part = window.seconds() / 60;
    const std::int64_t fall = slope->v * part / 1440;
    const std::int64_t expected = usual.per_day.v * part / 1440;
    const std::int64_t means = std::max<std::int64_t>(3, trend_->samples_within(window));
    const std::int64_t fitted = spread * 3'464 / root_of(means * 1'000'000);  // root of 12
    if (fall - expected < std::max({kQuickDoubt * fitted, pace.step().v * 5 / 2, usual.wander.v})) {
      continue;
    }
    if (half->v * 10 < fall * 3 || (both->v - half->v) * 10 < fall * 3) continue;
    const bool undisturbed = trend_->quiet_time() - lid_at_ >= window;
    const std::int64_t raised = undisturbed ? usual.limit : usual.per_day.v * kQuickWithLid;
    const bool settled = trend_->quiet_time() - settled_at_ >= window;
    const int stage = slope->v >= usual.per_day.v * kQuickFast ? 2
                      : settled && slope->v >= raised          ? 1
                                                               : 0;
    if (stage > worst.stage) worst = {stage, *slope, Milli{fall}, window};
  }
  return worst;
}

}  // namespace cryobank::detect
