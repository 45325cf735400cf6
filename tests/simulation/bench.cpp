#include "tests/simulation/bench.hpp"

namespace cryobank::simulation {

std::optional<devices::RobotLocation> location_of(const inventory::Ledger& ledger,
                                                  const inventory::Spot& spot) {
  const inventory::View view(ledger);
  for (const config::DeviceConfig& device : view.site().devices) {
    if (device.kind == config::DeviceKind::robot && device.gripper == spot.place) {
      return devices::RobotLocation{device.robot_address, kGripperRack, 0};
    }
  }
  const auto words = inventory::robot_location(ledger, spot.place, view.label_of(spot));
  if (!words) return std::nullopt;
  return *words;
}

Box box_of(const inventory::Ledger& ledger, const PlaceId& id) {
  const inventory::View view(ledger);
  Box box{id, {}};
  const inventory::PlaceType& type = view.type_of(*view.place(id));
  for (const int position : type.fill_order()) {
    const auto at = location_of(ledger, {id, position});
    if (at) box.positions.emplace_back(type.label(position), *at);
  }
  return box;
}

std::string read_box(const Stage& stage, const Box& box) {
  std::string csv = "Position,Code\n";
  for (const auto& [label, at] : box.positions) {
    const auto there = stage.hardware.vials().find(at);
    csv += cat(label, ",", there == stage.hardware.vials().end() ? "" : there->second, "\n");
  }
  return csv;
}

}  // namespace cryobank::simulation
