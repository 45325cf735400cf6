// Journal: turns facts into entries of canonical JSON, chained by hash and gathered in a Merkle
// tree (RFC 9162), with checkpoints to be signed. docs/journal-format.md has the format and a
// worked example. Pure: the store seam (store.hpp) makes it durable. One append costs a few
// microseconds; the memory does not grow with the journal.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/checksum.hpp"
#include "base/record.hpp"

namespace cryobank::inventory {

struct JournalHead {
  std::uint64_t sequence = 0;  // of the last entry; 0: none
  Sha256 last_hash{};          // leaf hash of the last entry
  Sha256 root{};               // Merkle root over all entries
};

class Journal {
 public:
  Journal();
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Appends one entry for `fact` and returns its row ("j/" + 16 hex digits of the sequence).
  // `clock_state` is "synchronised", "unsynchronised" or "stepped". REQUIRES: fact.data is an
  // object or null, and the entry stays within kJournalEntryMax.
  RowChange append(const Fact& fact, const CommandContext& context, std::string_view clock_state);
  // The line of an entry that was purged: it keeps its place in chain and tree by its leaf hash.
  RowChange keep(std::string line, const Sha256& leaf);

  // Rows to put in the same batch: the head, which restores the journal without reading every
  // entry, and the tree nodes completed since the last call ("t/..."), which make proofs cheap.
  std::vector<RowChange> head_rows();
  Status load_row(std::string_view key, std::string_view value);  // prefix "m/journal/"

  std::uint64_t sequence() const;   // of the last entry; 0: none
  const Sha256& last_hash() const;  // leaf hash of the last entry
  JournalHead head() const;         // hashes up the tree; a few microseconds after a change
  // Copy of the state, to go back to when a commit fails.
  struct Savepoint;
  std::shared_ptr<const Savepoint> savepoint() const;
  void rewind(const std::shared_ptr<const Savepoint>& savepoint);

  // The text a checkpoint signs (C2SP tlog-checkpoint: origin, size, base64 root).
  std::string checkpoint_text(std::string_view origin) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cryobank::inventory
