// What both families of simulated robots share: they advance by events, and know whether they are
// moving, so that two in one interlock zone see each other.
#pragma once

#include <cstdint>
#include <limits>

#include "devices/simulator/machine.hpp"
#include "devices/simulator/robot/cell.hpp"

namespace cryobank::simulator {

inline constexpr std::int64_t kNoEvent = std::numeric_limits<std::int64_t>::max();

// What the surroundings tell a robot, before each request.
struct Surroundings {
  bool zone_busy = false;
  bool oxygen_low = false;
};

class RobotMachine : public Machine {
 public:
  using Machine::Machine;
  // When something happens next by itself, in simulated milliseconds; kNoEvent: nothing.
  virtual std::int64_t next_event_ms() const = 0;
  // Carries out what happens at `now`. REQUIRES: now.ms is not past next_event_ms().
  virtual void on_event(const SimTime& now) = 0;
  virtual bool moving() const = 0;
  void set_surroundings(const Surroundings& surroundings) { around_ = surroundings; }
  // Hardware::set_robot_pace.
  void set_pace(std::int64_t motion_per_mille, std::int64_t clock_per_mille) {
    motion_pace_ = motion_per_mille;
    clock_pace_ = clock_per_mille;
  }

 protected:
  Surroundings around_;
  std::int64_t motion_pace_ = 1000;
  std::int64_t clock_pace_ = 1000;
};

}  // namespace cryobank::simulator
