// What a fill watch says of the tank as it stands: for other detectors and for the interlocks.
#include <algorithm>
#include <utility>

#include "devices/detect/fill_watch.hpp"

namespace cryobank::detect {
namespace {

constexpr Milli kSeen{2000};                   // mm: a rise that a quiet sensor shows beyond doubt
constexpr Duration kSettlesFine = hours(1);    // after a fill, for the evaporation
constexpr Duration kSettlesCoarse = hours(4);  // of a sensor that speaks every hour or less

}  // namespace

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
  if (book.stands("level-falling-fast") || book.stands("weight-falling-fast")) return false;
  const bool attempts_seen = limits_.valve_told && limits_.end_told;
  return book.stands("fill-not-rising") || book.stands("fill-too-long") ||
         (!attempts_seen && book.stands("fill-missed"));
}

std::optional<Milli> FillWatch::take_rise() { return std::exchange(last_rise_, std::nullopt); }

}  // namespace cryobank::detect
