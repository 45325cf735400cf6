// Command table: the entry of every command there is, of the rooms and of this floor. Authorising,
// the reading of bodies, docs/commands.md, docs/roles.md, the bodies in docs/asyncapi.yaml and
// `cryobankctl commands` are all made from it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/command_schema.hpp"

namespace cryobank::core {

// Every entry, sorted by verb.
std::span<const CommandSchema> command_table();
// Nothing for a verb nobody knows.
const CommandSchema* find_command(std::string_view verb);
// Those that this floor decides itself (decider.cpp, command_flow.cpp).
std::span<const CommandSchema> own_schemas();

}  // namespace cryobank::core
