// Stability: until when a dose may be used, how often a vial may be frozen, and what a count after
// culture means for the doses that are left. The rule of a protocol is set by quality
// (stability/set) as the laboratory validated it; where there is none, a vial is frozen once, and
// nothing else is limited.
#pragma once

#include <optional>

#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

// 0: no such limit.
struct StabilityRule {
  std::int64_t frozen_days = 0;        // from registration, where no expiry is given
  std::int64_t thawed_hours = 0;       // from the thaw until it is in culture or given
  std::int64_t harvested_hours = 0;    // from the harvest until it is given
  std::int64_t freezings_max = 1;      // of a vial in all; 1: never again after a thaw
  std::int64_t million_cells_min = 0;  // viable ones of a full dose
  std::int64_t viable_percent_min = 0;
};
// Of a protocol, in all its versions.
StabilityRule stability_of(const View& view, const ProtocolId& protocol);

// A thawed or harvested dose: the time after which it is expired; 0 when nothing limits it.
//   in culture or harvested: from the harvest; before: from the thaw, or its vials' own expiry
WallTime use_by(const View& view, const Course& course, const Dose& dose);
Status check_not_expired(const View& view, const Course& course, const Dose& dose, WallTime now);

// Some vial of it is still frozen, or to come, and was not rejected.
bool may_be_given(const View& view, const Dose& dose);
// It could be thawed now: released, in date, not held, in its place.
bool is_usable(const View& view, const Dose& dose, WallTime now);

// A dose that has fewer viable cells than its rule wants, or none at all, whatever the rule.
struct Shortfall {
  std::int64_t viable_cells = 0;
  std::int64_t wanted_cells = 0;  // 0: too few of them are viable
  std::uint64_t doses_left = 0;   // frozen, not rejected, and not this one
  std::uint64_t usable = 0;       // of these, what is released, in date, not held and in its place
  std::uint64_t full_doses = 0;   // that the usable ones make if they yield as this one did
};
// Whole cells, rounded down; 0 where either was not told.
std::int64_t viable_cells(const CellCount& count);
// Empty when there is no limit, or the dose keeps it.
std::optional<Shortfall> shortfall_of(const View& view, const Course& course, const Dose& dose,
                                      const CellCount& count, WallTime now);

}  // namespace cryobank::inventory
