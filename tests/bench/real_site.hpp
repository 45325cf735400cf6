// RealSite: a Fleet over real lines in real time, without the rest of the daemon. One thread runs
// the fleet, as the daemon's loop does; the lines have their own.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include "devices/fleet.hpp"
#include "devices/line/modbus_io.hpp"
#include "devices/line/port_io.hpp"

namespace cryobank::devices {

class RealSite {
 public:
  explicit RealSite(const config::SiteConfig& site)
      : fleet(site, Epoch{1}, 1),
        lines_(
            site, [this](LineReply reply) { put(std::move(reply)); }, [](const LineText&) {}) {}

  std::function<void(const Reading&)> on_reading;

  void start() {
    fleet.start(now(), out_);
    settle();
  }

  void run(Duration span) {
    const Instant end = monotonic_now() + span;
    while (monotonic_now() < end) {
      std::deque<LineReply> replies = take(std::min(end, fleet.next_deadline()));
      for (const LineReply& reply : replies) {
        fleet.on_reply(now(), reply, out_);
        settle();
      }
      if (fleet.next_deadline() <= monotonic_now()) {
        fleet.on_deadline(now(), out_);
        settle();
      }
    }
  }

  Fleet fleet;
  std::uint64_t requests = 0;

 private:
  static Now now() {
    const Instant mono = monotonic_now();
    return {mono, WallTime{1'795'000'000'000 + mono.ns / 1'000'000}};
  }
  void put(LineReply reply) {
    const std::lock_guard lock(guard_);
    replies_.push_back(std::move(reply));
    there_.notify_one();
  }
  std::deque<LineReply> take(Instant until) {
    std::unique_lock lock(guard_);
    const Duration left = std::max(until - monotonic_now(), Duration{});
    there_.wait_for(lock, std::chrono::nanoseconds(left.ns), [&] { return !replies_.empty(); });
    return std::exchange(replies_, {});
  }
  void settle() {
    requests += out_.requests.size();
    for (LineRequest& request : out_.requests) lines_.send(std::move(request));
    if (on_reading) {
      for (const Reading& reading : out_.readings) on_reading(reading);
    }
    out_.clear();
  }

  FleetOutputs out_;
  std::mutex guard_;
  std::condition_variable there_;
  std::deque<LineReply> replies_;
  Lines lines_;  // last: its threads call put()
};

}  // namespace cryobank::devices
