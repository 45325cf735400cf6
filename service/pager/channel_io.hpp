// Channel: hands pages to a person through its driver, one after the other, on its own thread, so
// that a hanging program delays no other channel.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "service/pager/pager_config.hpp"
#include "service/pager/watch.hpp"

namespace cryobank::pager {

class Channel {
 public:
  // `done` is called on the channel's thread with whether the driver took the page.
  using Done = std::function<void(const Delivery&, bool delivered)>;

  Channel(ChannelDriver driver, Done done);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // From any thread. At most 1,000 wait; above that the oldest is reported as not delivered.
  void deliver(Delivery delivery);

 private:
  void run(const std::stop_token& stop);

  ChannelDriver driver_;
  Done done_;
  std::mutex mutex_;  // guards waiting_
  std::condition_variable_any wake_;
  std::deque<Delivery> waiting_;
  std::jthread thread_;
};

}  // namespace cryobank::pager
