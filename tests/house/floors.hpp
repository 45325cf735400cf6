// Where a file of the tree stands: its floor and its room. ARCHITECTURE.md draws the floors.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cryobank::house {

inline constexpr int kFloorOfTheWorld = 4;
inline constexpr int kFloorOfTests = 5;  // may see everything; nothing may see it

struct Place {
  int floor = 0;
  std::string folder;
};

// Empty for a C++ file in a folder that has no floor.
std::optional<Place> place_of(std::string_view path);

// From a room, or a folder of one, to another on its floor.
struct Step {
  std::string_view from;
  std::string_view to;
};
// All that are allowed, beside those to the folders around a file's own.
std::span<const Step> steps();
// "a > b > a": folders that would include each other; empty: none.
std::string find_circle(std::span<const Step> steps);

// May a file at `from` include one at `to`? Lower floors, its own folder and the folders around it
// on its own floor; and the wiring and the programs, under service/, see every edge.
bool may_include(const Place& from, const Place& to);

}  // namespace cryobank::house
