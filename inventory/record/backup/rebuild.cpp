#include "inventory/record/backup/rebuild.hpp"

#include <deque>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/journal.hpp"
#include "inventory/record/journal_format.hpp"
#include "inventory/record/merkle.hpp"

namespace cryobank::inventory {
namespace {

// One synced batch for so many rows or bytes: bulk speed, and a bounded memory.
constexpr std::size_t kBatchRows = 4096;
constexpr std::size_t kBatchBytes = 4u << 20;

class BatchWriter {
 public:
  explicit BatchWriter(Store& store) : store_(store) {}
  void add(RowChange row) {
    bytes_ += row.key.size() + (row.value ? row.value->size() : 0);
    rows_.push_back(std::move(row));
  }
  bool full() const { return rows_.size() >= kBatchRows || bytes_ >= kBatchBytes; }
  Status write() {
    Status status = store_.commit(rows_);
    rows_.clear();
    bytes_ = 0;
    return status;
  }

 private:
  Store& store_;
  std::vector<RowChange> rows_;
  std::size_t bytes_ = 0;
};

// Walks a range in steps, so that two ranges can be walked side by side.
class RowCursor {
 public:
  explicit RowCursor(const RowScan& rows) : rows_(rows) {}

  Status load() {
    if (!ahead_.empty() || ended_) return {};
    constexpr std::size_t kStep = 1024;
    Status scanned = rows_(next_, "", [&](std::string_view key, std::string_view value) {
      ahead_.emplace_back(key, value);
      return ahead_.size() < kStep;
    });
    ended_ = ahead_.size() < kStep;
    if (!ahead_.empty()) next_ = ahead_.back().first + '\0';
    return scanned;
  }
  bool at_end() const { return ahead_.empty(); }
  const std::string& key() const { return ahead_.front().first; }
  const std::string& value() const { return ahead_.front().second; }
  void step() { ahead_.pop_front(); }

 private:
  const RowScan& rows_;
  std::string next_;
  std::deque<std::pair<std::string, std::string>> ahead_;
  bool ended_ = false;
};

// Goes to the next row that counts; Error when the rows cannot be read.
Status settle(RowCursor& cursor, const RowFilter& counts) {
  while (true) {
    TRY(cursor.load());
    if (cursor.at_end() || counts(cursor.key())) return {};
    cursor.step();
  }
}

Error in_entry(std::uint64_t sequence, const Error& error) {
  return make_error(error.code, cat("journal entry ", sequence, ": ", error.context));
}

// Applies entry after entry and collects what a store needs.
class Rebuilding {
 public:
  Rebuilding(const ApplyFact& apply, Store& to) : apply_(apply), writer_(to) {}

  Status add(std::string_view bytes) {
    const std::uint64_t sequence = journal_.sequence() + 1;
    const auto entry = parse_entry(bytes);
    if (!entry) return in_entry(sequence, entry.error());
    const bool follows = entry->sequence == sequence && entry->previous == journal_.last_hash();
    RowChange row = entry->purged && follows
                        ? journal_.keep(std::string(bytes), *entry->purged)
                        : journal_.append(entry->fact, entry->context, entry->clock_state);
    if (row.value != bytes) {
      return make_error(ErrorCode::corrupt,
                        cat("journal entry ", sequence, ": expected sequence ", sequence,
                            " and the hash of the entry before, came sequence ", entry->sequence));
    }
    rows_.clear();
    if (Status applied = apply_(entry->fact, entry->context, rows_); !applied) {
      return in_entry(sequence, applied.error());
    }
    writer_.add(std::move(row));
    for (RowChange& change : rows_) writer_.add(std::move(change));
    return writer_.full() ? write() : Status();
  }

  Status write() {
    for (RowChange& row : journal_.head_rows()) writer_.add(std::move(row));
    return writer_.write();
  }
  Rebuilt result() const { return {journal_.sequence(), journal_.head().last_hash}; }

 private:
  const ApplyFact& apply_;
  BatchWriter writer_;
  Journal journal_;
  std::vector<RowChange> rows_;
};

}  // namespace

EntrySource entries_of(RowScan rows) {
  return [rows = std::move(rows)](const std::function<Status(std::string_view)>& visit) {
    Status refused;
    const Status scanned =
        rows(kJournalPrefix, kJournalEnd, [&](std::string_view, std::string_view entry) {
          refused = visit(entry);
          return refused.ok();
        });
    return scanned ? refused : scanned;
  };
}

bool is_journal_row(std::string_view key) {
  return key.starts_with(kJournalPrefix) || key.starts_with(kTreePrefix) || key == kJournalHeadKey;
}

Result<Rebuilt> rebuild_rows(const EntrySource& entries, const ApplyFact& apply, Store& to) {
  bool empty = true;
  TRY(to.scan("", "", [&](std::string_view, std::string_view) {
    empty = false;
    return false;
  }));
  if (!empty) return make_error(ErrorCode::already_exists, "expected an empty store to fill");
  Rebuilding rebuilding(apply, to);
  TRY(entries([&](std::string_view entry) { return rebuilding.add(entry); }));
  if (rebuilding.result().entries == 0) return rebuilding.result();
  TRY(rebuilding.write());
  return rebuilding.result();
}

Result<std::optional<RowDifference>> compare_rows(const RowScan& expected, const RowScan& came,
                                                  const RowFilter& counts) {
  RowCursor left(expected);
  RowCursor right(came);
  while (true) {
    TRY(settle(left, counts));
    TRY(settle(right, counts));
    if (left.at_end() && right.at_end()) return std::optional<RowDifference>();
    if (right.at_end() || (!left.at_end() && left.key() < right.key())) {
      return std::optional(RowDifference{left.key(), "is missing"});
    }
    if (left.at_end() || right.key() < left.key()) {
      return std::optional(RowDifference{right.key(), "should not be there"});
    }
    if (left.value() != right.value()) {
      return std::optional(RowDifference{left.key(), cat("expected ", clip(left.value(), 200),
                                                         ", came ", clip(right.value(), 200))});
    }
    left.step();
    right.step();
  }
}

Result<std::uint64_t> copy_rows(const RowScan& from, const RowFilter& wanted, Store& to) {
  std::uint64_t copied = 0;
  BatchWriter writer(to);
  Status written;
  TRY(from("", "", [&](std::string_view key, std::string_view value) {
    if (!wanted(key)) return true;
    writer.add({std::string(key), std::string(value)});
    ++copied;
    if (writer.full()) written = writer.write();
    return written.ok();
  }));
  if (written) written = writer.write();
  TRY(written);
  return copied;
}

}  // namespace cryobank::inventory
