// DevicePoints: the newest reading of every point of one device. A value is there only while its
// quality is good; each change of quality without an answer (stale, comm-lost) is a reading too.
// A point named "clock" holds UTC seconds on the device and reads as its offset from the daemon's
// clock in seconds (positive: the device is ahead); time stamps are always the daemon's.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "config/device_profile.hpp"
#include "devices/line/point_quality.hpp"
#include "devices/line/reading.hpp"
#include "devices/line/register_codec.hpp"
#include "devices/line/register_plan.hpp"

namespace cryobank::devices {

inline constexpr std::string_view kClockPoint = "clock";

class DevicePoints {
 public:
  // `profile` must outlive this.
  // `unit`: the address by which it is asked, which its unit word must repeat (device_profile.hpp).
  DevicePoints(DeviceIndex device, const config::DeviceProfile& profile, std::uint8_t unit = 0);

  const Reading& at(std::size_t point) const { return readings_[point]; }
  std::size_t size() const { return readings_.size(); }
  const config::DeviceProfile& profile() const { return profile_; }
  std::optional<std::uint32_t> identity() const { return identity_; }

  // Whether the identity point, if the span holds it, reads what the profile says. REQUIRES:
  // words.size() == span.count.
  bool identity_agrees(const Span& span, std::span<const std::uint16_t> words);
  // Why it does not, for a person.
  std::string why_not(const Span& span, std::span<const std::uint16_t> words) const;
  // Takes every point of an answer and appends the readings.
  void take(Now now, const Span& span, std::span<const std::uint16_t> words,
            std::vector<Reading>& out);
  // Takes one point that came by another way than registers.
  void take_decoded(Now now, std::uint32_t point, Decoded decoded, std::vector<Reading>& out);

  // No value any more, for this reason; a reading is appended where that is news.
  void mark(Now now, std::uint32_t point, Quality quality, std::vector<Reading>& out);
  void mark_all(Now now, Quality quality, std::vector<Reading>& out);

 private:
  bool unit_agrees(const Span& span, std::span<const std::uint16_t> words) const;
  Reading& begin_reading(Now now, std::uint32_t point);

  const config::DeviceProfile& profile_;
  std::vector<Reading> readings_;
  std::vector<PointQuality> qualities_;
  std::vector<std::uint16_t> widths_;
  std::optional<std::uint32_t> identity_;
  std::vector<std::uint16_t> identity_words_;  // that agreed last: comparing text is slow
  std::optional<std::uint32_t> unit_word_;
  std::uint8_t unit_ = 0;
  std::optional<std::uint32_t> clock_;
};

}  // namespace cryobank::devices
