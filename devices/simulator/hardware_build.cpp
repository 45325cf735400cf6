// How Hardware is put together: which machine stands for which device, and what is piped to what.
#include <algorithm>

#include "devices/simulator/hardware_parts.hpp"
#include "devices/simulator/robot/block_robot.hpp"
#include "devices/simulator/robot/relay_robot.hpp"

namespace cryobank::simulator {

namespace {

constexpr std::int64_t kClockDefaultMs = 1'795'305'600'000;  // 2026-11-22, until set_clock

}  // namespace

Hardware::Parts::Parts(const config::SiteConfig& config, std::uint64_t seed)
    : site(config), cell(config), prng(seed), lines(config.lines.size()) {
  now.utc_base_ms = kClockDefaultMs;
  build(seed);
  connect();
}

void Hardware::Parts::build(std::uint64_t seed) {
  for (const config::DeviceConfig& device : site.devices) {
    machines.push_back(make_machine(device, seed));
    for (std::size_t i = 0; i < site.lines.size(); ++i) {
      if (site.lines[i].id != device.line) continue;
      lines[i].units.emplace_back(device.unit, machines.back().get());
      const config::DeviceProfile* profile = site.profile_of(device);
      if (profile->is_text()) lines[i].text.add(device.unit, *machines.back(), *profile);
    }
  }
}

std::unique_ptr<Machine> Hardware::Parts::make_machine(const config::DeviceConfig& device,
                                                       std::uint64_t seed) {
  const config::DeviceProfile* profile = site.profile_of(device);
  CHECK(profile != nullptr);
  const auto keep = [](auto& list, auto machine) -> std::unique_ptr<Machine> {
    list.push_back(machine.get());
    return machine;
  };
  switch (device.kind) {
    case config::DeviceKind::freezer:
      if (Cooler::fits(*profile)) {
        return keep(coolers, std::make_unique<Cooler>(device, *profile, seed));
      }
      return keep(freezers, std::make_unique<Freezer>(device, *profile, seed));
    case config::DeviceKind::supply:
      return keep(supplies, std::make_unique<Supply>(device, *profile, seed));
    case config::DeviceKind::room:
      return keep(rooms, std::make_unique<RoomInstrument>(device, *profile, seed));
    case config::DeviceKind::robot:
      return keep(robots, make_robot(device, *profile, seed));
  }
  CHECK(false);
}

// Robots that the site gave one address get different ones, since their grippers are two places.
std::unique_ptr<RobotMachine> Hardware::Parts::make_robot(const config::DeviceConfig& device,
                                                          const config::DeviceProfile& profile,
                                                          std::uint64_t seed) {
  std::uint16_t number = device.robot_address;
  while (std::count(robot_numbers.begin(), robot_numbers.end(), number) != 0) ++number;
  robot_numbers.push_back(number);
  if (profile.exactly_once == config::ExactlyOnce::sequence) {
    return std::make_unique<BlockRobot>(device, number, profile.tells_units_apart(), cell, seed);
  }
  return std::make_unique<RelayRobot>(device, profile, number, port_of(device), cell, seed);
}

devices::RobotLocation Hardware::Parts::port_of(const config::DeviceConfig& robot) const {
  for (const config::PlaceConfig& place : site.places) {
    if (place.id == robot.transfer_port && place.robot_location.size() == 3) {
      return {place.robot_location[0], place.robot_location[1], place.robot_location[2]};
    }
  }
  return {};
}

void Hardware::Parts::connect() {
  for (std::size_t i = 0; i < rooms.size(); ++i) {
    const auto same = [this, i](const RoomInstrument* room) {
      return room->config().room == rooms[i]->config().room;
    };
    const auto first = std::find_if(rooms.begin(), rooms.end(), same);
    if (*first != rooms[i]) rooms[i]->share_air(*first);
  }
  for (Freezer* freezer : freezers) {
    Supply* supply = nullptr;
    for (Supply* candidate : supplies) {
      if (candidate->config().id == freezer->config().supply) supply = candidate;
    }
    std::vector<RoomInstrument*> around;
    for (RoomInstrument* room : rooms) {
      if (room->config().room == freezer->config().room) around.push_back(room);
    }
    freezer->connect(supply, std::move(around));
  }
}

}  // namespace cryobank::simulator
