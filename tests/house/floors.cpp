#include "tests/house/floors.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace cryobank::house {
namespace {

struct Room {
  std::string_view folder;
  int floor;
};

constexpr std::array kRooms = {Room{"base", 0},
                               Room{"config", 1},
                               Room{"config/checks", 1},
                               Room{"devices", 2},
                               Room{"devices/detect", 2},
                               Room{"devices/line", 2},
                               Room{"devices/plant", 2},
                               Room{"devices/robot", 2},
                               Room{"devices/conform", 2},
                               Room{"devices/simulator", 2},
                               Room{"devices/simulator/robot", 2},
                               Room{"devices/simulator/wire", 2},
                               Room{"inventory/ledger", 2},
                               Room{"inventory/ledger/apply", 2},
                               Room{"inventory/ledger/paper", 2},
                               Room{"inventory/commands", 2},
                               Room{"inventory/commands/gate", 2},
                               Room{"inventory/commands/list", 2},
                               Room{"inventory/commands/schema", 2},
                               Room{"inventory/record", 2},
                               Room{"inventory/record/backup", 2},
                               Room{"service/alarms", 2},
                               Room{"service/alarms/page", 2},
                               Room{"service/schedule", 2},
                               Room{"service/telemetry", 2},
                               Room{"service/wire", 3},
                               Room{"service/core", 3},
                               Room{"service/core/desk", 3},
                               Room{"service/core/hand", 3},
                               Room{"service/core/plan", 3},
                               Room{"service/core/problem", 3},
                               Room{"service/core/watch", 3},
                               Room{"service", kFloorOfTheWorld},
                               Room{"service/ctl", kFloorOfTheWorld},
                               Room{"service/pager", kFloorOfTheWorld},
                               Room{"service/repair", kFloorOfTheWorld}};

// Between rooms of one floor, and the folders in them. cmake/CryobankRooms.cmake has the same list
// for libraries, but for the folders of one library and for the simulator, which reads the words of
// a register block and links none of the devices' code.
constexpr std::array kSteps = {Step{"devices/plant", "devices/line"},
                               Step{"devices/plant", "devices/detect"},
                               Step{"devices/robot", "devices/line"},
                               Step{"devices", "devices/line"},
                               Step{"devices", "devices/plant"},
                               Step{"devices", "devices/robot"},
                               Step{"devices/conform", "devices/line"},
                               Step{"devices/conform", "devices/robot"},
                               Step{"devices/simulator", "devices/line"},
                               Step{"devices/simulator", "devices/robot"},
                               Step{"inventory/commands", "inventory/ledger"},
                               Step{"inventory/record", "inventory/ledger"},
                               Step{"inventory/record", "inventory/commands"},
                               Step{"service/core", "service/wire"},
                               Step{"config", "config/checks"},
                               Step{"devices/simulator", "devices/simulator/robot"},
                               Step{"devices/simulator", "devices/simulator/wire"},
                               Step{"inventory/commands", "inventory/commands/gate"},
                               Step{"inventory/commands", "inventory/commands/list"},
                               Step{"inventory/commands", "inventory/commands/schema"},
                               Step{"inventory/commands/schema", "inventory/commands/list"},
                               Step{"inventory/commands/list", "inventory/commands/gate"},
                               Step{"inventory/ledger/paper", "inventory/ledger/apply"},
                               Step{"service/alarms", "service/alarms/page"},
                               Step{"service/core", "service/core/desk"},
                               Step{"service/core", "service/core/hand"},
                               Step{"service/core", "service/core/plan"},
                               Step{"service/core", "service/core/problem"},
                               Step{"service/core", "service/core/watch"},
                               Step{"service/core/hand", "service/core/plan"},
                               Step{"service/core/plan", "service/core/desk"},
                               Step{"service/core/hand", "service/core/problem"},
                               Step{"service/core/plan", "service/core/problem"},
                               Step{"service/core/watch", "service/core/desk"},
                               Step{"service/core/watch", "service/core/problem"}};

// The outside may be touched in *_io files and in a program's main.
bool is_edge(std::string_view path) {
  const std::string_view stem = path.substr(0, path.rfind('.'));
  return stem.ends_with("_io") || stem.ends_with("/main") || stem.ends_with("_main");
}

bool encloses(std::string_view outer, std::string_view inner) {
  return inner == outer || (inner.starts_with(outer) && inner[outer.size()] == '/');
}

bool is_step(std::string_view from, std::string_view to) {
  return std::any_of(kSteps.begin(), kSteps.end(), [&](const Step& step) {
    // A step into a folder of its own room is meant as it is written.
    if (encloses(step.from, step.to)) {
      return to == step.to && from == step.from;
    }
    return encloses(step.from, from) && encloses(step.to, to);
  });
}

// `path`: the folders walked from the first one to the last, none twice.
std::string circle_through(std::span<const Step> steps, const std::vector<std::string_view>& path) {
  for (const Step& step : steps) {
    if (step.from != path.back()) continue;
    const auto met = std::ranges::find(path, step.to);
    if (met != path.end()) {
      std::string circle;
      for (auto folder = met; folder != path.end(); ++folder)
        circle += std::string(*folder) + " > ";
      return circle + std::string(step.to);
    }
    std::vector<std::string_view> further = path;
    further.push_back(step.to);
    if (std::string circle = circle_through(steps, further); !circle.empty()) return circle;
  }
  return {};
}

}  // namespace

std::span<const Step> steps() { return kSteps; }

std::string find_circle(std::span<const Step> steps) {
  for (const Step& step : steps) {
    if (std::string circle = circle_through(steps, {step.from}); !circle.empty()) return circle;
  }
  return {};
}

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
  if (encloses(to.folder, from.folder) || is_step(from.folder, to.folder)) return true;
  const bool program = to.folder == "service/ctl" || to.folder == "service/pager";
  return from.floor == kFloorOfTheWorld && encloses("service", from.folder) && !program;
}

}  // namespace cryobank::house
