// What a fill watch says of the tank as it stands: for other detectors and for the interlocks.
#include <algorithm>
#include <utility>

#include "devices/detect/fill_watch.hpp"

namespace cryobank::detect {
namespace {

constexpr Milli kSeen{2000};                 // mm: a rise that a quiet sensor shows beyond doubt
constexpr Duration kSettlesFine = hours(1);  // after a fill, for the evaporation
constexpr Duration kResumesWithin = minutes(10);  // of the lid's closing: through the gas bypass
constexpr Duration kSettlesCoarse = hours(4);     // of a sensor that speaks every hour or less

}  // namespace

// An open lid shuts the valve; the controller goes on when it is closed. That is one fill: its
// parts would teach that fills are short, and that they begin where the lid was opened.
bool FillWatch::goes_on(Now now) {
  if (!parted_ || !parted_->lid) return false;
  const Instant closed = std::max(parted_->at, lid_at_.value_or(parted_->at));
  if (now.mono - closed > kResumesWithin) return false;
  fill_ = parted_->fill;
  fill_->held = fill_->held + (now.mono - parted_->at);
  fill_->rose_at = now.mono;
  record_ = parted_->before;
  parted_.reset();
  return true;
}

// How much of the running fill the lid kept the valve shut.
Duration FillWatch::held_for(Now now) const {
  if (!lid_open_) return fill_->held;
  return fill_->held + (now.mono - std::max(lid_opened_, fill_->opened));
}

bool FillWatch::gaining(const Pace& pace) const {
  if (!fill_) return false;
  if (!fill_->from || !fill_->best) return true;
  const Milli least = std::max({kSeen, pace.step(), Milli{pace.noise().v * 2}});
  return *fill_->best - *fill_->from >= least;
}

bool FillWatch::settling(Now now, const Pace& pace) const {
  const Duration settles = pace.every() >= minutes(30) ? kSettlesCoarse : kSettlesFine;
  return closed_at_ && now.mono - *closed_at_ < settles;
}

std::optional<Duration> FillWatch::since_fill(Now now) const {
  if (fill_) return Duration{};
  if (closed_at_) return now.mono - *closed_at_;
  const auto last = record_.last_end();
  if (!last || now.wall < *last) return std::nullopt;
  return now.wall - *last;
}

bool FillWatch::failing(const FindingBook& book) const {
  return book.stands("fill-not-rising") || book.stands("fill-too-long") ||
         book.stands("fill-missed");
}

std::optional<Milli> FillWatch::take_rise() { return std::exchange(last_rise_, std::nullopt); }

}  // namespace cryobank::detect
