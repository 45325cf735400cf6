// Backup of the record while it is in use, and the ways back. A backup is one checksummed file made
// from a snapshot (docs/store-format.md, section 5): never a copy of LevelDB's files, which does
// not open in half of the cases. Errors: corrupt (the file was cut or changed), already_exists, io,
// unavailable (the snapshot was given up because the store is opened anew).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "inventory/leveldb_io.hpp"
#include "inventory/rebuild.hpp"
#include "service/base/checksum.hpp"
#include "service/base/ids.hpp"

namespace cryobank::inventory {

struct BackupInfo {
  std::uint64_t sequence = 0;  // of the last journal entry in it
  Sha256 root{};               // of the journal's tree
  Epoch epoch;                 // of the daemon whose record it is
  std::uint64_t rows = 0;
};

Result<BackupInfo> write_backup(const RowScan& rows, const std::string& path);

// On a thread of its own; `done` is called on it. The snapshot is let go before `done`.
std::jthread start_backup(std::shared_ptr<const StoreSnapshot> snapshot, std::string path,
                          std::function<void(Result<BackupInfo>)> done);

// Reads the whole file and checks it.
Result<BackupInfo> check_backup(const std::string& path);

// Makes a store in `directory`, which is absent or empty, after check_backup().
Result<BackupInfo> restore_backup(const std::string& path, const std::string& directory,
                                  const LevelDbOptions& options = {});

// Robots refuse a lower epoch than they have seen. A recovered store takes one so far above the
// backup's that no lost start can have reached it: a start a second would need 11 days.
inline constexpr std::uint32_t kEpochsSkipped = 1'000'000;

struct Recovery {
  std::string backup;          // file
  std::string export_journal;  // journal.jsonl of an export; may end before or after the backup
  std::string directory;       // of the new store; absent or empty
  RowFilter rebuilt;  // rows that `apply` makes, with those of the journal; the rest is taken over
};
// A new store with every entry that either source has; they must agree on those they share.
Result<Rebuilt> recover_store(const Recovery& recovery, const ApplyFact& apply,
                              const LevelDbOptions& options = {});

}  // namespace cryobank::inventory
