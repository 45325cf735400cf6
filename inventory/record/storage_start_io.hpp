// What the daemon does with its record before the core exists: opens it, finds out whether it is
// whole, takes the next epoch, and reads the rows. Errors say what is wrong and change nothing:
// mismatch (the high-water mark knows entries that have vanished or are others), corrupt (a changed
// journal, damaged bytes).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/record/high_water_io.hpp"
#include "inventory/record/store.hpp"

namespace cryobank::inventory {

// Entries whose chain is checked at every start; the rest is checked by `journal verify`.
inline constexpr std::uint64_t kTailChecked = 1000;

struct RecordStart {
  Epoch epoch;                     // of this run: above every earlier one
  std::uint64_t sequence = 0;      // of the last journal entry
  std::vector<std::string> notes;  // for the log: what was unusual and harmless
};

// Compares the end of the journal with the high-water mark, and takes the next epoch (one commit).
Result<RecordStart> start_record(Store& store, HighWater& mark);

// Makes the mark say what the store says. Only after a person accepted that entries are gone.
Status accept_record(Store& store, HighWater& mark);

}  // namespace cryobank::inventory
