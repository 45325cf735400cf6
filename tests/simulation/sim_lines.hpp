// SimLines: the wires to the machines. One request a line; the unit acts when the request leaves or
// when the answer comes, and a daemon that dies in between never hears of it.
// Fault budget: on top of the link faults of the simulated hardware (delay, loss of request or
// answer, garbage, one-behind, wrong unit, exceptions, disconnects), answers come after a drawn
// time, and later than the time-out they do not come at all. A request is never repeated here.
#pragma once

#include <optional>
#include <vector>

#include "base/prng.hpp"
#include "service/wire/effect.hpp"
#include "tests/simulation/stage.hpp"

namespace cryobank::simulation {

class SimLines {
 public:
  SimLines(Stage& stage, std::uint64_t seed);

  void send(devices::LineRequest&& request);
  // What was under way may still reach the unit.
  void daemon_died();

 private:
  struct Flight {
    devices::LineRequest request;
    std::optional<devices::ModbusReply> answered;  // by the unit, already
    Duration takes{};
    bool busy = false;
  };

  void execute(Flight& flight);
  void reply(std::size_t line);

  Stage& stage_;
  Prng prng_;
  std::vector<Flight> flights_;  // by line
};

}  // namespace cryobank::simulation
