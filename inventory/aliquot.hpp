// Aliquot: one vial or bag. It belongs to one dose of one course for ever and is in exactly one
// place. This is the form that rules work with; the ledger keeps it packed (aliquot_table.hpp).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/life_cycle.hpp"
#include "inventory/place_type.hpp"
#include "service/base/ids.hpp"
#include "service/base/json.hpp"
#include "service/base/time.hpp"

namespace cryobank::inventory {

// A place and a position in it; kNoPosition where the place has none.
struct Spot {
  PlaceId place;
  int position = kNoPosition;
  auto operator<=>(const Spot&) const = default;
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

  bool operator==(const Aliquot&) const = default;
};

std::string row_key(const AliquotId& aliquot);
std::string encode(const Aliquot& aliquot);
Result<Aliquot> decode_aliquot(std::string_view key, const Json& row);

}  // namespace cryobank::inventory
