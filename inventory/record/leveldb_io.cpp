#include "inventory/record/leveldb_io.hpp"

#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/env.h>
#include <leveldb/filter_policy.h>
#include <leveldb/write_batch.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/leveldb_env_io.hpp"
#include "inventory/record/owner_io.hpp"

namespace cryobank::inventory {
namespace {

// Tables of 16 MB: a bank of a million aliquots has some 100 files, and every descriptor below 1024
// is left to the device lines, whose select() cannot go higher.
constexpr std::size_t kTableBytes = 16u << 20;
constexpr int kOpenFilesMax = 100;
constexpr int kBloomBitsPerKey = 10;  // 1 % false positives

leveldb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view view(const leveldb::Slice& text) { return {text.data(), text.size()}; }

Error store_error(std::string_view directory, const leveldb::Status& status) {
  const std::string why = status.ToString();
  const std::string_view text = why;
  // A table that was cut is read beyond its end.
  const bool cut = text.find(".ldb: Invalid argument") != std::string_view::npos;
  if (status.IsCorruption() || cut) {
    return make_error(ErrorCode::corrupt, cat("the store in ", directory, " is damaged: ", text));
  }
  if (text.find("Permission denied") != std::string_view::npos) {
    return make_error(ErrorCode::not_authorised,
                      cat("the store in ", directory,
                          " belongs to another user of this computer, or to root: ", text));
  }
  if (text.find("/LOCK") != std::string_view::npos) {
    return make_error(ErrorCode::unavailable,
                      cat("another process has the store in ", directory, " open: ", text));
  }
  if (text.find("No space left") != std::string_view::npos) {
    return make_error(ErrorCode::unavailable,
                      cat("the disk of the store in ", directory, " is full: ", text));
  }
  return make_error(ErrorCode::io, cat("the store in ", directory, " failed: ", text));
}

leveldb::ReadOptions checked_reading() {
  leveldb::ReadOptions options;
  options.verify_checksums = true;
  return options;
}

Status visit_range(leveldb::DB& db, std::string_view directory, const leveldb::Snapshot* snapshot,
                   std::pair<std::string_view, std::string_view> range, const RowVisit& visit,
                   const std::atomic<bool>& cancelled) {
  leveldb::ReadOptions options = checked_reading();
  options.fill_cache = false;
  options.snapshot = snapshot;
  const std::unique_ptr<leveldb::Iterator> rows(db.NewIterator(options));
  for (rows->Seek(slice(range.first)); rows->Valid(); rows->Next()) {
    if (cancelled.load(std::memory_order_relaxed)) {
      return make_error(ErrorCode::unavailable, "the store is being opened anew");
    }
    const std::string_view key = view(rows->key());
    if (!range.second.empty() && key >= range.second) break;
    if (!visit(key, view(rows->value()))) break;
  }
  if (!rows->status().ok()) return store_error(directory, rows->status());
  return {};
}

// LevelDB takes an interrupted read for the end of a file (its issue 1285): its threads must not be
// interrupted, and they inherit the mask of the thread that starts them.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

// What must be so before LevelDB may look: it makes directories and lock files where it is pointed.
// The folder can be read: its owner is taken before.
Status expect_store(leveldb::Env& env, const std::string& directory) {
  if (env.FileExists(directory + "/CURRENT")) return {};
  std::error_code ignored;
  if (!std::filesystem::exists(directory, ignored) ||
      std::filesystem::is_empty(directory, ignored)) {
    return make_error(ErrorCode::not_found, cat("there is no store in ", directory,
                                                "; a new one is made by command only"));
  }
  return make_error(ErrorCode::corrupt,
                    cat("the store in ", directory, " is damaged: its file CURRENT is missing"));
}

Status expect_nothing(const std::string& directory) {
  std::error_code error;
  if (!std::filesystem::exists(directory, error) || std::filesystem::is_empty(directory, error)) {
    return {};
  }
  return make_error(ErrorCode::already_exists,
                    cat("expected an empty or absent directory for a new store, but ", directory,
                        " holds files"));
}

}  // namespace

struct LevelDbStore::Handle {
  Handle(const LevelDbOptions& options, std::shared_ptr<LogGuardEnv> environment)
      : guard(std::move(environment)),
        cache(leveldb::NewLRUCache(options.cache_bytes)),
        bloom(leveldb::NewBloomFilterPolicy(kBloomBitsPerKey)) {}

