// Channel: one driver on its own thread, so that a slow, hanging or failing one holds up no other.
// It asks for the next page when it is free, so that a P1 never waits behind what came before it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "service/pager/pager_config.hpp"

namespace cryobank::pager {

class Channel {
 public:
  struct Callbacks {  // on the channel's thread; they post and never block
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
  void ask_to_stop() { thread_.request_stop(); }
  bool ended() const { return ended_; }
  // The thread is left behind when its driver hangs at the end of the program.
  void abandon();

 private:
  void run(const std::stop_token& stop);
  void listen(const std::stop_token& stop);

  ChannelSetup setup_;
  Callbacks callbacks_;
  std::mutex mutex_;  // guards page_
  std::condition_variable_any wake_;
  std::optional<Outgoing> page_;
  bool free_ = true;  // of the gateway's thread alone
  std::atomic<bool> ended_{false};
  std::chrono::steady_clock::time_point probe_at_;
  std::jthread thread_;
};

}  // namespace cryobank::pager
