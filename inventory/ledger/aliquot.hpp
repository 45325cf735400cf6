// Aliquot: one vial or bag. It belongs to one course for ever, to one dose of it until that is
// split, and is in exactly one place. This is the form that rules work with; the ledger keeps it
// packed (aliquot_table.hpp).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "base/time.hpp"
#include "inventory/ledger/life_cycle.hpp"
#include "inventory/ledger/place_type.hpp"

namespace cryobank::inventory {

// A place and a position in it; kNoPosition where the place has none.
struct Spot {
  PlaceId place;
  int position = kNoPosition;
  auto operator<=>(const Spot&) const = default;
};

// A time that an aliquot or a container spent inside a container.
struct Stay {
  PlaceId inside;
  WallTime from{};
  WallTime until{};
  bool operator==(const Stay&) const = default;
};

// Handling out of the cold, as custody tells it: from when a vial leaves the cold, or a gripper
// takes it, until it is in the cold again, by way of whatever grippers, hands, ports and benches.
struct Handling {
  std::uint32_t count = 0;
  std::uint32_t seconds = 0;    // all together
  std::uint32_t longest_s = 0;  // one handling
  bool operator==(const Handling&) const = default;
};

struct Aliquot {
  AliquotId id;
  std::string code;  // machine-readable, unique in the bank for ever
  CourseId course;
  int dose = 0;  // number of the dose in its course, from 1
  AliquotState state = AliquotState::expected;
  AliquotState before = AliquotState::expected;  // reserved: what it goes back to
  Spot spot;
  WallTime since{};  // in this spot
  WallTime expires_at{};
  Handling handling;
  WallTime out_since{};     // out of the cold, in the handling that goes on; 0: in the cold
  std::uint8_t thaws = 0;   // how often it was thawed; it may be frozen again (stability.hpp)
  std::vector<Stay> stays;  // in freezer containers before the present one, oldest first

  bool operator==(const Aliquot&) const = default;
};

std::string row_key(const AliquotId& aliquot);
std::string encode(const Aliquot& aliquot);
Result<Aliquot> decode_aliquot(std::string_view key, const Json& row);

}  // namespace cryobank::inventory
