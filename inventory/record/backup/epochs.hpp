// Epochs after a recovery. Robots refuse an epoch below one they have seen, so a store that comes
// from older sources must begin above every epoch that was used since. A daemon takes one epoch a
// start, and a start takes a quarter of a second or more (0.5 s measured on an empty store): the
// time that passed since an epoch was known bounds those that came after it. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "inventory/record/backup/rebuild.hpp"

namespace cryobank::inventory {

inline constexpr std::int64_t kStartsPerSecond = 4;

// On top of the time that passed: a clock that is wrong by up to 11 days does no harm.
inline constexpr std::uint32_t kEpochsSkipped = 1'000'000;

// The highest epoch that was in use at a time.
struct EpochKnown {
  Epoch epoch;
  WallTime at;
};

// Above every epoch that can have been used until `now`. Error too_large past 32 bits, after 34
// years without a newer epoch known.
Result<Epoch> epoch_above(const EpochKnown& known, WallTime now);

// What a store's rows tell: the row of the epoch, and the time of its last commit.
Result<EpochKnown> epoch_of_rows(const RowScan& rows);
// What a journal alone tells: the newest fact that names an epoch; else that the first entry is
// younger than epoch 0. Empty for a journal without entries.
Result<std::optional<EpochKnown>> epoch_of_journal(const EntrySource& entries);

}  // namespace cryobank::inventory
