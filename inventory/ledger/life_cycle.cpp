#include "inventory/ledger/life_cycle.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::array<std::string_view, kAliquotStates> kAliquotNames = {
    "expected", "quarantined", "conditionally-released",
    "released", "reserved",    "in-transit",
    "thawed",   "in-culture",  "issued",
    "used",     "returned",    "rejected",
    "disposed", "lost"};

constexpr std::array<std::string_view, kDoseStates> kDoseNames = {
    "expected",  "stored", "planned", "thawing",  "thawed",  "re-culture",
    "harvested", "issued", "infused", "returned", "rejected"};

// From the line to the column, columns in the order of the enum: y yes, o overridden, '.' no.
constexpr std::array<std::string_view, kAliquotStates> kMayBecome = {
    /* columns:                   eqcRrttiiurrdl */
    /* expected               */ ".y...y.....yyy",
    /* quarantined            */ "..yyoy.....yyy",
    /* conditionally released */ ".y.yyy..y..yyy",
    /* released               */ ".y..yy..y..yyy",
    /* reserved               */ ".yyy..y....y.y",
    /* in transit             */ ".yyy....y.yy.y",
    /* thawed                 */ ".o.....yy..yyy",
    /* in culture             */ "........y..yyy",
    /* issued                 */ ".........yyy.y",
    /* used                   */ "..............",
    /* returned               */ ".o......o..yyy",
    /* rejected               */ ".o..........yy",
    /* disposed               */ "..............",
    /* lost                   */ ".y.........yy.",
};

template <class State, std::size_t N>
Result<State> parse_name(const std::array<std::string_view, N>& names, std::string_view text,
                         std::string_view kind) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) {
    return make_error(ErrorCode::malformed,
                      cat("expected the state of ", kind, ", came \"", clip(text, 40), "\""));
  }
  return static_cast<State>(found - names.begin());
}

}  // namespace

std::string_view name_of(AliquotState state) {
  return kAliquotNames[static_cast<std::size_t>(state)];
}

Result<AliquotState> parse_aliquot_state(std::string_view text) {
  return parse_name<AliquotState>(kAliquotNames, text, "an aliquot");
}

Allowed may_become(AliquotState from, AliquotState to) {
  switch (kMayBecome[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)]) {
    case 'y':
      return Allowed::yes;
    case 'o':
      return Allowed::overridden;
    default:
      return Allowed::no;
  }
}

bool is_frozen_stock(AliquotState state) { return state <= AliquotState::in_transit; }

bool is_final(AliquotState state) {
  return state == AliquotState::used || state == AliquotState::disposed;
}

std::string_view name_of(DoseState state) { return kDoseNames[static_cast<std::size_t>(state)]; }

Result<DoseState> parse_dose_state(std::string_view text) {
  return parse_name<DoseState>(kDoseNames, text, "a dose");
}

bool is_final(DoseState state) {
  return state == DoseState::infused || state == DoseState::returned ||
         state == DoseState::rejected;
}

}  // namespace cryobank::inventory
