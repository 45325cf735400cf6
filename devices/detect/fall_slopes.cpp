// How fast the content falls over hours, as the slope of its values; see fall_watch.hpp.
#include <algorithm>

#include "base/text.hpp"
#include "devices/detect/fall_watch.hpp"

namespace cryobank::detect {
namespace {

constexpr Duration kSlopeHalf = hours(6);
constexpr Duration kSlopeEvery = minutes(10);
constexpr Duration kSlopeBridge = hours(4);  // lids that are open again and again
constexpr int kSlopeSpreads = 7;             // of its days, above the usual
constexpr int kQuickSpreads = 6;             // a window of hours is asked beyond its noise as well
constexpr Duration kSlopeSettles = hours(4);
constexpr std::size_t kSlopeDays = 3;  // learned, before a slope is compared

}  // namespace

// About twice the usual: less for a tank whose days are alike, more for one whose are not.
std::int64_t FallWatch::steep_limit(std::int64_t usual, int spreads) const {
  if (days_.size() < kSlopeDays * 2) return usual * 2;
  return std::clamp(usual + spreads * spread_of(days_), usual * 9 / 5, usual * 23 / 10);
}

// Over 12 h and more the least-squares slope of even a coarse sensor is steady: in 381 days of a
// real tank it never reached twice the usual. Both halves must show it: a rack that was taken out
// is one step.
void FallWatch::look_at_slope(Now now, Instant flat, Milli value, const Pace& pace,
                              FindingBook& book, Findings& out) {
  const bool quiet = !settling_at_ || now.mono - *settling_at_ >= kSlopeSettles;
  if (pace.every().ns == 0) return;
  if (!trend_) {
    const Duration every = std::max(kSlopeEvery, minutes(pace.every().seconds() / 60));
    trend_.emplace(every, std::max(kSlopeHalf * 2 + hours(1), every * 2),
                   std::max(kSlopeBridge, every * 6));
  }
  // One mean of ten minutes: single values of a noisy sensor would rule the slope.
  slope_sum_ += value.v;
  ++slope_values_;
  if (!slope_at_) slope_at_ = now.mono;
  if (quiet && now.mono - *slope_at_ < kSlopeEvery) return;
  const Milli mean{slope_sum_ / slope_values_};
  slope_sum_ = slope_values_ = 0;
  slope_at_ = now.mono;
  if (!trend_->observe(flat, mean, quiet)) return;
  const auto usual = usual_per_day();
  const auto slope = trend_->fall_per_day(kSlopeHalf * 2);
  const auto half = trend_->fallen_within(kSlopeHalf);
  const auto both = trend_->fallen_within(kSlopeHalf * 2);
  if (!usual || !slope || !half || !both || days_.size() < kSlopeDays) return;
  const std::int64_t least = usual->v * 13 / 40;  // 1.3 times the usual of a quarter day
  // Nor do two steps of a coarse sensor mean anything that come sooner than usual.
  const std::int64_t beyond = std::max(pace.step().v * 2, pace.noise().v * 5 / 2);
  const bool halves =
      half->v >= least && both->v - half->v >= least && both->v - usual->v / 2 >= beyond;
  const std::int64_t limit = steep_limit(usual->v, kSlopeSpreads);
  steep_ = steep_ ? slope->v * 10 >= limit * 8 : slope->v >= limit && halves;
  if (!steep_) return;
  book.set(now, scale_.doubled, 1,
           cat("evaporation ", format_milli(Milli{slope->v / 100 * 100}), " ", scale_.unit,
               "/d over 12 h, usual ", format_milli(Milli{usual->v / 100 * 100})),
           out);
}

// From one hour to eight: what is several times the usual need not wait for twelve.
void FallWatch::look_quickly(Now now, Instant flat, Milli value, const Pace& pace,
                             const FallContext& context, FindingBook& book, Findings& out) {
  const bool quiet = !context.filling && !context.settling;
  const auto usual = days_.size() >= kSlopeDays ? usual_per_day() : std::nullopt;
  std::optional<QuickSlope::Usual> known;
  if (usual) {
    const std::int64_t limit = std::min(steep_limit(usual->v, kQuickSpreads), usual->v * 11 / 5);
    known = {*usual, limit, scale_.wander};
  }
  const bool settled = !settling_at_ || now.mono - *settling_at_ >= kSlopeSettles;
  const auto seen = quick_.observe({flat, quiet, settled, context.lid_open}, value, pace, known);
  if (!seen) return;
  quickly_ = seen->stage > 0;
  if (!quickly_) return;
  if (seen->stage > 1) {
    if (!hour_rate_ || *hour_rate_ < seen->per_day) hour_rate_ = seen->per_day;
    return tell_fast(now, seen->fall.v, seen->over, book, out);
  }
  normal_hours_ = 0;
  book.set(now, scale_.doubled, 1,
           cat("evaporation ", format_milli(Milli{seen->per_day.v / 100 * 100}), " ", scale_.unit,
               "/d over ", seen->over.seconds() / 3600, " h, usual ",
               format_milli(Milli{usual->v / 100 * 100})),
           out);
}

}  // namespace cryobank::detect
