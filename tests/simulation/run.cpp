#include "tests/simulation/run.hpp"

namespace cryobank::simulation {

Result<config::SiteConfig> draw_site(const WorldOptions& options) {
  SiteOptions site;
  site.devices = options.devices;
  site.poll_fast = options.poll_fast;
  site.serial = options.faults && options.seed % 2 == 0;
  // Two of three sites want no approval, the others that of some kinds of orders.
  static constexpr std::string_view kApproval[] = {
      R"("retrieve")", R"("store", "thaw", "relocate", "retrieve", "scan")", R"("thaw")",
      R"("store", "relocate")"};
  if (options.seed % 3 == 0) {
    site.approval = kApproval[options.seed / 3 % std::size(kApproval)];
  }
  return make_site(site);
}

Outcome run_once(const config::SiteConfig& site, const WorldOptions& options) {
  World world(site, options);
  world.run();
  Outcome out;
  out.violations = world.violations();
  out.hash = world.trace().hash();
  out.steps = world.trace().steps();
  out.simulated = world.simulated();
  out.kills = world.kills();
  out.moves = world.moves();
  out.commits = world.commits();
  out.plan = world.plan();
  for (const std::string& line : world.trace().lines()) out.last_lines += cat(line, "\n");
  return out;
}

Outcome run_twice(const WorldOptions& options) {
  const Result<config::SiteConfig> site = draw_site(options);
  if (!site) {
    Outcome out;
    out.violations.push_back(site.error().context);
    return out;
  }
  Outcome first = run_once(*site, options);
  WorldOptions again = options;
  if (options.planted == Planted::unequal_runs) ++again.seed;
  const Outcome second = run_once(*site, again);
  if (first.hash != second.hash || first.steps != second.steps) {
    first.violations.push_back(cat("two runs differ: ", hex16(first.hash), " after ", first.steps,
                                   " steps, ", hex16(second.hash), " after ", second.steps));
  }
  first.simulated = first.simulated + second.simulated;
  return first;
}

}  // namespace cryobank::simulation
