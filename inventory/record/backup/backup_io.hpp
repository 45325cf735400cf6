// Backup of the record while it is in use, and the ways back. A backup is one checksummed file made
// from a snapshot (docs/store-format.md, section 6): never a copy of LevelDB's files, which does
// not open in half of the cases. Errors: corrupt (the file was cut or changed), already_exists, io,
// unavailable (the snapshot was given up because the store is opened anew).
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>

#include "inventory/record/backup/epochs.hpp"
#include "inventory/record/backup/rebuild.hpp"
#include "inventory/record/leveldb_io.hpp"

namespace cryobank::inventory {

struct BackupInfo {
  std::uint64_t sequence = 0;  // of the last journal entry in it
  Sha256 root{};               // of the journal's tree
  Epoch epoch;                 // of the daemon whose record it is
  std::uint64_t rows = 0;
};

// What a backup must not harm. It ends with unavailable when it is told to stop, or when the disk
// would have less than the reserve free: it may share its disk with the store.
struct BackupLimits {
  std::uint64_t reserve_bytes = 0;
  std::stop_token stop;
};

Result<BackupInfo> write_backup(const RowScan& rows, const std::string& path,
                                const BackupLimits& limits = {});

// Reads the whole file and checks it.
Result<BackupInfo> check_backup(const std::string& path, const std::stop_token& stop = {});

// Makes a store in `directory`, which is absent or empty, after check_backup().
Result<BackupInfo> restore_backup(const std::string& path, const std::string& directory,
                                  const LevelDbOptions& options = {});

struct RecoveryOrder {
  // One of them may be empty. Without a backup, what the journal does not make is not there:
  // events, alarms as they stand, results of commands.
  std::string backup;          // file
  std::string export_journal;  // journal.jsonl of an export, or the journal's copy; may end before
                               // or after the backup; a torn last line is passed over
  std::string directory;       // of the new store; absent or empty
  Epoch epoch;                 // the highest one known from elsewhere
  WallTime now;                // the epoch of the new store is above all until then (epochs.hpp)
  RowFilter rebuilt;  // rows that `apply` makes, with those of the journal; the rest is taken over
};
// A new store with every entry that either source has; they must agree on those they share. Its
// epoch is above every one that can have been used until `now`, whatever the sources know.
Result<Rebuilt> recover_store(const RecoveryOrder& recovery, const ApplyFact& apply,
                              const LevelDbOptions& options = {});

}  // namespace cryobank::inventory
