// One seed: its world runs twice, and the two traces must be equal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulation/world.hpp"

namespace cryobank::simulation {

struct Outcome {
  std::vector<std::string> violations;
  std::uint64_t hash = 0;
  std::uint64_t steps = 0;
  Duration simulated{};
  std::uint64_t kills = 0;
  std::uint64_t moves = 0;
  std::uint64_t commits = 0;
  std::string plan;
  std::string last_lines;  // only with WorldOptions::lines
};

// The site that the seed draws.
Result<config::SiteConfig> draw_site(const WorldOptions& options);
Outcome run_once(const config::SiteConfig& site, const WorldOptions& options);
// A violation of its own when the second run differs.
Outcome run_twice(const WorldOptions& options);

}  // namespace cryobank::simulation
