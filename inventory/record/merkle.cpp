#include "inventory/record/merkle.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::string_view kLeafPrefix("\x00", 1);
constexpr std::string_view kNodePrefix("\x01", 1);

// Largest power of two below `size`: where RFC 9162 splits a tree. REQUIRES: size > 1.
std::uint64_t split_of(std::uint64_t size) { return std::bit_floor(size - 1); }

// Root of the leaves [begin, end). `begin` is a multiple of bit_ceil(end - begin), which is so for
// every part that RFC 9162 splits off.
Result<Sha256> range_root(std::uint64_t begin, std::uint64_t end, const NodeReader& read) {
  std::vector<Sha256> parts;  // perfect subtrees, largest first
  for (std::uint64_t at = begin; at < end;) {
    const std::uint64_t width = std::bit_floor(end - at);
    const auto level = static_cast<unsigned>(std::countr_zero(width));
    TRY_ASSIGN(auto node, read(level, at >> level));
    parts.push_back(node);
    at += width;
  }
  if (parts.empty()) return sha256("");
  Sha256 root = parts.back();
  for (std::size_t i = parts.size() - 1; i-- > 0;) root = node_hash(parts[i], root);
  return root;
}

}  // namespace

Sha256 leaf_hash(std::string_view entry) { return sha256(kLeafPrefix, entry, {}); }

Sha256 node_hash(const Sha256& left, const Sha256& right) {
  return sha256(kNodePrefix, as_text(left), as_text(right));
}

Result<MerkleFrontier> MerkleFrontier::restore(std::uint64_t size, std::vector<Sha256> nodes) {
  if (nodes.size() != static_cast<std::size_t>(std::popcount(size))) {
    return make_error(ErrorCode::malformed, cat("expected ", std::popcount(size), " subtrees for ",
                                                size, " leaves, came ", nodes.size()));
  }
  MerkleFrontier frontier;
  frontier.size_ = size;
  frontier.nodes_ = std::move(nodes);
  return frontier;
}

// A binary counter: nodes_ has one perfect subtree for each set bit of the size, and a new leaf
// carries as adding one to the size does. Each 1 that the carry passes is a left neighbour of the
// same height, so it is joined from the left:
//   leaf   size before   joins                 nodes after, by their leaves
//   0      0000          nothing               [0]
//   1      0001          0+1                   [01]
//   2      0010          nothing               [01, 2]
//   3      0011          2+3, then 01+23       [0123]
//   4      0100          nothing               [0123, 4]
// `completed` hears the leaf first and then upward, so that a row is written after those below it.
void MerkleFrontier::append(const Sha256& leaf,
                            const std::function<void(const MerkleNode&)>& completed) {
  MerkleNode node{0, size_, leaf};
  if (completed) completed(node);
  for (std::uint64_t bits = size_; (bits & 1) != 0; bits >>= 1) {
    node = {node.level + 1, node.index >> 1, node_hash(nodes_.back(), node.hash)};
    nodes_.pop_back();
    if (completed) completed(node);
  }
  nodes_.push_back(node.hash);
  ++size_;
}

Sha256 MerkleFrontier::root() const {
  if (nodes_.empty()) return sha256("");
  Sha256 root = nodes_.back();
  for (std::size_t i = nodes_.size() - 1; i-- > 0;) root = node_hash(nodes_[i], root);
  return root;
}

Result<Sha256> root_of(std::uint64_t size, const NodeReader& read) {
  return range_root(0, size, read);
}

// From the root down to the leaf: at each split the half without the leaf is one step of the path,
// which is told from the leaf upward. Leaf 3 of 7 (the RFC's answer, section 2.1.5: c, g, l):
//   [0, 7) splits at 4   the leaf is left    sibling [4, 7) = l
//   [0, 4) splits at 2   the leaf is right   sibling [0, 2) = g
//   [2, 4) splits at 3   the leaf is right   sibling [2, 3) = c
Result<std::vector<Sha256>> inclusion_path(std::uint64_t index, std::uint64_t size,
                                           const NodeReader& read) {
  CHECK(index < size);
  std::vector<Sha256> path;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split_of(end - begin);
    const bool left = index < middle;
    TRY_ASSIGN(auto sibling,
               left ? range_root(middle, end, read) : range_root(begin, middle, read));
    path.push_back(sibling);
    (left ? end : begin) = middle;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

// Likewise, down to the last subtree that ends where the older tree ended. From 3 leaves to 7 (the
// RFC's answer is c, d, g, l):
//   [0, 7) splits at 4   the end 3 is left    sibling [4, 7) = l: only the newer root needs it
//   [0, 4) splits at 2   the end 3 is right   sibling [0, 2) = g: both roots need it
//   [2, 4) splits at 3   the end 3 is left    sibling [3, 4) = d: only the newer root
//   [2, 3) ends at 3     told itself          c: where both begin
Result<std::vector<Sha256>> consistency_path(std::uint64_t older, std::uint64_t size,
                                             const NodeReader& read) {
  CHECK(older > 0 && older <= size);
  std::vector<Sha256> path;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (older != end) {
    const std::uint64_t middle = begin + split_of(end - begin);
    const bool left = older <= middle;
    TRY_ASSIGN(auto sibling,
               left ? range_root(middle, end, read) : range_root(begin, middle, read));
    path.push_back(sibling);
    (left ? end : begin) = middle;
  }
  if (begin != 0) {  // else the verifier holds this subtree: it is the older root itself
    TRY_ASSIGN(auto rest, range_root(begin, end, read));
    path.push_back(rest);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

// The way back up, with the RFC's names: fn is the place of our node on its level and sn that of
// the level's last one. An odd node has its sibling on the left. So has the last one of an even
// place, but further up: it has no neighbour, and is promoted until it is odd or the root.
bool inclusion_holds(const Sha256& leaf, std::uint64_t index, std::uint64_t size,
                     const std::vector<Sha256>& path, const Sha256& root) {
  if (index >= size) return false;
  std::uint64_t fn = index;
  std::uint64_t sn = size - 1;
  Sha256 hash = leaf;
  for (const Sha256& sibling : path) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      hash = node_hash(sibling, hash);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      hash = node_hash(hash, sibling);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && hash == root;
}

// Both roots are climbed at once from the older tree's last subtree: what stands left of it belongs
// to both, what stands right of it came later. An older tree of a power of two is that subtree
// itself, and its root is not told again.
bool consistency_holds(std::uint64_t older, const Sha256& older_root, std::uint64_t size,
                       const Sha256& root, const std::vector<Sha256>& path) {
  if (older == 0 || older > size) return false;
  if (older == size) return path.empty() && older_root == root;
  std::vector<Sha256> parts = path;
  if (std::has_single_bit(older)) parts.insert(parts.begin(), older_root);
  if (parts.empty()) return false;
  std::uint64_t fn = older - 1;
  std::uint64_t sn = size - 1;
  for (; (fn & 1) != 0; fn >>= 1) sn >>= 1;
  Sha256 old_hash = parts.front();
  Sha256 new_hash = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      old_hash = node_hash(parts[i], old_hash);
      new_hash = node_hash(parts[i], new_hash);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      new_hash = node_hash(new_hash, parts[i]);
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0 && old_hash == older_root && new_hash == root;
}

}  // namespace cryobank::inventory
