// Points: which readings the broker must hear. A reading is published when its quality changed, or
// its value by more than the point's deadband since it was published last, and again when half of
// its expiry has passed; otherwise it costs one comparison. What is sent is the newest reading at
// the time of sending.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "service/core/bank.hpp"

namespace cryobank::core {

// A retained point vanishes from the broker when it was not refreshed for three polls, so that a
// dead daemon's last values do not stand for ever. Never below a minute: loss of the device itself
// is told by quality within three polls, and refreshing a still tank each second only costs.
inline constexpr int kPointExpiryPolls = 3;
inline constexpr std::uint32_t kPointExpiryMin = 60;

class Points {
 public:
  explicit Points(const Bank& bank);

  // Notes a reading; true when it waits for sending now.
  void on_reading(const Now& now, const devices::Reading& reading);
  // Everything that was ever read, after the link came up. What a machine tells unasked and has
  // not told in this run is taken off the broker: the last run's value may long be another.
  void mark_all();
  bool waiting() const { return !queue_.empty(); }
  // The next point to send. REQUIRES: waiting().
  Publish take(const Now& now);
  // A point without a value is told again before it expires, whether or not it is read meanwhile:
  // of a device that is asked seldom, since it does not answer, the broker must not forget that.
  void on_deadline(const Now& now);
  Instant next_deadline() const;
  // A publish was lost or refused before the broker had it: the point waits again.
  void put_back(std::size_t slot);
  std::size_t last_taken() const { return last_taken_; }
  const std::string& topic(std::size_t slot) const { return slots_[slot].topic; }

 private:
  struct Slot {
    devices::DeviceIndex device;
    devices::PointIndex point;
    std::string topic;
    std::string unit;
    std::uint32_t expiry_s = kPointExpiryMin;
    Instant refresh_at{};
    Quality quality = Quality::comm_lost;  // as last taken
    std::optional<Milli> value;
    Milli deadband{};
    std::string text;
    bool seen = false;
    bool unasked = false;  // told when the machine likes, maybe not for hours
    bool queued = false;
  };
  void enqueue(std::size_t slot);

  const Bank& bank_;
  std::vector<std::size_t> first_slot_;  // by device
  std::vector<Slot> slots_;
  std::deque<std::size_t> queue_;  // at most one entry per slot
  std::set<std::pair<Instant, std::size_t>>
      to_tell_again_;  // by refresh_at; not good as last taken
  std::size_t last_taken_ = 0;
};

}  // namespace cryobank::core
