// The part of verify.hpp that reads the rows of a store.
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/journal_format.hpp"
#include "inventory/record/verify.hpp"

namespace cryobank::inventory {
namespace {

Result<JournalHeadRow> read_head(const RowScan& rows) {
  TRY_ASSIGN(const auto row, read_row(rows, kJournalHeadKey));
  if (!row) return JournalHeadRow{};
  return parse_head(*row);
}

// Feeds the entries from `first` on. A key that is none of the journal's is a fault of its place.
Status feed_entries(const RowScan& rows, std::uint64_t first, JournalVerifier& verifier) {
  Status bad_key;
  const Status scanned =
      rows(journal_key(first), kJournalEnd, [&](std::string_view key, std::string_view row) {
        if (key != journal_key(verifier.sequence() + 1)) {
          if (const auto sequence = sequence_of_key(key); !sequence) bad_key = sequence.error();
        }
        return bad_key.ok() && verifier.feed(row);
      });
  if (!scanned) {
    return make_error(scanned.error().code,
                      cat("after entry ", verifier.sequence(), ": ", scanned.error().context));
  }
  return bad_key;
}

// The kept tree nodes must be those of the journal; a proof would fail later if not.
class TreeRows {
 public:
  explicit TreeRows(const RowScan& rows) : rows_(rows) {}

  void completed(const MerkleNode& node) {
    if (node.level == 0 || node.level % kTreeLevelStep != 0 || fault_) return;
    const auto row = read_row(rows_, tree_key(node.level, node.index));
    if (!row || (*row && **row != to_hex(node.hash))) {
      const std::uint64_t first = (node.index << node.level) + 1;
      fault_ =
          JournalFault{first, first + (std::uint64_t{1} << node.level) - 1,
                       cat("the tree row ", tree_key(node.level, node.index), " has another hash")};
    }
  }
  const std::optional<JournalFault>& fault() const { return fault_; }

 private:
  const RowScan& rows_;
  std::optional<JournalFault> fault_;
};

}  // namespace

Result<VerifyReport> verify_rows(const RowScan& rows, const std::vector<Checkpoint>& checkpoints) {
  TRY_ASSIGN(const auto head, read_head(rows));
  TreeRows tree(rows);
  JournalVerifier verifier(checkpoints);
  verifier.watch([&](const MerkleNode& node) { tree.completed(node); });
  TRY(feed_entries(rows, 1, verifier));
  if (verifier.finish({{head.sequence, head.last_hash, "the head row"}}) &&
      verifier.sequence() > head.sequence) {
    return VerifyReport{
        verifier.sequence(), verifier.frontier().root(),
        JournalFault{head.sequence + 1, verifier.sequence(), "the head row does not know of it"}};
  }
  VerifyReport report{verifier.sequence(), verifier.frontier().root(), verifier.fault()};
  if (!report.fault) report.fault = tree.fault();
  if (!report.fault && report.root != head.frontier.root()) {
    report.fault = JournalFault{1, report.entries, "the head row has another tree"};
  }
  return report;
}

Result<JournalTail> verify_tail(const RowScan& rows, std::uint64_t count) {
  TRY_ASSIGN(const auto head, read_head(rows));
  const std::uint64_t before = head.sequence > count ? head.sequence - count : 0;
  Sha256 before_hash{};
  if (before > 0) {
    TRY_ASSIGN(const auto entry, read_row(rows, journal_key(before)));
    if (!entry) {
      return make_error(ErrorCode::corrupt, cat("journal: entry ", before, " is missing"));
    }
    before_hash = line_hash(*entry);
  }
  JournalVerifier verifier(before, before_hash);
  TRY(feed_entries(rows, before + 1, verifier));
  if (!verifier.finish({{head.sequence, head.last_hash, "the head row"}})) {
    return make_error(ErrorCode::corrupt, cat("journal: ", describe(*verifier.fault())));
  }
  if (verifier.sequence() != head.sequence) {
    return make_error(ErrorCode::corrupt, cat("journal: it goes on to entry ", verifier.sequence(),
                                              ", the head row ends at ", head.sequence));
  }
  return JournalTail{verifier.sequence(), verifier.last_hash()};
}

}  // namespace cryobank::inventory
