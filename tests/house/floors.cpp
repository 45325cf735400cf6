#include "tests/house/floors.hpp"

#include <array>

namespace cryobank::house {
namespace {

struct Room {
  std::string_view folder;
  int floor;
};

constexpr std::array<Room, 12> kRooms = {{{"service/base", 0},
                                          {"config", 1},
                                          {"devices", 2},
                                          {"devices/simulator", 2},
                                          {"inventory", 2},
                                          {"inventory/record", 2},
                                          {"service/alarms", 2},
                                          {"service/schedule", 2},
                                          {"service/core", 3},
                                          {"service", kFloorOfTheWorld},
                                          {"service/ctl", kFloorOfTheWorld},
                                          {"service/pager", kFloorOfTheWorld}}};

// The outside may be touched in *_io files and in a program's main.
bool is_edge(std::string_view path) {
  const std::string_view stem = path.substr(0, path.rfind('.'));
  return stem.ends_with("_io") || stem.ends_with("/main") || stem.ends_with("_main");
}

bool encloses(std::string_view outer, std::string_view inner) {
  return inner == outer || (inner.starts_with(outer) && inner[outer.size()] == '/');
}

}  // namespace

std::optional<Place> place_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view folder = path.substr(0, slash);
  if (encloses("tests", folder)) return Place{kFloorOfTests, std::string(folder)};
  for (const Room& room : kRooms) {
    if (room.folder != folder) continue;
    return Place{is_edge(path) ? kFloorOfTheWorld : room.floor, std::string(folder)};
  }
  return std::nullopt;
}

bool may_include(const Place& from, const Place& to) {
  if (from.floor == kFloorOfTests) return true;
  if (to.floor < from.floor) return true;
  if (to.floor > from.floor) return false;
  if (encloses(to.folder, from.folder)) return true;
  const bool program = to.folder == "service/ctl" || to.folder == "service/pager";
  return from.floor == kFloorOfTheWorld && encloses("service", from.folder) && !program;
}

}  // namespace cryobank::house
