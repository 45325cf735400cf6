// The whole command line: every option that stands before a command, every command, and what an
// option says that has the name of one of those before it. Declares only; nothing is read or sent.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "service/ctl/commands.hpp"

namespace cryobank::ctl {

// `app` and `globals` must live as long as the line is parsed and its work is done.
void build_line(CLI::App& app, Globals& globals);

// Calls `see` with each command that has no further ones, from "alarm ack" to "user rm".
void each_command(CLI::App& app, const std::function<void(CLI::App& command)>& see);

}  // namespace cryobank::ctl
