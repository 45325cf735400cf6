// FaultPlan: draws per seed which kinds of faults a run has and how wild they are (swarm testing:
// a run without one kind reaches states that the kind would hide), and makes them happen.
// Fault budget: docs/simulation.md lists each kind with its bounds. Not drawn, because no record
// could survive it: a robot that lies about its own exact codes, forgets its epoch, or whose vials
// are carried away by nobody; and a disk that loses what it said was durable.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.hpp"
#include "tests/simulation/sim_broker.hpp"

namespace cryobank::simulation {

enum class FaultFamily : std::uint8_t {
  lines,
  robots,
  probes,
  physics,
  broker,
  store,
  clock,
  kills
};
inline constexpr int kFaultFamilies = 8;
std::string_view name_of(FaultFamily family);

class FaultPlan {
 public:
  // `kill`: asked to let the daemon die at one of its next effects.
  FaultPlan(Stage& stage, SimBroker& broker, std::uint64_t seed, std::function<void()> kill);

  void start();
  // Clears everything and lets nothing new happen: from now on the world is well.
  void end();
  std::string describe() const;  // "lines every 312 s, kills every 95 s"

 private:
  struct Family {
    FaultFamily family{};
    Duration every{};  // on average
  };

  void next(std::size_t family);
  void strike(FaultFamily family);
  void strike_lines();
  void strike_robots();
  void strike_probes();
  void strike_physics();
  void strike_broker();
  void strike_store();
  void strike_clock();

  const config::DeviceConfig& draw(config::DeviceKind kind);
  Json fault(std::string_view name, std::int64_t from_s, std::int64_t to_s);

  Stage& stage_;
  SimBroker& broker_;
  Prng prng_;
  std::function<void()> kill_;
  std::vector<Family> families_;
  bool over_ = false;
};

}  // namespace cryobank::simulation
