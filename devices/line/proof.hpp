// Proof: runs the frame pairs that a profile carries from its source through this room's own PDU
// reader and register codec, or its lines of text through the text protocol. A map that cannot
// decode its own manual's frames is not trusted.
#pragma once

#include "base/result.hpp"
#include "config/device_profile.hpp"

namespace cryobank::devices {

// ok, or an Error that says what the frame decodes to instead. REQUIRES: `proof` passed the linter.
Status prove(const config::DeviceProfile& profile, const config::ProofFrame& proof);

}  // namespace cryobank::devices
