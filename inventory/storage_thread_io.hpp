// StorageThread: the one thread that uses the record's store. Jobs are done in the order they came;
// each calls its `done` on this thread, which must only copy and post. After a failed commit the
// store is opened anew before the next job, at most every kReopenEvery. The high-water mark follows
// every commit that carries a journal head. Errors: unavailable when kQueueMax jobs wait (then
// `done` is not called) or while the store stays closed.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "inventory/high_water_io.hpp"
#include "inventory/store.hpp"
#include "service/base/time.hpp"

namespace cryobank::inventory {

class StorageThread {
 public:
  // The core keeps one commit open and few reads; more means that something runs away.
  static constexpr std::size_t kQueueMax = 256;
  // What one read returns at most, beside its row limit: bounds the memory of a replay.
  static constexpr std::size_t kReadBytesMax = 8u << 20;
  static constexpr Duration kReopenEvery = seconds(1);

  using CommitDone = std::function<void(Status, Duration took)>;
  using ReadDone = std::function<void(Result<std::vector<RowChange>>)>;

  // `mark` may be null: no high-water mark is kept then.
  StorageThread(std::unique_ptr<Store> store, std::unique_ptr<HighWater> mark, Epoch epoch);
  // Does every waiting job, syncs the mark and ends the thread.
  ~StorageThread();
  StorageThread(const StorageThread&) = delete;
  StorageThread& operator=(const StorageThread&) = delete;

  Status commit(std::vector<RowChange> rows, CommitDone done);
  // Rows with keys in [first, last), at most `limit` and kReadBytesMax (at least one row).
  Status read(std::string first, std::string last, std::uint32_t limit, ReadDone done);
  // For the watchdog: answers when every job before it is done.
  Status ping(std::function<void()> done);
  // Anything else that needs the store between two jobs, e.g. taking a snapshot for a backup.
  Status with_store(std::function<void(Store&)> job);

 private:
  using Job = std::function<void()>;

  Status add(Job job);
  void run(const std::stop_token& stop);
  void wait_and_sync(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);
  void do_commit(const std::vector<RowChange>& rows, const CommitDone& done);
  Status do_read(const std::string& first, const std::string& last, std::uint32_t limit,
                 std::vector<RowChange>& rows);
  Status ready_for_commit();
  void follow(const std::vector<RowChange>& rows);

  const std::unique_ptr<Store> store_;
  const std::unique_ptr<HighWater> mark_;
  const Epoch epoch_;
  bool failed_ = false;     // the last commit; the store waits for reopen()
  Instant reopen_after_{};  // this thread's clock
  Instant sync_mark_at_{};

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Job> jobs_;
  std::jthread thread_;  // last: starts when everything above stands
};

}  // namespace cryobank::inventory
