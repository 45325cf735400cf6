// Place: a node of the tree of places: site, room, freezer, rack, box; the robot's gripper, a thaw
// station, a port, a shipper and UNKNOWN are places too. What lies inside is not stored here but
// derived from what lies where (tables.hpp).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "inventory/ledger/aliquot.hpp"

namespace cryobank::inventory {

// Deepest nesting: site, building, floor, room, freezer, tower, rack, drawer, box fit twice.
inline constexpr int kTreeDepthMax = 12;

// Places every ledger has, dimensionless and never listed in a configuration.
inline constexpr std::string_view kUnknownPlace = "UNKNOWN";    // nobody knows; a person searches
inline constexpr std::string_view kExpectedPlace = "EXPECTED";  // not yet received
inline constexpr std::string_view kCulturePlace = "CULTURE";    // in culture after thaw
inline constexpr std::string_view kHandsPlace = "HANDS";        // lifted to be thawed by hand
inline constexpr std::string_view kOutsidePlace = "OUTSIDE";    // left the bank for good
inline constexpr std::string_view kBuiltInType = "built-in";

struct Reservation {
  std::string owner;  // job or course
  WallTime until{};   // 0: until the owner frees it
  AliquotId out{};    // whose place is kept while it is out; empty: nobody's
  bool operator==(const Reservation&) const = default;
};

struct Place {
  PlaceId id;
  std::string type;
  Spot within;  // empty place: a root
  std::string title;
  DeviceId device;
  bool declared = false;                // stands in the site's configuration
  bool moved = false;                   // declared, but no longer where the configuration put it
  std::map<int, Reservation> reserved;  // by position
  std::map<int, std::string> blocked;   // by position: why nobody may use it
  std::map<int, std::string> held;      // by position: the doubt that must be resolved first

  WallTime since{};         // within its present parent; 0: from the beginning
  std::vector<Stay> stays;  // within earlier parents, oldest first

  // Closes the stay within the present parent.
  void leave(WallTime at);

  bool operator==(const Place&) const = default;
};

std::string row_key(const PlaceId& place);
std::string encode(const Place& place);
Result<Place> decode_place(std::string_view key, const Json& row);

}  // namespace cryobank::inventory
