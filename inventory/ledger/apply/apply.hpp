// Apply: what each type of fact does to the record. A pure function of the record and the fact, so
// that replaying the journal gives the same bytes. What a fact says is read through a RowReader:
// a member that is missing or of another type refuses the fact, by name. One file per family;
// draft.cpp joins the tables. An Error means that the fact contradicts the record.
#pragma once

#include <span>
#include <string_view>

#include "base/row_reader.hpp"
#include "inventory/ledger/edit.hpp"

namespace cryobank::inventory {

// Begins the text of a dose whose thaw job ended before its vials were warm.
inline constexpr std::string_view kThawEnded = "its thaw was stopped: ";
// The same where a hold stopped it: it is asked for again when the hold goes.
inline constexpr std::string_view kThawHeld = "a hold stopped its thaw: ";

struct Applier {
  FactName fact;
  Status (*apply)(Edit& edit, RowReader& in) = nullptr;
};

std::span<const Applier> course_appliers();
std::span<const Applier> dose_appliers();
std::span<const Applier> job_appliers();
std::span<const Applier> job_state_appliers();
std::span<const Applier> hand_thaw_appliers();
std::span<const Applier> unexplained_appliers();
std::span<const Applier> effect_appliers();

// {"place": id, "at": position number, "position": label}; only the first two are read back.
Json spot_json(const View& view, const Spot& spot);
Json spot_json(const Spot& spot, std::string label);
Spot spot_at(RowReader& in);

}  // namespace cryobank::inventory
