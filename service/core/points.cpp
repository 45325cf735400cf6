#include "service/core/points.hpp"

#include <algorithm>
#include <utility>

#include "service/wire/wire.hpp"

namespace cryobank::core {
namespace {

std::uint32_t expiry_of(const config::DeviceConfig& device, config::ReadClass read_class) {
  const Duration poll = read_class == config::ReadClass::fast ? device.poll_fast : device.poll_slow;
  const std::int64_t polls = (poll * kPointExpiryPolls).seconds();
  return std::max(kPointExpiryMin, static_cast<std::uint32_t>(polls));
}

bool is_near(const std::optional<Milli>& told, const std::optional<Milli>& now, Milli deadband) {
  if (!told || !now) return told == now;
  return *now <= *told + deadband && *told - deadband <= *now;
}

}  // namespace

Points::Points(const Bank& bank) : bank_(bank) {
  for (std::uint32_t d = 0; d < bank.config.devices.size(); ++d) {
    const config::DeviceConfig& device = bank.config.devices[d];
    first_slot_.push_back(slots_.size());
    const config::DeviceProfile* profile = bank.config.profile_of(device);
    CHECK(profile != nullptr);
    for (std::uint32_t p = 0; p < profile->points.size(); ++p) {
      const config::Point& point = profile->points[p];
      Slot slot;
      slot.device = {d};
      slot.point = {p};
      slot.topic = bank.topics.of(TopicKind::device_point, device.id.str(), point.id.str());
      slot.unit = point.unit;
      slot.deadband = device.deadband_of(point);
      slot.expiry_s = expiry_of(device, point.read_class);
      // A point that is read once at each contact is refreshed by nobody: it stays.
      if (point.read_class == config::ReadClass::once) slot.expiry_s = 0;
      slot.unasked =
          profile->is_text() && !profile->lines.empty() && profile->lines.front().ask.empty();
      slots_.push_back(std::move(slot));
    }
  }
}

void Points::on_reading(const Now& now, const devices::Reading& reading) {
  const std::size_t index = first_slot_[reading.device.value] + reading.point.value;
  Slot& slot = slots_[index];
  const bool seen_before = std::exchange(slot.seen, true);
  if (slot.queued) return;
  const bool same = seen_before && slot.quality == reading.quality &&
                    is_near(slot.value, reading.value, slot.deadband) && slot.text == reading.text;
  if (same && now.mono < slot.refresh_at) return;
  enqueue(index);
}

void Points::enqueue(std::size_t index) {
  if (slots_[index].queued) return;
  slots_[index].queued = true;
  queue_.push_back(index);
}

void Points::mark_all() {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].seen || slots_[i].unasked) enqueue(i);
  }
}

void Points::on_deadline(const Now& now) {
  while (!to_tell_again_.empty() && to_tell_again_.begin()->first <= now.mono) {
    const std::size_t slot = to_tell_again_.begin()->second;
    to_tell_again_.erase(to_tell_again_.begin());
    enqueue(slot);
  }
}

Instant Points::next_deadline() const {
  return to_tell_again_.empty() ? kNever : to_tell_again_.begin()->first;
}

void Points::put_back(std::size_t slot) { enqueue(slot); }

Publish Points::take(const Now& now) {
  CHECK(!queue_.empty());
  last_taken_ = queue_.front();
  queue_.pop_front();
  Slot& slot = slots_[last_taken_];
  const devices::Reading& reading = bank_.fleet.reading(slot.device, slot.point);
  slot.queued = false;
  slot.quality = reading.quality;
  slot.value = reading.value;
  slot.text = reading.text;
  const Duration half = seconds(slot.expiry_s) / 2;
  to_tell_again_.erase({slot.refresh_at, last_taken_});
  slot.refresh_at = slot.expiry_s == 0 ? kNever : now.mono + half;
  if (slot.expiry_s != 0 && slot.quality != Quality::good) {
    to_tell_again_.emplace(slot.refresh_at, last_taken_);
  }
  Publish publish;
  publish.topic = slot.topic;
  publish.retain = true;
  if (!slot.seen) return publish;  // not told in this run: nothing is known, and nothing stands
  publish.payload.reserve(160);
  append_point(publish.payload, reading, slot.unit);
  publish.expiry_s = slot.expiry_s;
  return publish;
}

}  // namespace cryobank::core
