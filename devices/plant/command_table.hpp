// Command table of the machines: every command that Fleet::decide decides, with its body.
#pragma once

#include <span>

#include "base/command_schema.hpp"

namespace cryobank::devices {

// Sorted by verb.
std::span<const CommandSchema> schemas();

}  // namespace cryobank::devices
