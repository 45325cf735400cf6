// Replies after a recovery: results of commands since the backup are not in the journal, but their
// entries are. Each command with an entry gets a result that says so, with the entry, so that one
// that is sent again with the same id is answered and never done twice.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "inventory/record/leveldb_io.hpp"

namespace cryobank::service {

// Adds the rows "c/<id>" of commands with entries after this one that have none; gives their
// number. Commands that are older than results are kept are left out.
Result<std::uint64_t> recover_replies(inventory::LevelDbStore& store, std::uint64_t after);

}  // namespace cryobank::service
