// Channel: one driver on threads of its own, so that a slow, hanging or failing one holds up no
// other; and where the driver hears on a line of its own, sending never waits for hearing. It asks
// for the next page when it is free, so that a P1 never waits behind what came before it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "service/pager/pager_config.hpp"

namespace cryobank::pager {

class Channel {
 public:
  struct Callbacks {  // on the channel's threads; they post and never block
    std::function<void(const std::string& channel, const std::string& page, Attempt)> tried;
    std::function<void(const std::string& channel, Heard)> heard;
    std::function<void(const std::string& channel, std::string why)> probed;
  };

  Channel(ChannelSetup setup, Callbacks callbacks);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  const ChannelSetup& setup() const { return setup_; }
  // From the gateway's thread. REQUIRES: free().
  void hand(Outgoing page);
  bool free() const { return free_; }
  void set_free(bool free) { free_ = free; }
  void ask_to_stop();
  bool ended() const { return running_ == 0; }

 private:
  void send_loop(const std::stop_token& stop);
  void hear_loop(const std::stop_token& stop);
  void hear(const std::stop_token& stop);
  bool has_page(const std::stop_token& stop);

  ChannelSetup setup_;
  Callbacks callbacks_;
  const bool apart_;  // the driver hears on a second thread
  std::mutex mutex_;  // guards page_
  std::condition_variable_any wake_;
  std::optional<Outgoing> page_;
  bool free_ = true;  // of the gateway's thread alone
  std::atomic<int> running_;
  std::chrono::steady_clock::time_point probe_at_;  // of the thread that hears
  std::jthread sender_;
  std::jthread hearer_;  // none: the sender hears as well
};

}  // namespace cryobank::pager
