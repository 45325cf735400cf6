// Rebuild: makes every row anew from the journal alone, and compares. It shows that the rows are
// nothing but a cache of the journal, and is the way back after a loss. Pure: works on stores and
// on whatever yields entries. Errors: corrupt, naming the entry or the row.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/checksum.hpp"
#include "inventory/record/store.hpp"

namespace cryobank::inventory {

// Applies one fact to the state that it makes rows of, and appends the rows it changed. Called in
// the order of the journal, from an empty state.
using ApplyFact =
    std::function<Status(const Fact&, const CommandContext&, std::vector<RowChange>& rows)>;

// Hands out the entries of a journal from the first on; the first Error of `visit` ends it.
using EntrySource = std::function<Status(const std::function<Status(std::string_view entry)>&)>;
EntrySource entries_of(RowScan rows);

// Which rows are meant, by key.
using RowFilter = std::function<bool(std::string_view key)>;
// Entries, tree and head: what the journal makes by itself.
bool is_journal_row(std::string_view key);

struct Rebuilt {
  std::uint64_t entries = 0;
  Sha256 last_hash{};
};
// Fills `to`, which is empty: entries, tree, head, and the rows that `apply` makes. Every entry is
// written again from what it says and must give the same bytes; a purged one keeps its line.
Result<Rebuilt> rebuild_rows(const EntrySource& entries, const ApplyFact& apply, Store& to);

struct RowDifference {
  std::string key;
  std::string what;
};
// First row, of those that count, that is not the same in both.
Result<std::optional<RowDifference>> compare_rows(const RowScan& expected, const RowScan& came,
                                                  const RowFilter& counts);

// Copies the wanted rows and returns how many.
Result<std::uint64_t> copy_rows(const RowScan& from, const RowFilter& wanted, Store& to);

}  // namespace cryobank::inventory
