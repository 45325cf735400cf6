// Stage: what every part of the simulated world shares: the site, virtual time, the machines, the
// disk, the trace and the list of what was found wrong.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "config/site_config.hpp"
#include "devices/simulator/hardware.hpp"
#include "service/core/parts.hpp"
#include "tests/simulation/sim_clock.hpp"
#include "tests/simulation/sim_store.hpp"
#include "tests/simulation/timeline.hpp"
#include "tests/simulation/trace.hpp"

namespace cryobank::simulation {

struct Stage {
  Stage(const config::SiteConfig& config, std::uint64_t seed, std::size_t lines)
      : site(config), topics(config.site), hardware(config, seed), store(seed), trace(lines) {}

  const config::SiteConfig& site;
  core::Topics topics;
  Timeline timeline;
  SimClock clock;
  simulator::Hardware hardware;
  SimStore store;
  Trace trace;
  std::vector<std::string> violations;
  // Gives an input to the daemon, if one runs.
  std::function<void(core::Input)> feed;
  // The running daemon; nullptr while there is none.
  const core::Core::Parts* daemon = nullptr;
  Instant alive_since{};
  // Vials that a person has in the hand, or has just put somewhere without having told the record.
  // Once for each person who has it.
  std::multiset<std::string> in_hands;
  // Until when what a device shows may differ from its truth.
  std::map<std::string, Instant> lying_until;

  Instant mono() const { return clock.now().mono; }
  void after(Duration delay, Timeline::What what) { timeline.at(mono() + delay, std::move(what)); }
  void after_in_run(Duration delay, Timeline::What what) {
    timeline.at_for_run(mono() + delay, std::move(what));
  }
  void wrong(std::string_view what) {
    trace.note(clock.now(), cat("WRONG: ", what));
    violations.push_back(cat("at ", clock.now().mono.ns / 1'000'000, " ms: ", what));
  }
  void let_go(const std::string& code) { in_hands.erase(in_hands.find(code)); }
  // People's hands. False: nothing there to take, or no room to put it.
  bool take(const devices::RobotLocation& where) {
    trace.note(clock.now(), cat("a hand takes from ", where[0], "/", where[1], "/", where[2]));
    return hardware.take_vial(where).ok();
  }
  bool put(const devices::RobotLocation& where, const std::string& code) {
    trace.note(clock.now(),
               cat("a hand puts ", code, " in ", where[0], "/", where[1], "/", where[2]));
    return hardware.put_vial(where, code).ok();
  }
  // A command to the machines; an Error is a mistake of the simulation.
  void control(const Json& command) {
    const Result<Json> done = hardware.control(command);
    if (!done)
      wrong(cat("the simulation asked the machines for ", command.dump(), ": ",
                done.error().context));
  }
};

}  // namespace cryobank::simulation
