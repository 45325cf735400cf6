// The families of commands, each in its decide_*.cpp, joined by decide.cpp with their entries
// (schemas.hpp).
#pragma once

#include <span>
#include <string_view>

#include "inventory/commands/ask.hpp"

namespace cryobank::inventory {

struct DecidedVerb {
  std::string_view verb;
  Decide decide = nullptr;
};

std::span<const DecidedVerb> course_commands();
std::span<const DecidedVerb> protocol_commands();
std::span<const DecidedVerb> release_commands();
std::span<const DecidedVerb> split_commands();
std::span<const DecidedVerb> store_commands();
std::span<const DecidedVerb> move_commands();
std::span<const DecidedVerb> transfer_commands();
std::span<const DecidedVerb> undo_commands();
std::span<const DecidedVerb> reservation_commands();
std::span<const DecidedVerb> dose_commands();
std::span<const DecidedVerb> thaw_commands();
std::span<const DecidedVerb> hand_thaw_commands();
std::span<const DecidedVerb> refreeze_commands();
std::span<const DecidedVerb> job_commands();
std::span<const DecidedVerb> unexplained_commands();
std::span<const DecidedVerb> hold_commands();
std::span<const DecidedVerb> disposal_commands();
std::span<const DecidedVerb> place_commands();
std::span<const DecidedVerb> evacuation_commands();
std::span<const DecidedVerb> scan_commands();
std::span<const DecidedVerb> take_commands();
std::span<const DecidedVerb> bulk_commands();
std::span<const DecidedVerb> exception_commands();
std::span<const DecidedVerb> quality_commands();
std::span<const DecidedVerb> exposure_commands();
std::span<const DecidedVerb> probe_commands();
std::span<const DecidedVerb> shipment_commands();
std::span<const DecidedVerb> label_commands();
std::span<const DecidedVerb> defragment_commands();
std::span<const DecidedVerb> report_commands();
std::span<const DecidedVerb> signature_commands();
std::span<const DecidedVerb> retention_commands();

// How a scanner's file of this box is to be read: "dialect" and "only_tubes" of the body.
struct ScanWay;
Result<ScanWay> read_scan_way(const Ask& ask, const PlaceId& box);

// The aliquot is not in a move that is still open.
Status check_not_in_job(const View& view, const Aliquot& aliquot);
// No robot's job has lost sight of it: until two people settle that, no other act says where it is.
Status check_not_in_doubt(const View& view, const Aliquot& aliquot);
// Nobody puts a vial into a gripper whose robot has a move under way.
Status check_gripper_idle(const View& view, const PlaceId& place);
// What was disposed of, used, issued or sent has left; what left the cold does not go back into a
// freezer.
Status check_may_lie(const View& view, const Aliquot& aliquot, const PlaceId& place);
// No open job moves anything into or out of a place or what is inside it.
Status check_not_in_use(const View& view, const PlaceId& place);

}  // namespace cryobank::inventory
