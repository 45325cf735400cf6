// Bench: where the people of the simulated bank work, how robots call a spot of the record, and
// what really stands in a box.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "devices/robot/robot_motion.hpp"
#include "inventory/ledger/view.hpp"
#include "tests/simulation/stage.hpp"

namespace cryobank::simulation {

inline constexpr std::uint16_t kGripperRack = 0xFFFF;
inline constexpr std::string_view kRobot = "robot-1";
inline constexpr std::string_view kPortPlace = "transfer-port-1";
// Places without positions, where no robot reaches (site.cpp).
inline constexpr std::string_view kShipper = "shipper-1";
inline constexpr std::string_view kReception = "reception-1";
inline constexpr int kPortPositions = 24;
// A person who heard nothing looks at the record after so long, well after the last copy of what
// was sent can have reached the daemon.
inline constexpr Duration kLookAfter = minutes(3);

inline devices::RobotLocation port_location(int position) {
  return {901, 0, static_cast<std::uint16_t>(position)};
}

// Empty when no robot reaches it.
std::optional<devices::RobotLocation> location_of(const inventory::Ledger& ledger,
                                                  const inventory::Spot& spot);

// A box as people read it: the label and the place of each position.
struct Box {
  PlaceId id;
  std::vector<std::pair<std::string, devices::RobotLocation>> positions;
};
Box box_of(const inventory::Ledger& ledger, const PlaceId& id);
// A scanner's file of what stands in it now.
std::string read_box(const Stage& stage, const Box& box);

}  // namespace cryobank::simulation
