// The families of commands, each in its decide_*.cpp, joined by decide.cpp with their rules.
#pragma once

#include <span>
#include <string_view>

#include "inventory/commands/ask.hpp"
#include "inventory/commands/verbs.hpp"

namespace cryobank::inventory {

struct Command {
  VerbRule rule;
  Decide decide = nullptr;
};

std::span<const Command> course_commands();
std::span<const Command> release_commands();
std::span<const Command> store_commands();
std::span<const Command> move_commands();
std::span<const Command> transfer_commands();
std::span<const Command> undo_commands();
std::span<const Command> reservation_commands();
std::span<const Command> dose_commands();
std::span<const Command> thaw_commands();
std::span<const Command> refreeze_commands();
std::span<const Command> job_commands();
std::span<const Command> unexplained_commands();
std::span<const Command> hold_commands();
std::span<const Command> disposal_commands();
std::span<const Command> place_commands();
std::span<const Command> evacuation_commands();
std::span<const Command> scan_commands();
std::span<const Command> take_commands();
std::span<const Command> bulk_commands();
std::span<const Command> quality_commands();
std::span<const Command> exposure_commands();
std::span<const Command> probe_commands();
std::span<const Command> shipment_commands();
std::span<const Command> label_commands();
std::span<const Command> defragment_commands();
std::span<const Command> report_commands();
std::span<const Command> signature_commands();
std::span<const Command> retention_commands();

// The aliquot is not in a move that is still open.
Status check_not_in_job(const View& view, const Aliquot& aliquot);
// Nobody puts a vial into a gripper whose robot has a move under way.
Status check_gripper_idle(const View& view, const PlaceId& place);
// What was disposed of, used, issued or sent has left; what left the cold does not go back into a
// freezer.
Status check_may_lie(const View& view, const Aliquot& aliquot, const PlaceId& place);
// No open job moves anything into or out of a place or what is inside it.
Status check_not_in_use(const View& view, const PlaceId& place);

// Roles, from least to most, as the rules name them.
inline constexpr std::string_view kHands[] = {"operator", "supervisor"};
inline constexpr std::string_view kHandsOrPlan[] = {"operator", "supervisor", "schedule"};
inline constexpr std::string_view kPlanners[] = {"operator", "physician", "supervisor", "schedule"};
inline constexpr std::string_view kQuality[] = {"qc", "quality"};
inline constexpr std::string_view kJudges[] = {"physician", "quality", "supervisor"};
inline constexpr std::string_view kSupervisors[] = {"supervisor"};
inline constexpr std::string_view kRecorders[] = {"service", "supervisor", "quality"};
inline constexpr std::string_view kService[] = {"service"};
inline constexpr std::string_view kQualityOnly[] = {"quality"};
inline constexpr std::string_view kHolders[] = {"operator",  "witness",    "qc",
                                                "physician", "supervisor", "quality"};
inline constexpr std::string_view kHoldReleasers[] = {"quality", "supervisor"};
inline constexpr std::string_view kDisposers[] = {"operator", "supervisor", "quality"};
inline constexpr std::string_view kEveryone[] = {"viewer",    "operator",   "witness", "qc",
                                                 "physician", "supervisor", "quality"};

}  // namespace cryobank::inventory
