// Loop: one thread that waits for file descriptors (epoll) and timers, and calls back. It owns no
// descriptor. The programs's clock is CLOCK_MONOTONIC in milliseconds.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "base/result.hpp"

namespace cryobank::simulator {

class Loop {
 public:
  using Callback = std::function<void(std::uint32_t events)>;

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // `events` as of epoll; the descriptor may be forgotten inside its own callback.
  Status watch(int fd, std::uint32_t events, Callback callback);
  void change(int fd, std::uint32_t events);
  void forget(int fd);
  void after(std::int64_t ms, std::function<void()> callback);

  // Waits at most `most_ms` for something to happen and lets it happen.
  void turn(std::int64_t most_ms);

  static std::int64_t now_ms();

 private:
  int epoll_;
  std::map<int, Callback> watched_;
  std::multimap<std::int64_t, std::function<void()>> timers_;
};

}  // namespace cryobank::simulator