  const std::shared_ptr<LogGuardEnv> guard;
  std::unique_ptr<leveldb::Cache> cache;
  std::unique_ptr<const leveldb::FilterPolicy> bloom;
  std::unique_ptr<leveldb::DB> db;  // after what it uses, so that it goes first
  std::atomic<bool> cancelled = false;
};

struct LevelDbStore::View final : StoreSnapshot {
  View(std::shared_ptr<Handle> opened, std::string where)
      : handle(std::move(opened)),
        directory(std::move(where)),
        snapshot(handle->db->GetSnapshot()) {}
  ~View() override { handle->db->ReleaseSnapshot(snapshot); }
  View(const View&) = delete;
  View& operator=(const View&) = delete;

  Status scan(std::string_view first, std::string_view last, const RowVisit& visit) const override {
    return visit_range(*handle->db, directory, snapshot, {first, last}, visit, handle->cancelled);
  }

  const std::shared_ptr<Handle> handle;
  const std::string directory;
  const leveldb::Snapshot* const snapshot;
};

LevelDbStore::LevelDbStore(std::string directory, const LevelDbOptions& options)
    : directory_(std::move(directory)),
      options_(options),
      guard_(std::make_shared<LogGuardEnv>(options.env != nullptr ? options.env
                                                                  : leveldb::Env::Default())) {}

LevelDbStore::~LevelDbStore() {
  handle_.reset();
  if (owner_ != nullptr) owner_->hand_over();
}

Status LevelDbStore::open(bool create) {
  const SignalsBlocked blocked;
  auto handle = std::make_shared<Handle>(options_, guard_);
  leveldb::Options options;
  options.create_if_missing = create;
  options.error_if_exists = create;
  options.paranoid_checks = true;
  if (options_.sync) {
    options.env = guard_.get();
  } else if (options_.env != nullptr) {
    options.env = options_.env;
  }
  options.write_buffer_size = options_.write_buffer_bytes;
  options.max_file_size = kTableBytes;
  options.max_open_files = kOpenFilesMax;
  options.block_cache = handle->cache.get();
  options.filter_policy = handle->bloom.get();
  leveldb::DB* db = nullptr;
  const leveldb::Status status = leveldb::DB::Open(options, directory_, &db);
  if (!status.ok()) return store_error(directory_, status);
  owner_->remember_opening();
  handle->db.reset(db);
  handle_ = std::move(handle);
  failure_.reset();
  return {};
}

Status LevelDbStore::space_left(std::uint64_t least) const {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(directory_, error);
  if (error || space.available >= least) return {};
  // Whoever frees what is named here is not refused by the next look.
  const std::uint64_t reserve = options_.reserve_bytes;
  return make_error(ErrorCode::unavailable,
                    cat("the disk of the store in ", directory_, " is full: ", space.available,
                        " bytes are free, ", reserve, " are kept in reserve"));
}

Error LevelDbStore::write_failed(std::string why) {
  failure_ = std::move(why);
  return make_error(ErrorCode::unavailable, *failure_);
}

Status LevelDbStore::commit(const std::vector<RowChange>& batch) {
  if (handle_ == nullptr || failure_) {
    return make_error(ErrorCode::unavailable,
                      cat("the store was closed for writing after: ",
                          failure_.value_or("it could not be opened again")));
  }
  const std::uint64_t reserve = options_.reserve_bytes;
  TRY(space_left(committed_ ? reserve : reserve / 4));
  TRY(still_ours());
  leveldb::WriteBatch rows;
  for (const RowChange& row : batch) {
    if (row.value) {
      rows.Put(slice(row.key), slice(*row.value));
    } else {
      rows.Delete(slice(row.key));
    }
  }
  leveldb::WriteOptions options;
  options.sync = options_.sync;
  const leveldb::Status status = handle_->db->Write(options, &rows);
  if (!status.ok()) return write_failed(store_error(directory_, status).context);
  // Whoever opened the store between the look and the write may have taken its log away: what is
  // not known to be kept is not acknowledged.
  TRY(still_ours());
  committed_ = true;
  return {};
}

Status LevelDbStore::still_ours() {
  Status ours = owner_->check();
  if (!ours) failure_ = ours.error().context;
  return ours;
}

Result<std::optional<std::string>> LevelDbStore::get(std::string_view key) {
  if (handle_ == nullptr) return make_error(ErrorCode::unavailable, "the store is closed");
  std::string value;
  const leveldb::Status status = handle_->db->Get(checked_reading(), slice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return store_error(directory_, status);
  return std::optional<std::string>(std::move(value));
}

Status LevelDbStore::scan(std::string_view first, std::string_view last, const RowVisit& visit) {
  if (handle_ == nullptr) return make_error(ErrorCode::unavailable, "the store is closed");
  const std::atomic<bool> never = false;  // a scan of the owner's thread is not cancelled
  return visit_range(*handle_->db, directory_, nullptr, {first, last}, visit, never);
}

Status LevelDbStore::reopen() {
  TRY(still_ours());
  TRY(space_left(options_.reserve_bytes));
  if (handle_ != nullptr && !failure_) return {};
  if (handle_ != nullptr && handle_.use_count() > 1) {
    handle_->cancelled = true;
    return make_error(ErrorCode::unavailable, "a backup still reads the store; it was told to end");
  }
  handle_.reset();
  TRY(guard_->finish_cuts());
  TRY(expect_store(*guard_, directory_));
  return open(false);
}

Result<std::shared_ptr<const StoreSnapshot>> LevelDbStore::snapshot() {
  if (handle_ == nullptr) return make_error(ErrorCode::unavailable, "the store is closed");
  return std::shared_ptr<const StoreSnapshot>(std::make_shared<View>(handle_, directory_));
}

Status create_store(const std::string& directory, const LevelDbOptions& options) {
  TRY(expect_nothing(directory));
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return make_error(ErrorCode::io, cat("cannot make ", directory, ": ", error.message()));
  }
  LevelDbStore store(directory, options);
  TRY_ASSIGN(auto owner, StoreOwner::take(directory));
  store.owner_ = std::move(owner);
  return store.open(true);
}

Result<std::unique_ptr<LevelDbStore>> open_store(const std::string& directory,
                                                 const LevelDbOptions& options) {
  std::unique_ptr<LevelDbStore> store(new LevelDbStore(directory, options));
  std::error_code ignored;
  if (std::filesystem::exists(directory, ignored)) {
    TRY_ASSIGN(auto owner, StoreOwner::take(directory));
    store->owner_ = std::move(owner);
  }
  TRY(expect_store(*store->guard_, directory));
  TRY(store->open(false));
  return store;
}

Result<std::unique_ptr<StoreLock>> StoreLock::take(const std::string& directory) {
  TRY_ASSIGN(auto owner, StoreOwner::take(directory));
  leveldb::FileLock* lock = nullptr;
  const leveldb::Status status = leveldb::Env::Default()->LockFile(directory + "/LOCK", &lock);
  if (!status.ok()) return store_error(directory, status);
  return std::unique_ptr<StoreLock>(new StoreLock(std::move(owner), lock));
}

StoreLock::StoreLock(std::unique_ptr<StoreOwner> owner, leveldb::FileLock* lock)
    : owner_(std::move(owner)), lock_(lock) {}
StoreLock::~StoreLock() { (void)leveldb::Env::Default()->UnlockFile(lock_); }

}  // namespace cryobank::inventory
