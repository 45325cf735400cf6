// Life cycle of an aliquot and of a dose. A hold is not a state: holds stack on top of any state
// and are kept apart (hold.hpp). Neither is UNKNOWN: that is a place.
//
//   expected -> quarantined -> (conditionally_)released -> reserved -> thawed -> in_culture
//                                                             -> issued -> used
// Ways out at the side: in_transit, returned, rejected, disposed, lost. The whole table is in
// life_cycle.cpp; docs/inventory.md shows it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"

namespace cryobank::inventory {

enum class AliquotState : std::uint8_t {
  expected,                // registered, not yet received
  quarantined,             // received, not released
  conditionally_released,  // released while a late test is still open
  released,
  reserved,    // an open thaw or retrieve job has it
  in_transit,  // in a shipper
  thawed,      // out of the cold; frozen again only as its protocol allows (stability.hpp)
  in_culture,
  issued,    // handed over for infusion
  used,      // infused
  returned,  // came back unused from the clinic
  rejected,  // must not be used; waits for disposal
  disposed,
  lost,
};
inline constexpr int kAliquotStates = 14;

std::string_view name_of(AliquotState state);
Result<AliquotState> parse_aliquot_state(std::string_view text);

// `overridden`: only with a reason and a second signer.
enum class Allowed : std::uint8_t { no, yes, overridden };
Allowed may_become(AliquotState from, AliquotState to);

bool is_frozen_stock(AliquotState state);  // still cold, or expected to be
bool is_final(AliquotState state);

enum class DoseState : std::uint8_t {
  expected,   // aliquots not all received
  stored,     // all received
  planned,    // has a thaw time
  thawing,    // its thaw job is open
  thawed,     // all aliquots at the thaw station
  reculture,  // cells in culture
  harvested,
  issued,    // handed over for infusion
  infused,   // the whole dose was given
  returned,  // came back unused
  rejected,  // not to be given
};
inline constexpr int kDoseStates = 11;

std::string_view name_of(DoseState state);
Result<DoseState> parse_dose_state(std::string_view text);
bool is_final(DoseState state);

}  // namespace cryobank::inventory
