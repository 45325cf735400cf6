// What leaves the house: the whole journal as lines, and proofs about a few entries of it, that a
// person can check without this program (docs/journal-format.md, tools/verify_journal.py). Pure;
// signing and files are in export_io.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/checkpoint.hpp"
#include "inventory/store.hpp"

namespace cryobank::inventory {

// True when a text within the entry's data equals one of the subjects (ids of an aliquot, a course,
// its doses ...).
bool mentions(std::string_view entry, const std::vector<std::string>& subjects);

// The checkpoints kept in the store ("k/"), as signed notes, by size: all of them, or of more than
// kNotesMax every second, third ... and the last. A checkpoint every minute for thirty years is 16
// million, and each costs a signature check.
inline constexpr std::size_t kNotesMax = 10'000;
Result<std::vector<std::string>> kept_notes(const RowScan& rows, std::size_t notes_max = kNotesMax);

// Checks the journal from the first entry to the last, handing each to `write`, and returns the
// checkpoint over all of it, to be signed. Error corrupt when an entry was changed, or when the
// journal contradicts one of the `earlier` checkpoints: such a journal is never signed.
Result<Checkpoint> export_entries(const RowScan& rows, std::string_view origin,
                                  const std::vector<Checkpoint>& earlier,
                                  const std::function<Status(std::string_view)>& write);

// One proof file: every entry about the subjects with its path to the root of `checkpoint`. It
// proves that each entry is in the journal, not that no other is about them.
// `note` is the signed checkpoint, `key` the verifier key. Error not_found when nothing is about
// the subjects, too_large past kProofEntriesMax.
inline constexpr std::size_t kProofEntriesMax = 100'000;
Result<std::string> make_proof(const RowScan& rows, const std::vector<std::string>& subjects,
                               const Checkpoint& checkpoint, std::string_view note,
                               std::string_view key);

}  // namespace cryobank::inventory
