#include "service/errand_io.hpp"

#include <csignal>
#include <utility>

namespace cryobank::service {

ErrandThread::ErrandThread(Post post)
    : post_(std::move(post)), thread_([this](const std::stop_token& stop) { work(stop); }) {}

ErrandThread::~ErrandThread() {
  thread_.request_stop();
  thread_.join();
}

void ErrandThread::run(core::RunErrand errand) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(errand));
  }
  wake_.notify_one();
}

void ErrandThread::work(const std::stop_token& stop) {
  // Signals are for the loop's thread.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  while (true) {
    core::RunErrand next;
    {
      std::unique_lock lock(mutex_);
      if (!wake_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    next.errand->run();
    post_({next.id});
  }
}

}  // namespace cryobank::service
