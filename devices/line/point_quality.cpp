#include "devices/line/point_quality.hpp"

#include <algorithm>

namespace cryobank::devices {
namespace {

__extension__ using Wide = __int128;

bool within_step(Milli step_max, Milli from, Milli to, Duration elapsed) {
  const Wide ns = std::max(elapsed, seconds(1)).ns;
  return static_cast<Wide>(magnitude(to - from).v) * seconds(1).ns <= ns * step_max.v;
}

}  // namespace

Quality PointQuality::judge(const config::Point& point, const Decoded& decoded, Instant now) {
  if (decoded.quality != Quality::good || !decoded.value) {
    has_seen_ = false;
    confirmations_ = 0;
    return decoded.quality;
  }
  const bool still = stands_still(point, *decoded.value, now);
  if (!believable(point, *decoded.value, now)) return Quality::implausible_step;
  return still ? Quality::frozen : Quality::good;
}

void PointQuality::forget() {
  has_seen_ = false;
  confirmations_ = 0;
}

bool PointQuality::believable(const config::Point& point, Milli value, Instant now) {
  if (point.step_max.v <= 0) return true;
  const bool first = !has_believed_;
  if (!first && !within_step(point.step_max, believed_, value, now - believed_at_)) {
    const bool agrees =
        confirmations_ > 0 && within_step(point.step_max, candidate_, value, now - candidate_at_);
    confirmations_ = static_cast<std::int8_t>(agrees ? confirmations_ + 1 : 1);
    candidate_ = value;
    candidate_at_ = now;
    if (confirmations_ < kStepConfirmations) return false;
  }
  has_believed_ = true;
  believed_ = value;
  believed_at_ = now;
  confirmations_ = 0;
  return true;
}

bool PointQuality::stands_still(const config::Point& point, Milli value, Instant now) {
  if (point.frozen_after.ns <= 0) return false;
  if (!has_seen_ || value != seen_) {
    has_seen_ = true;
    seen_ = value;
    changed_at_ = now;
    return false;
  }
  return now - changed_at_ > point.frozen_after;
}

}  // namespace cryobank::devices
