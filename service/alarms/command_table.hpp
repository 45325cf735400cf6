// Command table of the alarms: every command that Board::decide decides, with its body.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "base/command_schema.hpp"

namespace cryobank::alarms {

// What an acknowledgement says of the way there.
inline constexpr std::array<std::string_view, 4> kTakenReasons{"going", "remote-fix", "false",
                                                               "handed-over"};

// Sorted by verb.
std::span<const CommandSchema> schemas();

}  // namespace cryobank::alarms
