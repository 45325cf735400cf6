// JournalTree: reads nodes of the Merkle tree from the rows of a store, for proofs. It uses the
// kept nodes ("t/") and hashes at most 256 entries for the rest; a kept node that is missing is
// made from those beneath it. Errors: corrupt when an entry is missing.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "inventory/record/merkle.hpp"
#include "inventory/record/store.hpp"

namespace cryobank::inventory {

class JournalTree {
 public:
  explicit JournalTree(RowScan rows) : rows_(std::move(rows)) {}

  // REQUIRES: the subtree lies within the journal.
  Result<Sha256> node(unsigned level, std::uint64_t index);
  // node() as a value; this tree must outlive it.
  NodeReader reader();

 private:
  Result<Sha256> node_in_block(unsigned level, std::uint64_t index);
  Status load_block(std::uint64_t block);

  RowScan rows_;
  // Leaf hashes of the block of 256 entries that was read last: proofs ask for neighbours.
  std::optional<std::uint64_t> block_;
  std::vector<Sha256> leaves_;
};

}  // namespace cryobank::inventory
