// The inside of the Plant, shared by plant.cpp (readings and time) and plant_decide.cpp (commands).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "devices/plant/by_device.hpp"
#include "devices/plant/fill_group.hpp"
#include "devices/plant/freezer.hpp"
#include "devices/plant/plant.hpp"
#include "devices/plant/room.hpp"
#include "devices/plant/supply.hpp"
#include "devices/plant/write_desk.hpp"

namespace cryobank::devices {

struct Plant::Parts {
  explicit Parts(const config::SiteConfig& site);

  const config::SiteConfig& config;
  ByDevice<Freezer> freezers;
  ByDevice<Supply> supplies;
  ByDevice<Room> rooms;
  WriteDesk desk;
  FillGroups groups;
  // Role of each point in its device's model, by device and point.
  std::vector<std::vector<std::uint8_t>> roles;
  std::map<DeviceIndex, DeviceIndex> supply_of;  // freezer -> tank
  std::map<DeviceIndex, Instant> stop_asked;     // freezer -> last act for low oxygen
  std::map<DeviceIndex, std::string> saved;      // learned rows as last told
  std::map<DeviceIndex, Json> told_models;       // what was last told of each model
  std::map<DeviceIndex, std::string> told_texts;
  Instant next_load = kNever;  // supplies are judged again
  Instant next_tell = kNever;  // models are told again
  Instant next_lesson{};       // learned rows are looked at again
  bool lesson_due = false;

  const config::DeviceConfig& device(DeviceIndex index) const {
    return config.devices[index.value];
  }
  std::optional<DeviceIndex> find(std::string_view id) const;
  std::optional<PointIndex> find_point(DeviceIndex device, std::string_view id) const;
  std::vector<const Room*> rooms_of(DeviceIndex index) const;

  std::vector<InterlockReason> fill_reasons(Now now, DeviceIndex freezer) const;
  void judge_supplies(Now now, Outputs& out);
  void stop_fills_in_low_oxygen(Now now, DeviceIndex room, Outputs& out);
  void start_waiting_fills(Now now, Outputs& out);
  void note_rise(Now now, DeviceIndex freezer);
  void note_loss(std::size_t conditions_before, const Outputs& out);
  void tell_model(Now now, const Plant& plant, DeviceIndex device, Outputs& out);

  // plant_decide.cpp
  Result<Decision> decide_fill(const Json& body, const CommandContext& context) const;
  Result<Decision> decide_stop(const Json& body, const CommandContext& context) const;
  Result<Decision> decide_write(const Json& body, const CommandContext& context) const;
  Status may_fill(const CommandContext& context, DeviceIndex freezer) const;
  Status check_gap(DeviceIndex freezer, std::string_view point, Milli value) const;
  Result<DeviceIndex> freezer_named(const Json& body) const;
};

// Values of a fill command, by their names in the profile; 1 and 2 where it names none.
Milli fill_value(const config::Point& command);
Milli stop_value(const config::Point& command);

}  // namespace cryobank::devices
