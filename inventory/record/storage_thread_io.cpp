#include "inventory/record/storage_thread_io.hpp"

#include <chrono>
#include <csignal>
#include <utility>

#include "base/text.hpp"
#include "inventory/record/journal_format.hpp"

namespace cryobank::inventory {
namespace {

Instant steady_now() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
}

// See SignalsBlocked in leveldb_io.cpp; a thread of LevelDB may be started from here.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

}  // namespace

StorageThread::StorageThread(std::unique_ptr<Store> store, std::unique_ptr<HighWater> mark,
                             Epoch epoch, std::unique_ptr<JournalCopy> copy, CopyTold copy_told)
    : store_(std::move(store)),
      mark_(std::move(mark)),
      epoch_(epoch),
      copy_(std::move(copy)),
      copy_told_(std::move(copy_told)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

StorageThread::~StorageThread() {
  thread_.request_stop();
  thread_.join();
}

Status StorageThread::add(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() >= kQueueMax) {
      return make_error(ErrorCode::unavailable,
                        cat("the storage thread has ", kQueueMax, " jobs waiting"));
    }
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return {};
}

Status StorageThread::commit(std::vector<RowChange> rows, CommitDone done) {
  return add([this, rows = std::move(rows), done = std::move(done)] { do_commit(rows, done); });
}

Status StorageThread::read(std::string first, std::string last, std::uint32_t limit,
                           ReadDone done) {
  return add(
      [this, first = std::move(first), last = std::move(last), limit, done = std::move(done)] {
        std::vector<RowChange> rows;
        const Status status = do_read(first, last, limit, rows);
        done(status ? Result<std::vector<RowChange>>(std::move(rows)) : status.error());
      });
}

bool StorageThread::settle(Duration within) {
  std::unique_lock lock(mutex_);
  return wake_.wait_for(lock, std::chrono::nanoseconds(within.ns),
                        [this] { return jobs_.empty() && !working_; });
}

Status StorageThread::snapshot(SnapshotDone done) {
  return add([this, done = std::move(done)] { done(store_->snapshot()); });
}

void StorageThread::run(const std::stop_token& stop) {
  block_signals();
  std::unique_lock lock(mutex_);
  while (true) {
    wait_and_sync(lock, stop);
    if (jobs_.empty()) return;  // only when told to stop
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    working_ = true;
    lock.unlock();
    job();
    tend_copy();
    lock.lock();
    working_ = false;
    wake_.notify_all();
  }
}

// Waits for a job. The mark is synced when no job came for kSyncEvery, so off the path of a commit;
// under unbroken load after that time all the same.
void StorageThread::wait_and_sync(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
  const auto has_job = [this] { return !jobs_.empty(); };
  while (copy_waits() && !has_job() && !stop.stop_requested()) {
    lock.unlock();
    tend_copy();
    lock.lock();
  }
  if (mark_ != nullptr && mark_->dirty()) {
    const Duration left = sync_mark_at_ - steady_now();
    if (left.ns > 0 && wake_.wait_for(lock, stop, std::chrono::nanoseconds(left.ns), has_job)) {
      return;
    }
    lock.unlock();
    (void)mark_->sync();
    lock.lock();
  }
  if (copy_ != nullptr && copy_->dirty() && !has_job()) {
    lock.unlock();
    sync_copy();
    lock.lock();
  }
  wake_.wait(lock, stop, has_job);
}

bool StorageThread::copy_waits() const {
  return copy_ != nullptr && copy_->behind() && steady_now() >= tend_copy_after_;
}

// One step; nothing while the copy is level with the journal.
void StorageThread::tend_copy() {
  if (copy_ == nullptr) return;
  if (copy_->dirty() && steady_now() >= sync_copy_at_) sync_copy();
  if (!copy_waits()) return;
  const Status stepped = copy_->step(*store_);
  if (!stepped) tend_copy_after_ = steady_now() + JournalCopy::kRetryEvery;
  if (!stepped || !copy_->behind()) tell_copy(stepped);
}

void StorageThread::sync_copy() {
  sync_copy_at_ = steady_now() + JournalCopy::kSyncEvery;
  if (const Status synced = copy_->sync(); !synced) tell_copy(synced);
}

void StorageThread::tell_copy(const Status& status) {
  if (copy_good_ == status.ok()) return;
  copy_good_ = status.ok();
  if (copy_told_) copy_told_(status);
}

// The epoch is looked at before every commit: whoever has a higher one owns the record from that
// moment on, and a writer that was overtaken never writes again.
Status StorageThread::ready_for_commit() {
  if (superseded_) return *superseded_;
  if (mark_ != nullptr) {
    Status own = mark_->expect_own(epoch_);
    if (!own && own.error().code == ErrorCode::conflict) return own;
  }
  if (!failed_) return {};
  const Instant now = steady_now();
  if (now < reopen_after_) {
    return make_error(ErrorCode::unavailable, "the store failed and waits to be opened anew");
  }
  reopen_after_ = now + kReopenEvery;
  Status opened = store_->reopen();
  failed_ = !opened.ok();
  return opened;
}

void StorageThread::do_commit(const std::vector<RowChange>& rows, const CommitDone& done) {
  const Instant start = steady_now();
  Status status = ready_for_commit();
  if (status) {
    status = store_->commit(rows);
    failed_ = !status.ok();
  }
  if (!status && status.error().code == ErrorCode::conflict) superseded_ = status.error();
  const bool durable = status.ok();
  done(std::move(status), steady_now() - start);
  if (durable) follow(rows);
}

// A mark that cannot be written is no reason to refuse a commit that is durable; the next start
// then finds an older mark, which still holds.
void StorageThread::follow(const std::vector<RowChange>& rows) {
  if (copy_ != nullptr) {
    if (const Status followed = copy_->follow(rows); !followed) tell_copy(followed);
  }
  if (mark_ == nullptr) return;
  for (const RowChange& row : rows) {
    if (row.key != kJournalHeadKey || !row.value) continue;
    const auto head = parse_head(*row.value);
    if (!mark_->dirty()) sync_mark_at_ = steady_now() + HighWater::kSyncEvery;
    if (head) (void)mark_->write({head->sequence, head->last_hash, epoch_});
  }
}

Status StorageThread::do_read(const std::string& first, const std::string& last,
                              std::uint32_t limit, std::vector<RowChange>& rows) {
  std::size_t bytes = 0;
  if (limit == 0) return {};
  return store_->scan(first, last, [&](std::string_view key, std::string_view value) {
    rows.push_back({std::string(key), std::string(value)});
    bytes += key.size() + value.size();
    return rows.size() < limit && bytes < kReadBytesMax;
  });
}

}  // namespace cryobank::inventory
