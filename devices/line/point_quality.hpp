// Point quality: judges one decoded value against what the point read before. Range and sentinels
// are the codec's; here are the rules that need a memory:
//   implausible-step  |change| > step_max * elapsed (at least 1 s, since a sensor's last digit may
//                     jump at any rate); a new level is believed after kStepConfirmations readings
//                     that agree with each other
//   frozen            the same value for longer than frozen_after; any change ends it
#pragma once

#include "base/time.hpp"
#include "config/device_profile.hpp"
#include "devices/line/register_codec.hpp"

namespace cryobank::devices {

inline constexpr int kStepConfirmations = 3;

class PointQuality {
 public:
  // The quality of a value read at `now`; never better than the codec's own.
  Quality judge(const config::Point& point, const Decoded& decoded, Instant now);
  // Nothing was read for a while: standing still and agreement begin anew.
  void forget();

 private:
  bool believable(const config::Point& point, Milli value, Instant now);
  bool stands_still(const config::Point& point, Milli value, Instant now);

  Milli believed_{};
  Milli candidate_{};
  Milli seen_{};
  Instant believed_at_{};
  Instant candidate_at_{};
  Instant changed_at_{};
  std::int8_t confirmations_ = 0;
  bool has_believed_ = false;
  bool has_seen_ = false;
};

}  // namespace cryobank::devices
