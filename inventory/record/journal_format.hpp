// The written form of the journal: keys of its rows, the bytes of an entry, the head row.
// docs/journal-format.md is the specification; a release never changes what these functions write
// for the same format number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/record.hpp"
#include "inventory/record/merkle.hpp"

namespace cryobank::inventory {

inline constexpr std::int64_t kJournalFormat = 1;
// Largest entry. A fact about every vial of a full tank (36,000 of about 40 bytes) needs 1.5 MB.
inline constexpr std::size_t kJournalEntryMax = 16u << 20;

inline constexpr std::string_view kJournalPrefix = "j/";
inline constexpr std::string_view kJournalEnd = "j0";  // first key after the prefix
inline constexpr std::string_view kTreePrefix = "t/";
inline constexpr std::string_view kTreeEnd = "t0";
inline constexpr std::string_view kJournalHeadKey = "m/journal/head";
// Tree nodes are kept at every eighth level: one row for 256 entries.
inline constexpr unsigned kTreeLevelStep = 8;

std::string journal_key(std::uint64_t sequence);
// Error malformed unless "j/" and 16 hex digits.
Result<std::uint64_t> sequence_of_key(std::string_view key);
std::string tree_key(unsigned level, std::uint64_t index);

// One entry, read back.
struct JournalEntry {
  std::uint64_t sequence = 0;
  Sha256 previous{};  // leaf hash of the entry before; zeros in the first
  std::string clock_state;
  Fact fact;
  CommandContext context;
  // Leaf hash of the entry as it was first written; set when words in it were purged since.
  std::optional<Sha256> purged;
};

// The canonical bytes, without a line end.
void append_entry(std::string& out, std::uint64_t sequence, const Sha256& previous,
                  std::string_view clock_state, const Fact& fact, const CommandContext& context);
// Of an entry, or of the line that stands in place of a purged one. Error corrupt unless the entry
// is exactly what append_entry writes for the content found.
Result<JournalEntry> parse_entry(std::string_view line);

// What stands in place of an entry some words of which were purged (docs/journal-format.md, section
// 7): {"entry":<the entry with other words>,"leaf":"<leaf hash of the entry as it was written>"}.
struct PurgedLine {
  std::string_view entry;
  Sha256 leaf{};
};
// Empty for the line of an entry that stands as it was written.
std::optional<PurgedLine> read_purged(std::string_view line);
std::string format_purged(std::string_view entry, const Sha256& leaf);
// Leaf hash of the entry as it was first written, purged since or not.
Sha256 line_hash(std::string_view line);

struct JournalHeadRow {
  std::uint64_t sequence = 0;
  Sha256 last_hash{};
  MerkleFrontier frontier;
};

std::string format_head(const MerkleFrontier& frontier, const Sha256& last_hash);
Result<JournalHeadRow> parse_head(std::string_view value);

Result<Sha256> parse_hash(std::string_view hex);

}  // namespace cryobank::inventory
