// A backup made a store again, on this computer or another one: the rows as they were, an epoch
// above every one that can have been used since, and a fact (`store-restored`) for the journal that
// says so. What was recorded after the backup is not in it, and nothing tells how much that is; the
// whole way back, which looks, is record_recover_io.hpp. Errors: those of restore_backup().
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inventory/record/backup/backup_io.hpp"

namespace cryobank::service {

struct RestoreOrder {
  std::string user;  // who does it, for the journal
  std::string reason;
  Now now;
};

struct RestoredRecord {
  inventory::BackupInfo info;
  Epoch epoch;
};

// `folder` is absent or empty.
Result<RestoredRecord> restore_record(const std::string& backup, const std::string& folder,
                                      const RestoreOrder& order);

// Leaves a fact that the daemon journals at its next start, behind those that wait for it already.
Status owe_fact(inventory::Store& store, const FactName& type, Json data);

// What earlier repairs left so, as rows of the store. Empty where it cannot be read.
std::vector<RowChange> owed_facts(const std::string& folder);
// Puts them into the store that takes its place. Returns what they say of entries that are lost;
// empty: one says that nobody knows.
Result<std::optional<std::uint64_t>> owe_again(inventory::Store& store,
                                               const std::vector<RowChange>& owed);

}  // namespace cryobank::service
