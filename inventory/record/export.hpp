// What leaves the house whole: the journal as lines, that a person can check without this program
// (docs/journal-format.md, tools/verify_journal.py). Pure; signing and files are in export_io.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/record/checkpoint.hpp"
#include "inventory/record/store.hpp"

namespace cryobank::inventory {

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

}  // namespace cryobank::inventory
