// BackupThread: makes backups of the record into one folder while the storage thread works. It asks
// that thread for a snapshot and does the rest on its own, at a lower priority: writes the file,
// reads it again from the disk and checks it whole, then removes the oldest ones. Commits never
// wait for it. Stopping ends the one under way and leaves no part of it. Errors: those of
// backup_io.hpp; conflict while one is under way.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/time.hpp"
#include "inventory/record/backup/backup_io.hpp"
#include "inventory/record/storage_thread_io.hpp"

namespace cryobank::inventory {

struct BackupFolder {
  std::string directory;
  std::string prefix;  // of the names of this site's backups, which sort by their time
  int keep = 1;        // the newest ones
  std::uint64_t reserve_bytes = std::uint64_t{256} << 20;  // twice what the store keeps free
};

inline constexpr std::string_view kBackupSuffix = ".backup";

// The site's backups in the folder, oldest first. Empty when there is no such folder.
std::vector<std::string> list_backups(const BackupFolder& folder);

struct BackupWritten {
  std::string path;
  BackupInfo info;
  std::uint64_t bytes = 0;
  int kept = 0;
  Duration took{};
};

class BackupThread {
 public:
  using Done = std::function<void(Result<BackupWritten>)>;  // called on this thread

  // `storage` must outlive it.
  BackupThread(StorageThread& storage, BackupFolder folder);
  ~BackupThread();
  BackupThread(const BackupThread&) = delete;
  BackupThread& operator=(const BackupThread&) = delete;

  // Makes `name` in the folder.
  void make(std::string name, Done done);

 private:
  struct Order {
    std::string name;
    Done done;
  };

  void run(const std::stop_token& stop);
  Result<BackupWritten> carry_out(const std::string& name, const std::stop_token& stop);
  Result<std::shared_ptr<const StoreSnapshot>> take_snapshot(const std::stop_token& stop);

  StorageThread& storage_;
  const BackupFolder folder_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::optional<Order> order_;
  bool busy_ = false;
  std::jthread thread_;  // last: starts when everything above stands
};

}  // namespace cryobank::inventory
