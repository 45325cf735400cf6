// Cell: the physical truth about vials: each one at exactly one location. Shared by all robots and
// people of the site. A gripper is {robot, 0xFFFF, 0}, the floor under a robot {robot, 0xFFFE, n}.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/site_config.hpp"
#include "devices/robot/robot_motion.hpp"
#include "devices/simulator/hardware.hpp"

namespace cryobank::simulator {

inline constexpr std::uint16_t kGripperRack = 0xFFFF;
inline constexpr std::uint16_t kFloorRack = 0xFFFE;
inline constexpr std::size_t kVialsMax = 2'000'000;  // a bank of the largest kind, with room

class Cell {
 public:
  explicit Cell(const config::SiteConfig& config);

  const std::map<devices::RobotLocation, std::string>& vials() const { return vials_; }
  std::uint64_t moves() const { return moves_; }
  const std::vector<Hardware::Motion>& motions() const { return motions_; }

  Status put(const devices::RobotLocation& location, std::string_view code);
  Status take(const devices::RobotLocation& location);
  // The vial there; nullptr when the location is empty.
  const std::string* at(const devices::RobotLocation& location) const;

  // By a robot. REQUIRES: a vial at `from`, none at `to`. `counts`: it is a move of its own, and
  // not the second half of one.
  void move(const devices::RobotLocation& from, const devices::RobotLocation& to, bool counts);
  devices::RobotLocation free_floor(std::uint16_t robot) const;
  void begin_motion(const std::string& robot, std::uint32_t epoch, std::uint32_t sequence);

  // Does a robot know the place? Those whose first word the site's places name; every one when the
  // site names none.
  bool knows(const devices::RobotLocation& location) const;
  // Positions of the container that starts at that location; 96 when the site does not say.
  std::uint16_t positions_at(const devices::RobotLocation& first) const;

  Json save() const;
  Status restore(const Json& saved);

 private:
  std::map<devices::RobotLocation, std::string> vials_;
  std::map<devices::RobotLocation, std::uint16_t> containers_;  // first location, positions
  std::map<std::uint16_t, bool> units_;
  std::vector<Hardware::Motion> motions_;
  std::uint64_t moves_ = 0;
};

Json to_json(const devices::RobotLocation& location);
Result<devices::RobotLocation> location_of(const Json& json);
std::string to_text(const devices::RobotLocation& location);

}  // namespace cryobank::simulator
