// Robots: all robots of the site, each with its driver, and the zones that no two may be in. The
// fleet's robot part: it passes requests and replies, and takes the events.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/record.hpp"
#include "config/site_config.hpp"
#include "devices/line/device_event.hpp"
#include "devices/plant/interlock.hpp"
#include "devices/robot/robot_driver.hpp"

namespace cryobank::devices {

class Robots {
 public:
  struct Outputs {
    std::vector<DeviceRequest> requests;
    std::vector<RobotEvent> events;
  };

  // Builds a driver for every robot of the site. A robot whose profile does not carry its family
  // has none: may_move says so. `config` must outlive the robots.
  Robots(const config::SiteConfig& config, Epoch epoch);

  bool is_robot(DeviceIndex device) const;
  void begin(Now now, Outputs& out);
  // `tag` is that of a DeviceRequest of these robots; other tags are ignored.
  void on_reply(Now now, std::uint64_t tag, const ModbusReply& reply, Outputs& out);
  void on_deadline(Now now, Outputs& out);
  Instant next_deadline() const;

  // Driver, zones and pause; the room's oxygen is the Plant's (plant.hpp).
  Status may_move(Now now, DeviceIndex robot, const RobotMotion& motion) const;
  void intend(DeviceIndex robot, const RobotMotion& motion);
  Status start(Now now, DeviceIndex robot, const RobotMotion& motion, Outputs& out);
  void resume(Now now, DeviceIndex robot, const RobotMotion& motion, JournaledMotion state,
              Outputs& out);
  Status pause(DeviceIndex robot, bool paused);
  void expect_gripper(DeviceIndex robot, std::optional<bool> occupied);
  void forget_before(DeviceIndex robot, std::uint32_t sequence);
  Json recovery_report(Now now, DeviceIndex robot) const;
  // Into device/{device}/description: exactly_once, zones, held, paused.
  Json describe(Now now, DeviceIndex robot) const;

  static bool owns(std::string_view key);
  Status load_row(std::string_view key, std::string_view value);  // "r/device/{robot}/motions"
  std::vector<RowChange> take_rows();

 private:
  struct Machine {
    DeviceIndex device;
    DeviceId id;
    std::string exactly_once;
    std::vector<std::string> zones;
    std::unique_ptr<RobotDriver> driver;
    std::string no_driver;  // why there is none
    bool paused = false;
    std::string saved;  // last row told
  };

  Machine* find(DeviceIndex device);
  const Machine* find(DeviceIndex device) const;
  void collect(Machine& machine, RobotOutputs& from, Outputs& out);

  std::vector<Machine> machines_;
  Zones zones_;
};

}  // namespace cryobank::devices
