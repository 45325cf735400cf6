// recover_store() of backup_io.hpp.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/backup/backup_io.hpp"
#include "inventory/record/export_io.hpp"
#include "inventory/record/journal_format.hpp"
#include "inventory/record/verify.hpp"

namespace cryobank::inventory {
namespace {

// Where the backup's rows lie while they are needed; gone at the end.
class RestoredBackup {
 public:
  static Result<std::unique_ptr<RestoredBackup>> open(const RecoveryOrder& recovery,
                                                      const LevelDbOptions& options) {
    const std::string directory = recovery.directory + ".backup";
    std::error_code ignored;
    if (std::filesystem::exists(directory, ignored)) {
      return make_error(ErrorCode::already_exists,
                        cat("expected ", directory, " to be free for the restored backup"));
    }
    std::unique_ptr<RestoredBackup> restored(new RestoredBackup(directory));
    TRY_ASSIGN(auto info, restore_backup(recovery.backup, restored->directory_, options));
    restored->info_ = info;
    TRY_ASSIGN(auto store, open_store(restored->directory_, options));
    restored->store_ = std::move(store);
    return restored;
  }
  ~RestoredBackup() {
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  RestoredBackup(const RestoredBackup&) = delete;
  RestoredBackup& operator=(const RestoredBackup&) = delete;

  const BackupInfo& info() const { return info_; }
  Store& store() { return *store_; }

 private:
  explicit RestoredBackup(std::string directory) : directory_(std::move(directory)) {}

  const std::string directory_;
  BackupInfo info_;
  std::unique_ptr<LevelDbStore> store_;
};

struct ExportEnd {
  std::uint64_t sequence = 0;
  Sha256 hash{};         // leaf hash of the last entry
  Sha256 shared_hash{};  // of the last entry that the backup has too
};

Result<ExportEnd> read_export_end(const std::string& path, std::uint64_t backup_sequence) {
  ExportEnd end;
  if (path.empty()) return end;
  JournalVerifier verifier;
  TRY(read_export(
      path,
      [&](std::string_view entry) {
        (void)verifier.feed(entry);
        if (verifier.sequence() == backup_sequence) end.shared_hash = verifier.last_hash();
        return Status();
      },
      LastLine::whole));
  if (!verifier.finish()) {
    return make_error(ErrorCode::corrupt, cat(path, ": ", describe(*verifier.fault())));
  }
  end.sequence = verifier.sequence();
  end.hash = verifier.last_hash();
  if (end.sequence < backup_sequence) end.shared_hash = end.hash;
  return end;
}

// The last entry that both have must be the same one; with the chain, so is everything before it.
Status expect_agreement(const ExportEnd& end, const BackupInfo& info, Store& backup) {
  const std::uint64_t shared = std::min(end.sequence, info.sequence);
  if (shared == 0) return {};
  TRY_ASSIGN(const auto entry, backup.get(journal_key(shared)));
  if (entry && line_hash(*entry) == end.shared_hash) return {};
  return make_error(ErrorCode::mismatch,
                    cat("the export and the backup have different entries ", shared,
                        ": they are not of the same journal, or one was changed"));
}

// Both sources, read and found to agree.
struct Sources {
  std::unique_ptr<RestoredBackup> backup;  // null: there is none
  BackupInfo info;
  EntrySource entries;  // of the source that goes further
};

Result<Sources> open_sources(const RecoveryOrder& recovery, const LevelDbOptions& options) {
  Sources sources;
  if (!recovery.backup.empty()) {
    TRY_ASSIGN(auto backup, RestoredBackup::open(recovery, options));
    sources.backup = std::move(backup);
    sources.info = sources.backup->info();
  }
  TRY_ASSIGN(const auto end, read_export_end(recovery.export_journal, sources.info.sequence));
  if (sources.backup != nullptr && !recovery.export_journal.empty()) {
    TRY(expect_agreement(end, sources.info, sources.backup->store()));
  }
  if (sources.backup == nullptr || end.sequence > sources.info.sequence) {
    sources.entries =
        [path = recovery.export_journal](const std::function<Status(std::string_view)>& visit) {
          return read_export(path, visit, LastLine::whole);
        };
  } else {
    sources.entries = entries_of(scan_of(sources.backup->store()));
  }
  return sources;
}

// The highest of what each source gives; none alone is known to be the newest.
Result<Epoch> next_epoch(const RecoveryOrder& recovery, const Sources& sources) {
  Epoch highest{0};
  const auto raise = [&](const EpochKnown& known) -> Status {
    TRY_ASSIGN(const auto above, epoch_above(known, recovery.now));
    highest = std::max(highest, above);
    return {};
  };
  TRY(raise({recovery.epoch, recovery.now}));
  if (sources.backup != nullptr) {
    TRY_ASSIGN(const auto known, epoch_of_rows(scan_of(sources.backup->store())));
    TRY(raise(known));
  }
  TRY_ASSIGN(const auto told, epoch_of_journal(sources.entries));
  if (told) {
    TRY(raise(*told));
  }
  return highest;
}

}  // namespace

Result<Rebuilt> recover_store(const RecoveryOrder& recovery, const ApplyFact& apply,
                              const LevelDbOptions& options) {
  CHECK(!recovery.backup.empty() || !recovery.export_journal.empty());
  TRY_ASSIGN(const auto sources, open_sources(recovery, options));
  TRY(create_store(recovery.directory, options));
  TRY_ASSIGN(const auto store, open_store(recovery.directory, options));
  const auto rebuilt = rebuild_rows(sources.entries, apply, *store);
  TRY(rebuilt);
  const auto taken_over = [&](std::string_view key) { return !recovery.rebuilt(key); };
  if (sources.backup != nullptr) {
    TRY(copy_rows(scan_of(sources.backup->store()), taken_over, *store));
  }
  TRY_ASSIGN(const auto epoch, next_epoch(recovery, sources));
  TRY(store->commit({{std::string(kEpochKey), cat(epoch.value)}}));
  return rebuilt;
}

}  // namespace cryobank::inventory
