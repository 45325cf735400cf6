// Worker: a thread that works off a bounded queue, one item after the other, so that the core never
// waits for what takes long. Signals are for the loop's thread and reach none of these.
#pragma once

#include <condition_variable>
#include <csignal>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace cryobank::service {

template <class Item>
class Worker {
 public:
  using Work = std::function<void(Item&)>;  // called on this class's thread

  Worker(std::size_t most, Work work)
      : most_(most),
        work_(std::move(work)),
        thread_([this](const std::stop_token& stop) { run(stop); }) {}
  // Waits for the item that it is at; those behind it are dropped.
  ~Worker() {
    thread_.request_stop();
    thread_.join();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Never blocks. Gives the item back when so many wait already.
  std::optional<Item> add(Item item) {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() >= most_) return item;
      waiting_.push_back(std::move(item));
    }
    wake_.notify_one();
    return std::nullopt;
  }

 private:
  void run(const std::stop_token& stop) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    while (true) {
      std::optional<Item> next;
      {
        std::unique_lock lock(mutex_);
        if (!wake_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
        next.emplace(std::move(waiting_.front()));
        waiting_.pop_front();
      }
      work_(*next);
    }
  }

  const std::size_t most_;
  Work work_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Item> waiting_;
  std::jthread thread_;  // last: it uses all of them
};

}  // namespace cryobank::service
