// StorageThread: the one thread that uses the record's store. Jobs are done in the order they came;
// each calls its `done` on this thread, which must only copy and post. After a failed commit the
// store is opened anew before the next job, at most every kReopenEvery. The high-water mark follows
// every commit that carries a journal head, and so does the journal's copy. Errors: unavailable
// when kQueueMax jobs wait (then `done` is not called) or while the store stays closed; conflict
// once another process works on the record (then every later commit is refused, and the process has
// to end).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/time.hpp"
#include "inventory/record/high_water_io.hpp"
#include "inventory/record/journal_copy_io.hpp"
#include "inventory/record/store.hpp"

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

  // Hears, on this thread, when the journal's copy cannot be written and when it can again.
  using CopyTold = std::function<void(const Status&)>;

  // `mark` and `copy` may be null: none is kept then.
  StorageThread(std::unique_ptr<Store> store, std::unique_ptr<HighWater> mark, Epoch epoch,
                std::unique_ptr<JournalCopy> copy = nullptr, CopyTold copy_told = {});
  // Does every waiting job, syncs the mark and ends the thread.
  ~StorageThread();
  StorageThread(const StorageThread&) = delete;
  StorageThread& operator=(const StorageThread&) = delete;

  Status commit(std::vector<RowChange> rows, CommitDone done);
  // Rows with keys in [first, last), at most `limit` and kReadBytesMax (at least one row).
  Status read(std::string first, std::string last, std::uint32_t limit, ReadDone done);
  // Waits until nothing is to be done; false when the store does not answer within that time. Then
  // the process must end without destroying this object, which would wait for ever.
  bool settle(Duration within);
  // What every commit that was acknowledged before has made of the store; for a backup.
  using SnapshotDone = std::function<void(Result<std::shared_ptr<const StoreSnapshot>>)>;
  Status snapshot(SnapshotDone done);

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
  void tend_copy();
  void sync_copy();
  void tell_copy(const Status& status);
  bool copy_waits() const;

  const std::unique_ptr<Store> store_;
  const std::unique_ptr<HighWater> mark_;
  const Epoch epoch_;
  std::optional<Error> superseded_;  // once, and for good
  bool failed_ = false;              // the last commit; the store waits for reopen()
  Instant reopen_after_{};           // this thread's clock
  Instant sync_mark_at_{};
  const std::unique_ptr<JournalCopy> copy_;
  const CopyTold copy_told_;
  std::optional<bool> copy_good_;  // as it was last told
  Instant tend_copy_after_{};
  Instant sync_copy_at_{};

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Job> jobs_;
  bool working_ = false;
  std::jthread thread_;  // last: starts when everything above stands
};

}  // namespace cryobank::inventory
