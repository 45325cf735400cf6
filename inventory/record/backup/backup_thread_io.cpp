#include "inventory/record/backup/backup_thread_io.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <future>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::inventory {
namespace {

namespace fs = std::filesystem;

// How far a backup gives way to polling and commits.
constexpr int kNice = 10;
constexpr auto kLookEvery = std::chrono::milliseconds(50);

// On Linux the priority is the thread's own.
void give_way() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
}

bool is_backup(const BackupFolder& folder, std::string_view name, std::string_view suffix) {
  return name.starts_with(folder.prefix) && name.ends_with(suffix);
}

// Parts that a killed run left behind; this thread is the only one that writes here.
void remove_left_parts(const BackupFolder& folder) {
  std::error_code ignored;
  const std::string suffix = cat(kBackupSuffix, ".part");
  for (const auto& file : fs::directory_iterator(folder.directory, ignored)) {
    if (is_backup(folder, file.path().filename().string(), suffix)) {
      fs::remove(file.path(), ignored);
    }
  }
}

// Removes the oldest ones but never `newest`. Returns how many are there.
int keep_newest(const BackupFolder& folder, const std::string& newest) {
  std::vector<std::string> paths = list_backups(folder);
  std::size_t kept = paths.size();
  for (const std::string& path : paths) {
    if (kept <= static_cast<std::size_t>(std::max(folder.keep, 1))) break;
    std::error_code error;
    if (path != newest && fs::remove(path, error)) --kept;
  }
  return static_cast<int>(kept);
}

}  // namespace

std::vector<std::string> list_backups(const BackupFolder& folder) {
  std::vector<std::string> paths;
  std::error_code ignored;
  for (const auto& file : fs::directory_iterator(folder.directory, ignored)) {
    if (is_backup(folder, file.path().filename().string(), kBackupSuffix)) {
      paths.push_back(file.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

BackupThread::BackupThread(StorageThread& storage, BackupFolder folder)
    : storage_(storage),
      folder_(std::move(folder)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

BackupThread::~BackupThread() {
  thread_.request_stop();
  thread_.join();
}

void BackupThread::make(std::string name, Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (!busy_) {
      busy_ = true;
      order_ = Order{std::move(name), std::move(done)};
      wake_.notify_one();
      return;
    }
  }
  done(make_error(ErrorCode::conflict, "another backup is under way"));
}

void BackupThread::run(const std::stop_token& stop) {
  give_way();
  std::unique_lock lock(mutex_);
  while (wake_.wait(lock, stop, [this] { return order_.has_value(); })) {
    const Order order = std::move(*order_);
    order_.reset();
    lock.unlock();
    auto written = carry_out(order.name, stop);
    lock.lock();
    busy_ = false;
    lock.unlock();
    if (!stop.stop_requested()) order.done(std::move(written));
    lock.lock();
  }
}

// The answer is shared, so that a storage thread that hangs on its disk can be left behind.
Result<std::shared_ptr<const StoreSnapshot>> BackupThread::take_snapshot(
    const std::stop_token& stop) {
  using Snapshot = Result<std::shared_ptr<const StoreSnapshot>>;
  const auto taken = std::make_shared<std::promise<Snapshot>>();
  auto answer = taken->get_future();
  TRY(storage_.snapshot([taken](Snapshot snapshot) { taken->set_value(std::move(snapshot)); }));
  while (answer.wait_for(kLookEvery) != std::future_status::ready) {
    if (stop.stop_requested()) {
      return make_error(ErrorCode::unavailable, "the backup was ended: the service stops");
    }
  }
  return answer.get();
}

Result<BackupWritten> BackupThread::carry_out(const std::string& name,
                                              const std::stop_token& stop) {
  const auto start = std::chrono::steady_clock::now();
  std::error_code error;
  fs::create_directories(folder_.directory, error);
  if (error) {
    return make_error(ErrorCode::io, cat("cannot make ", folder_.directory, ": ", error.message()));
  }
  remove_left_parts(folder_);
  BackupWritten written;
  written.path = (fs::path(folder_.directory) / name).string();
  TRY_ASSIGN(auto snapshot, take_snapshot(stop));
  TRY_ASSIGN(auto info, write_backup(scan_of(std::move(snapshot)), written.path,
                                     {folder_.reserve_bytes, stop}));
  const auto read = check_backup(written.path, stop);
  if (!read || read->sequence != info.sequence || read->root != info.root ||
      read->rows != info.rows) {
    fs::remove(written.path, error);
    TRY(read);
    return make_error(ErrorCode::corrupt,
                      cat("what ", written.path, " holds is not what was written to it"));
  }
  written.info = info;
  written.bytes = fs::file_size(written.path, error);
  written.kept = keep_newest(folder_, written.path);
  const auto took = std::chrono::steady_clock::now() - start;
  written.took = Duration{std::chrono::duration_cast<std::chrono::nanoseconds>(took).count()};
  return written;
}

}  // namespace cryobank::inventory
