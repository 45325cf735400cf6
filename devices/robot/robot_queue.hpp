// The order of a robot's waiting moves: the most urgent first, and with it what lies in the same
// rack, so that a drawer opens once and the vials beside are warm for the least time. Nothing that
// is brought along makes a more urgent move of another rack late.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace cryobank::devices {

struct QueuedMove {
  std::string rack;            // what opens for it, e.g. "freezer-1/3"; empty: nothing opens
  std::uint32_t position = 0;  // within the rack, in fill order
  int priority = 5;            // 1 first, 9 last
  WallTime due;
  std::optional<std::size_t> after;  // place in the list of a move that must come before it
};

struct QueueLimits {
  std::size_t moves_per_opening = 8;  // 8 moves of 20 s: the drawer is open for under 3 minutes
  Duration move_takes = seconds(20);
};

// One opening of one rack and the moves made meanwhile, as places in `moves`.
struct RackOpening {
  std::string rack;
  std::vector<std::size_t> moves;
};

// The rack that stands open at a robot, and how many moves were made since it opened.
struct OpenRack {
  std::string rack;
  std::size_t made = 0;
};

// The move to make next, as its place in `moves`: another one of the open rack while it may stand
// open, else the most urgent. Empty when there is none.
std::optional<std::size_t> next_move(WallTime now, std::span<const QueuedMove> moves,
                                     const OpenRack& open, QueueLimits limits = {});

// Every move once. Equal moves keep their order in the list. A move whose `after` names none,
// itself or a circle comes when nothing else is left, in the order of the list.
std::vector<RackOpening> order_moves(WallTime now, std::span<const QueuedMove> moves,
                                     QueueLimits limits = {});

}  // namespace cryobank::devices
