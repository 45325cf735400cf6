#include "devices/simulator/wire/loop_io.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "base/text.hpp"

namespace cryobank::simulator {

namespace {
constexpr int kEventsAtOnce = 64;
}

Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) { CHECK(epoll_ >= 0); }
Loop::~Loop() { close(epoll_); }

std::int64_t Loop::now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

Status Loop::watch(int fd, std::uint32_t events, Callback callback) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
    return make_error(ErrorCode::io, cat("epoll: ", std::strerror(errno)));
  }
  watched_[fd] = std::move(callback);
  return {};
}

void Loop::change(int fd, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event);
}

void Loop::forget(int fd) {
  epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  watched_.erase(fd);
}

void Loop::after(std::int64_t ms, std::function<void()> callback) {
  timers_.emplace(now_ms() + ms, std::move(callback));
}

void Loop::turn(std::int64_t most_ms) {
  std::int64_t wait = most_ms;
  if (!timers_.empty()) {
    wait = std::clamp<std::int64_t>(timers_.begin()->first - now_ms(), 0, most_ms);
  }
  epoll_event events[kEventsAtOnce];
  const int count = epoll_wait(epoll_, events, kEventsAtOnce, static_cast<int>(wait));
  for (int i = 0; i < count; ++i) {
    const auto found = watched_.find(events[i].data.fd);
    if (found == watched_.end()) continue;  // forgotten by an earlier callback of this turn
    const Callback callback = found->second;
    callback(events[i].events);
  }
  while (!timers_.empty() && timers_.begin()->first <= now_ms()) {
    const std::function<void()> callback = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    callback();
  }
}

}  // namespace cryobank::simulator
