// How a job's moves end, for the facts that end them: its positions are free again or held by a
// doubt, its vials are reserved no longer, its dose is what its vials are. Used by apply functions
// only; an Error means that the fact contradicts the record.
#pragma once

#include <string>
#include <string_view>

#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/edit.hpp"

namespace cryobank::inventory {

inline Spot from_of(const Move& move) { return {move.from, move.from_at}; }
inline Spot to_of(const Move& move) { return {move.to, move.to_at}; }
// The owner of the holds on both ends and the gripper.
std::string doubt_of(const JobId& job, std::size_t move);

Result<Spot> gripper_of(const Edit& edit, const DeviceId& robot);
Status free_ends(Edit& edit, const Job& job, const Move& move);
// Frees what the rest of a job had reserved and ends it. `Move`s not begun are cancelled.
Status end_rest(Edit& edit, Job& job, JobState state);
// Of thaw jobs only.
// `stopped`: why a dose that stays planned waits; its job's id follows.
Status set_dose(Edit& edit, const Job& job, DoseState state, WallTime at,
                std::string_view stopped = kThawEnded);
// After a thaw job ended early: thawed if any vial is warm already, else as it was before.
DoseState dose_after(const Edit& edit, const Job& job);
// The vial of that move is UNKNOWN, both ends and the gripper are held until people find it.
Status end_in_doubt(Edit& edit, Job& job, std::size_t move, std::string_view reason, WallTime at);

}  // namespace cryobank::inventory
