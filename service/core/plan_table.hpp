// Plan table: the entries of the plan's commands (base/command_schema.hpp), part of the one table of
// every command.
#pragma once

#include <span>

#include "base/command_schema.hpp"

namespace cryobank::core {

std::span<const CommandSchema> plan_schemas();

}  // namespace cryobank::core
