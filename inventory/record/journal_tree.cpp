#include "inventory/record/journal_tree.hpp"

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/journal_format.hpp"

namespace cryobank::inventory {
namespace {

constexpr unsigned kBlockLevel = kTreeLevelStep;
constexpr std::uint64_t kBlock = std::uint64_t{1} << kBlockLevel;

Error missing(std::uint64_t sequence) {
  return make_error(ErrorCode::corrupt, cat("journal: entry ", sequence, " is missing"));
}

}  // namespace

NodeReader JournalTree::reader() {
  return [this](unsigned level, std::uint64_t index) { return node(level, index); };
}

Result<Sha256> JournalTree::node(unsigned level, std::uint64_t index) {
  if (level < kBlockLevel) return node_in_block(level, index);
  if (level % kTreeLevelStep == 0) {
    TRY_ASSIGN(const auto kept, read_row(rows_, tree_key(level, index)));
    if (kept) return parse_hash(*kept);
  }
  TRY_ASSIGN(const auto left, node(level - 1, 2 * index));
  TRY_ASSIGN(const auto right, node(level - 1, 2 * index + 1));
  return node_hash(left, right);
}

Result<Sha256> JournalTree::node_in_block(unsigned level, std::uint64_t index) {
  TRY(load_block(index >> (kBlockLevel - level)));
  const std::uint64_t first = (index << level) % kBlock;
  const std::uint64_t count = std::uint64_t{1} << level;
  if (first + count > leaves_.size()) return missing(*block_ * kBlock + leaves_.size() + 1);
  MerkleFrontier part;
  for (std::uint64_t i = first; i < first + count; ++i) part.append(leaves_[i]);
  return part.root();
}

Status JournalTree::load_block(std::uint64_t block) {
  if (block_ == block) return {};
  block_ = block;
  leaves_.clear();
  const std::uint64_t first = block * kBlock + 1;
  const std::string end = journal_key(first + kBlock);
  const Status scanned =
      rows_(journal_key(first), end, [&](std::string_view key, std::string_view entry) {
        if (key != journal_key(first + leaves_.size())) return false;
        leaves_.push_back(line_hash(entry));
        return true;
      });
  if (!scanned) block_.reset();
  return scanned;
}

}  // namespace cryobank::inventory
