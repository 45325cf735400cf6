// Errand thread: runs what takes long, one after the other, so that the core and its pages never
// wait for it.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "service/wire/effect.hpp"

namespace cryobank::service {

class ErrandThread {
 public:
  using Post = std::function<void(core::ErrandDone)>;

  // `post` is called on this class's thread; it must not block.
  explicit ErrandThread(Post post);
  // Waits for the errand that runs; what it reads must live as long.
  ~ErrandThread();
  ErrandThread(const ErrandThread&) = delete;
  ErrandThread& operator=(const ErrandThread&) = delete;

  // Never blocks.
  void run(core::RunErrand errand);

 private:
  void work(const std::stop_token& stop);

  Post post_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<core::RunErrand> waiting_;
  std::jthread thread_;
};

}  // namespace cryobank::service
