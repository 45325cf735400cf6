#include "service/pager/channel_io.hpp"

#include <chrono>
#include <utility>

namespace cryobank::pager {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kListenSlice{250};
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
      probe_at_(std::chrono::steady_clock::now() + kProbeFirst),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Channel::~Channel() = default;

void Channel::abandon() { thread_.detach(); }

void Channel::hand(Outgoing page) {
  free_ = false;
  {
    const std::lock_guard lock(mutex_);
    page_ = std::move(page);
  }
  wake_.notify_one();
}

void Channel::listen(const std::stop_token& stop) {
  const auto now = std::chrono::steady_clock::now();
  if (now >= probe_at_) {
    callbacks_.probed(setup_.id, setup_.driver->probe(now + kProbeWithin));
    probe_at_ = now + kProbeEvery;
  }
  if (!setup_.driver->hears()) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, milliseconds(1000), [this] { return page_.has_value(); });
    return;
  }
  const Until until = std::chrono::steady_clock::now() + kListenSlice;
  for (Heard& heard : setup_.driver->listen(until)) callbacks_.heard(setup_.id, std::move(heard));
  // A driver that had nothing to wait on must not spin.
  std::unique_lock lock(mutex_);
  wake_.wait_until(lock, stop, until, [this] { return page_.has_value(); });
}

void Channel::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::optional<Outgoing> page;
    {
      const std::lock_guard lock(mutex_);
      page = std::exchange(page_, std::nullopt);
    }
    if (!page) {
      listen(stop);
      continue;
    }
    Attempt attempt = setup_.driver->send(*page, after(setup_.within));
    callbacks_.tried(setup_.id, page->id, std::move(attempt));
  }
  ended_ = true;
}

}  // namespace cryobank::pager
