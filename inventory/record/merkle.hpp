// Merkle tree of RFC 9162 section 2.1 over SHA-256: a leaf is SHA-256(0x00 || entry), an inner node
// SHA-256(0x01 || left || right), an odd node is promoted, the empty tree is SHA-256("").
// MerkleFrontier grows a tree in O(log n) memory. The proof functions read perfect subtrees through
// a NodeReader, so a proof needs no more hashes than the caller keeps. Pure; indexes start at 0.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "base/checksum.hpp"
#include "base/result.hpp"

namespace cryobank::inventory {

Sha256 leaf_hash(std::string_view entry);
Sha256 node_hash(const Sha256& left, const Sha256& right);

// Root of the perfect subtree over the leaves [index * 2^level, (index + 1) * 2^level).
struct MerkleNode {
  unsigned level = 0;
  std::uint64_t index = 0;
  Sha256 hash{};
};

class MerkleFrontier {
 public:
  MerkleFrontier() = default;
  // `nodes`: the perfect subtrees of a tree of `size` leaves, largest first. Error malformed when
  // their count does not belong to `size`.
  static Result<MerkleFrontier> restore(std::uint64_t size, std::vector<Sha256> nodes);

  // Appends a leaf. Calls `completed` for the leaf and each perfect subtree it completes, upward.
  void append(const Sha256& leaf, const std::function<void(const MerkleNode&)>& completed = {});

  std::uint64_t size() const { return size_; }
  const std::vector<Sha256>& nodes() const { return nodes_; }
  Sha256 root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Sha256> nodes_;  // one per set bit of size_, largest subtree first
};

// Reads the root of a perfect subtree that lies within the tree.
using NodeReader = std::function<Result<Sha256>(unsigned level, std::uint64_t index)>;

// Root of the first `size` leaves.
Result<Sha256> root_of(std::uint64_t size, const NodeReader& read);
// RFC 9162 section 2.1.3.1. REQUIRES: index < size.
Result<std::vector<Sha256>> inclusion_path(std::uint64_t index, std::uint64_t size,
                                           const NodeReader& read);
// RFC 9162 section 2.1.4.1: that the tree of `size` leaves continues the one of `older` leaves.
// REQUIRES: 0 < older <= size.
Result<std::vector<Sha256>> consistency_path(std::uint64_t older, std::uint64_t size,
                                             const NodeReader& read);

// RFC 9162 sections 2.1.3.2 and 2.1.4.2. False when the proof does not hold.
bool inclusion_holds(const Sha256& leaf, std::uint64_t index, std::uint64_t size,
                     const std::vector<Sha256>& path, const Sha256& root);
bool consistency_holds(std::uint64_t older, const Sha256& older_root, std::uint64_t size,
                       const Sha256& root, const std::vector<Sha256>& path);

}  // namespace cryobank::inventory
