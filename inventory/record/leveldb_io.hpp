// LevelDbStore: the store seam on LevelDB. Opened paranoid, never created by opening; every commit
// is one synced batch. The first write error closes it for writing until reopen(); reads go on as
// long as they can. Errors: corrupt (bytes are damaged; nothing was changed), unavailable (another
// process holds it, the disk is full, closed after an error), conflict (somebody else opened it:
// end the process), not_found (no store there), not_authorised, io.
// Never repairs by itself: the way back is a backup and the journal export (backup_io.hpp).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "inventory/record/store.hpp"

namespace leveldb {
class Env;
class FileLock;
}  // namespace leveldb

namespace cryobank::inventory {

class LogGuardEnv;
class StoreOwner;

struct LevelDbOptions {
  // False only for stores that may lose their tail (telemetry).
  bool sync = true;
  // Commits are refused while the file system has less than this free: two write buffers and the
  // output of a compaction must always fit, since LevelDB damages its log when a disk fills up.
  std::uint64_t reserve_bytes = 128u << 20;
  // But the first one after open_store() may leave a quarter of it: a start takes its epoch on a
  // full disk, too, so that alarms and pages go on.
  std::size_t write_buffer_bytes = 8u << 20;
  std::size_t cache_bytes = 32u << 20;
  leveldb::Env* env = nullptr;  // beneath the guard; null is the real one
};

class LevelDbStore final : public Store {
 public:
  ~LevelDbStore() override;
  LevelDbStore(const LevelDbStore&) = delete;
  LevelDbStore& operator=(const LevelDbStore&) = delete;

  Status commit(const std::vector<RowChange>& batch) override;
  Result<std::optional<std::string>> get(std::string_view key) override;
  Status scan(std::string_view first, std::string_view last, const RowVisit& visit) override;
  Status reopen() override;
  Result<std::shared_ptr<const StoreSnapshot>> snapshot() override;

 private:
  friend Status create_store(const std::string&, const LevelDbOptions&);
  friend Result<std::unique_ptr<LevelDbStore>> open_store(const std::string&,
                                                          const LevelDbOptions&);
  struct Handle;
  struct View;

  LevelDbStore(std::string directory, const LevelDbOptions& options);
  Status open(bool create);
  Status space_left(std::uint64_t least) const;
  Error write_failed(std::string why);
  Status still_ours();

  const std::string directory_;
  const LevelDbOptions options_;
  const std::shared_ptr<LogGuardEnv> guard_;
  std::unique_ptr<StoreOwner> owner_;   // from before the first opening to the end
  std::shared_ptr<Handle> handle_;      // null while closed
  bool committed_ = false;              // once since open_store()
  std::optional<std::string> failure_;  // of the first failed write since the last opening
};

// Makes an empty store. Error already_exists when anything lies in `directory`.
Status create_store(const std::string& directory, const LevelDbOptions& options = {});
Result<std::unique_ptr<LevelDbStore>> open_store(const std::string& directory,
                                                 const LevelDbOptions& options = {});

// The ownership of a store's folder and LevelDB's own lock, so that no daemon opens it meanwhile.
// It does not look at the store, which may be damaged. Errors: those of owner_io.hpp.
class StoreLock {
 public:
  static Result<std::unique_ptr<StoreLock>> take(const std::string& directory);
  ~StoreLock();
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

 private:
  StoreLock(std::unique_ptr<StoreOwner> owner, leveldb::FileLock* lock);
  const std::unique_ptr<StoreOwner> owner_;
  leveldb::FileLock* const lock_;
};

}  // namespace cryobank::inventory
