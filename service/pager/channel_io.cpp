#include "service/pager/channel_io.hpp"

#include <utility>

namespace cryobank::pager {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kListenSlice{250};
constexpr milliseconds kIdleSlice{1000};
constexpr std::chrono::seconds kProbeEvery{60};
constexpr std::chrono::seconds kProbeFirst{2};
constexpr std::chrono::seconds kProbeWithin{5};

Until after(Duration duration) {
  return std::chrono::steady_clock::now() + std::chrono::nanoseconds(duration.ns);
}

}  // namespace

Channel::Channel(ChannelSetup setup, Callbacks callbacks)
    : setup_(std::move(setup)),
      callbacks_(std::move(callbacks)),
      apart_(setup_.driver->hears_apart()),
      running_(apart_ ? 2 : 1),
      probe_at_(std::chrono::steady_clock::now() + kProbeFirst),
      sender_([this](const std::stop_token& stop) { send_loop(stop); }) {
  if (apart_) hearer_ = std::jthread([this](const std::stop_token& stop) { hear_loop(stop); });
}

Channel::~Channel() = default;

void Channel::ask_to_stop() {
  sender_.request_stop();
  hearer_.request_stop();
}

void Channel::hand(Outgoing page) {
  free_ = false;
  {
    const std::lock_guard lock(mutex_);
    page_ = std::move(page);
  }
  wake_.notify_all();
}

// A driver that had nothing to wait on must not spin.
void Channel::hear(const std::stop_token& stop) {
  const auto now = std::chrono::steady_clock::now();
  if (now >= probe_at_) {
    callbacks_.probed(setup_.id, setup_.driver->probe(now + kProbeWithin));
    probe_at_ = now + kProbeEvery;
  }
  const bool hears = setup_.driver->hears();
  const Until until = std::chrono::steady_clock::now() + (hears ? kListenSlice : kIdleSlice);
  if (hears) {
    for (Heard& heard : setup_.driver->listen(until)) callbacks_.heard(setup_.id, std::move(heard));
  }
  std::unique_lock lock(mutex_);
  wake_.wait_until(lock, stop, until, [this] { return !apart_ && page_.has_value(); });
}

void Channel::hear_loop(const std::stop_token& stop) {
  while (!stop.stop_requested()) hear(stop);
  --running_;
}

// Waits for one where somebody else hears.
bool Channel::has_page(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (apart_) return wake_.wait(lock, stop, [this] { return page_.has_value(); });
  return page_.has_value();
}

void Channel::send_loop(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (!has_page(stop)) {
      if (!apart_) hear(stop);
      continue;
    }
    std::optional<Outgoing> page;
    {
      const std::lock_guard lock(mutex_);
      page = std::exchange(page_, std::nullopt);
    }
    Attempt attempt = setup_.driver->send(*page, after(setup_.within));
    callbacks_.tried(setup_.id, page->id, std::move(attempt));
  }
  --running_;
}

}  // namespace cryobank::pager
