// Where one fill is told in parts. A controller shuts its valve under an open lid, or for a moment
// of its own, and goes on when the lid is closed. Each part taken for a fill would teach that fills
// are short and begin where a lid was opened, and the tank would then be called for each whole one.
// With fills that begin at 127 mm and are full at 203:
//   time   valve    level  what it is taken for
//   09:00  opens    127    a fill begins
//   09:10  closes   158    below 203: on record as a fill of 10 min, which may go on; a lid is open
//   09:13  opens    158    the same fill: that record is taken back; whether the level rises is
//                          asked of this part alone
//   09:24  closes   203    on record as one fill of 21 min that began at 127
// What the service ordered to stop, and what did not go on in time, was a fill of its own.
#include <algorithm>

#include "devices/detect/fill_watch.hpp"

namespace cryobank::detect {
namespace {

constexpr Duration kGoesOnWithin = minutes(10);  // of the lid's closing: through the gas bypass
constexpr Duration kPauseLongest = hours(1);     // however long the lid stays open

}  // namespace

FillWatch::Fill FillWatch::begin_fill(Now now) {
  Fill fill;
  if (pause_ && now.mono < may_go_on_until()) {
    const Fill& so_far = pause_->fill;
    fill.slope = so_far.slope;
    fill.flowed = so_far.flowed;
    fill.began = so_far.began;
    fill.reached = std::max(so_far.reached, so_far.best);
    fill.told = so_far.told;
    record_ = pause_->before;
    good_end_ = false;
  }
  pause_.reset();
  fill.opened = now.mono;
  fill.rose_at = now.mono;
  fill.from = smooth_;
  fill.best = level_;
  if (!fill.began) fill.began = fill.from;
  return fill;
}

Instant FillWatch::may_go_on_until() const {
  const Instant latest = pause_->since + kPauseLongest;
  if (lid_open_) return latest;
  return std::min(latest, std::max(pause_->since, lid_shut_) + kGoesOnWithin);
}

// How long the lid kept the open valve's liquid back.
Duration FillWatch::held_for(Now now) const {
  if (!lid_open_) return fill_->held;
  return fill_->held + (now.mono - std::max(lid_opened_, fill_->opened));
}

// How long liquid flowed in this fill, its parts together.
Duration FillWatch::flowed_for(Now now) const {
  return fill_->flowed + (now.mono - fill_->opened - held_for(now));
}

// By how much this fill raised the level, its parts together.
std::optional<Milli> FillWatch::rise_so_far() const {
  const auto highest = std::max(fill_->reached, fill_->best);
  if (!fill_->began || !highest) return std::nullopt;
  return *highest - *fill_->began;
}

}  // namespace cryobank::detect
