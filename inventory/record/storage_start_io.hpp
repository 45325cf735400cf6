// What the daemon does with its open record before the core exists: finds out whether the end of
// the journal is whole and is the one that the high-water mark knows, and takes the next epoch.
// Nobody reads a row before (service/wiring_io.cpp). Errors say what is wrong and change nothing:
// mismatch (the mark knows entries that have vanished or are others), corrupt (a changed journal,
// damaged bytes), io.
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

// Compares the end of the journal with the high-water mark, and takes the next epoch: one commit,
// then the mark. In this order, so that a crash between the two leaves an epoch that nobody used,
// and never one that two runs use. A mark that is absent or damaged is a note, and is written anew.
Result<RecordStart> start_record(Store& store, HighWater& mark);

// Makes the mark say what the store says, and keeps the higher epoch of both. Only after a person
// accepted that entries are gone.
Status accept_record(Store& store, HighWater& mark);

}  // namespace cryobank::inventory
