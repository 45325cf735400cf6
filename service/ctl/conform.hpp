// Conformance of a machine to the reference blocks of docs/registers.md: every rule that can be
// seen from outside, one finding each. The robot's rules need motions: only `park`, which moves no
// vial.
#pragma once

#include <string>
#include <vector>

#include "config/device_profile.hpp"
#include "service/ctl/machine_io.hpp"

namespace cryobank::ctl {

struct Finding {
  bool good = false;
  std::string rule;
  std::string seen;  // what was expected and what came, when it is not good
};

// Freezers, supplies, rooms: identity, every point readable and decoded, whole block in one read.
std::vector<Finding> check_block(Machine& machine, const config::DeviceProfile& profile);

// The robot's handshake. Without `may_move` only what needs no motion.
std::vector<Finding> check_robot(Machine& machine, bool may_move);

}  // namespace cryobank::ctl
