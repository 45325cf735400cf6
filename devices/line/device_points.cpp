#include "devices/line/device_points.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/text.hpp"

namespace cryobank::devices {
namespace {

std::span<const std::uint16_t> words_of(const config::Point& point, std::uint16_t width,
                                        const Span& span, std::span<const std::uint16_t> words) {
  const auto first = static_cast<std::size_t>(point.address - span.address);
  return words.subspan(first, width);
}

}  // namespace

DevicePoints::DevicePoints(DeviceIndex device, const config::DeviceProfile& profile,
                           std::uint8_t unit)
    : profile_(profile),
      readings_(profile.points.size()),
      qualities_(profile.points.size()),
      unit_(unit) {
  for (std::uint32_t i = 0; i < profile.points.size(); ++i) {
    const config::Point& point = profile.points[i];
    readings_[i].device = device;
    readings_[i].point = PointIndex{i};
    widths_.push_back(static_cast<std::uint16_t>(width_of(point)));
    if (!profile.identity_point.empty() && point.id == profile.identity_point) identity_ = i;
    if (!profile.unit_point.empty() && point.id == profile.unit_point) unit_word_ = i;
    if (point.id.str() == kClockPoint) clock_ = i;
  }
}

bool DevicePoints::unit_agrees(const Span& span, std::span<const std::uint16_t> words) const {
  if (!unit_word_ || unit_ == 0) return true;
  const config::Point& point = profile_.points[*unit_word_];
  if (std::find(span.points.begin(), span.points.end(), *unit_word_) == span.points.end()) {
    return true;
  }
  const Decoded word = decode(point, words_of(point, widths_[*unit_word_], span, words));
  return word.value && *word.value == whole(unit_);
}

std::string DevicePoints::why_not(const Span& span, std::span<const std::uint16_t> words) const {
  const auto shown = [&](std::uint32_t index) {
    const config::Point& point = profile_.points[index];
    return show(point, decode(point, words_of(point, widths_[index], span, words)));
  };
  const auto in_span = [&](std::uint32_t index) {
    return std::find(span.points.begin(), span.points.end(), index) != span.points.end();
  };
  if (words.size() != span.count) return "an answer of another length";
  if (identity_ && in_span(*identity_) && shown(*identity_) != profile_.identity_value) {
    return cat("another machine: its identity word reads ", shown(*identity_), ", expected ",
               profile_.identity_value);
  }
  if (unit_word_ && in_span(*unit_word_) && !unit_agrees(span, words)) {
    return cat("an answer of unit ", shown(*unit_word_), ", as its unit word says");
  }
  return "the answer to an earlier request";
}

bool DevicePoints::identity_agrees(const Span& span, std::span<const std::uint16_t> words) {
  if (!unit_agrees(span, words)) return false;
  if (!identity_) return true;
  for (const std::uint32_t in_span : span.points) {
    if (in_span != *identity_) continue;
    const config::Point& point = profile_.points[in_span];
    const auto own = words_of(point, widths_[in_span], span, words);
    if (std::equal(own.begin(), own.end(), identity_words_.begin(), identity_words_.end())) {
      return true;
    }
    if (show(point, decode(point, own)) != profile_.identity_value) return false;
    identity_words_.assign(own.begin(), own.end());
    return true;
  }
  return true;
}

void DevicePoints::take(Now now, const Span& span, std::span<const std::uint16_t> words,
                        std::vector<Reading>& out) {
  CHECK(words.size() == span.count);
  for (const std::uint32_t point : span.points) {
    const config::Point& source = profile_.points[point];
    take_decoded(now, point, decode(source, words_of(source, widths_[point], span, words)), out);
  }
}

void DevicePoints::take_decoded(Now now, std::uint32_t point, Decoded decoded,
                                std::vector<Reading>& out) {
  if (clock_ == point && decoded.value) {
    decoded.value = *decoded.value - whole(now.wall.ms / 1000);
  }
  Reading& reading = begin_reading(now, point);
  reading.quality = qualities_[point].judge(profile_.points[point], decoded, now.mono);
  reading.value.reset();
  reading.text.clear();
  if (reading.quality == Quality::good) {
    reading.value = decoded.value;
    reading.text = std::move(decoded.text);
  }
  out.push_back(reading);
}

void DevicePoints::mark(Now now, std::uint32_t point, Quality quality, std::vector<Reading>& out) {
  CHECK(quality != Quality::good);
  qualities_[point].forget();
  if (readings_[point].quality == quality && readings_[point].seq > 0) return;
  Reading& reading = begin_reading(now, point);
  reading.quality = quality;
  reading.value.reset();
  reading.text.clear();
  out.push_back(reading);
}

void DevicePoints::mark_all(Now now, Quality quality, std::vector<Reading>& out) {
  for (std::uint32_t i = 0; i < readings_.size(); ++i) mark(now, i, quality, out);
}

Reading& DevicePoints::begin_reading(Now now, std::uint32_t point) {
  Reading& reading = readings_[point];
  reading.at = now.wall;
  reading.at_mono = now.mono;
  ++reading.seq;
  return reading;
}

}  // namespace cryobank::devices
