#include "inventory/record/merkle.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/text.hpp"

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
    auto node = read(level, at >> level);
    if (!node) return node.error();
    parts.push_back(*node);
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

Result<std::vector<Sha256>> inclusion_path(std::uint64_t index, std::uint64_t size,
                                           const NodeReader& read) {
  CHECK(index < size);
  std::vector<Sha256> path;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split_of(end - begin);
    const bool left = index < middle;
    auto sibling = left ? range_root(middle, end, read) : range_root(begin, middle, read);
    if (!sibling) return sibling.error();
    path.push_back(*sibling);
    (left ? end : begin) = middle;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

Result<std::vector<Sha256>> consistency_path(std::uint64_t older, std::uint64_t size,
                                             const NodeReader& read) {
  CHECK(older > 0 && older <= size);
  std::vector<Sha256> path;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (older != end) {
    const std::uint64_t middle = begin + split_of(end - begin);
    const bool left = older <= middle;
    auto sibling = left ? range_root(middle, end, read) : range_root(begin, middle, read);
    if (!sibling) return sibling.error();
    path.push_back(*sibling);
    (left ? end : begin) = middle;
  }
  if (begin != 0) {  // else the verifier holds this subtree: it is the older root itself
    auto rest = range_root(begin, end, read);
    if (!rest) return rest.error();
    path.push_back(*rest);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

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
