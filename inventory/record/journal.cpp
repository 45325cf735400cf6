#include "inventory/record/journal.hpp"

#include <optional>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/checkpoint.hpp"
#include "inventory/record/journal_format.hpp"
#include "inventory/record/merkle.hpp"

namespace cryobank::inventory {
namespace {

// Spares the growing of a string; no bound.
constexpr std::size_t kTypicalEntry = 768;

}  // namespace

struct Journal::State {
  MerkleFrontier frontier;
  Sha256 last_hash{};
  std::vector<RowChange> tree_rows;  // completed and not yet given out
  std::optional<Sha256> root;        // of `frontier`, once asked for
};

struct Journal::Savepoint {
  State state;
};

Journal::Journal() : state_(std::make_unique<State>()) {}
Journal::~Journal() = default;

RowChange Journal::append(const Fact& fact, const CommandContext& context,
                          std::string_view clock_state) {
  CHECK(fact.data.is_object() || fact.data.is_null());
  const std::uint64_t sequence = state_->frontier.size() + 1;
  std::string entry;
  entry.reserve(kTypicalEntry);
  append_entry(entry, sequence, state_->last_hash, clock_state, fact, context);
  CHECK(entry.size() <= kJournalEntryMax);
  const Sha256 leaf = leaf_hash(entry);
  return keep(std::move(entry), leaf);
}

RowChange Journal::keep(std::string line, const Sha256& leaf) {
  const std::uint64_t sequence = state_->frontier.size() + 1;
  state_->last_hash = leaf;
  state_->frontier.append(state_->last_hash, [this](const MerkleNode& node) {
    if (node.level == 0 || node.level % kTreeLevelStep != 0) return;
    state_->tree_rows.push_back({tree_key(node.level, node.index), to_hex(node.hash)});
  });
  state_->root.reset();
  return {journal_key(sequence), std::move(line)};
}

const Sha256& Journal::last_hash() const { return state_->last_hash; }

std::vector<RowChange> Journal::head_rows() {
  std::vector<RowChange> rows;
  rows.push_back({std::string(kJournalHeadKey), format_head(state_->frontier, state_->last_hash)});
  for (RowChange& row : state_->tree_rows) rows.push_back(std::move(row));
  state_->tree_rows.clear();
  return rows;
}

Status Journal::load_row(std::string_view key, std::string_view value) {
  if (key != kJournalHeadKey) {
    return make_error(ErrorCode::unknown_key,
                      cat("expected the row ", kJournalHeadKey, ", came ", clip(key, 64)));
  }
  TRY_ASSIGN(auto head, parse_head(value));
  state_->frontier = std::move(head.frontier);
  state_->last_hash = head.last_hash;
  state_->tree_rows.clear();
  state_->root.reset();
  return {};
}

std::uint64_t Journal::sequence() const { return state_->frontier.size(); }

JournalHead Journal::head() const {
  if (!state_->root) state_->root = state_->frontier.root();
  return {state_->frontier.size(), state_->last_hash, *state_->root};
}

std::shared_ptr<const Journal::Savepoint> Journal::savepoint() const {
  return std::make_shared<const Savepoint>(Savepoint{*state_});
}

void Journal::rewind(const std::shared_ptr<const Savepoint>& savepoint) {
  *state_ = savepoint->state;
}

std::string Journal::checkpoint_text(std::string_view origin) const {
  const JournalHead now = head();
  return inventory::checkpoint_text({std::string(origin), now.sequence, now.root});
}

}  // namespace cryobank::inventory
