// Site of the simulated world: the demonstration site, with as many freezers as asked for and a
// drawn mix of lines, a shipper and a reception. Made as text and read by the real loader, so that
// it is a site that could be declared.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "config/site_config.hpp"

namespace cryobank::simulation {

// Robot, room and supply, and at least two freezers, since a course lies in two.
inline constexpr int kDevicesMin = 5;
inline constexpr int kDevicesMax = 200;

struct SiteOptions {
  int devices = 7;      // kDevicesMin to kDevicesMax
  bool serial = false;  // freezers on serial lines: their frames bear no transaction number
  Duration poll_fast = seconds(1);
  std::string approval;  // kinds of jobs that wait for it, as in TOML: "store", "thaw"
};

// An Error when a file of the demonstration site cannot be read or the site made of it is refused.
Result<config::SiteConfig> make_site(const SiteOptions& options);

}  // namespace cryobank::simulation
