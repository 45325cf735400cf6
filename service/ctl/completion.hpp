// Completion scripts for bash, zsh and fish, made from the parser itself: every subcommand and
// option that the program has is completed, with the words that the command table lists and the ids
// that `cryobankctl ids` knows, and nothing else. Pure text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own name
class App;
}

namespace cryobank::ctl {

inline constexpr std::string_view kShells[] = {"bash", "zsh", "fish"};

// What `cryobankctl ids` lists.
inline constexpr std::string_view kIdKinds[] = {"alarm",    "calendar", "clinic",  "container",
                                                "course",   "device",   "freezer", "job",
                                                "protocol", "robot",    "user"};

// Error: a shell that is not in kShells.
Result<std::string> completion_script(const CLI::App& app, std::string_view shell);

// What may come next in a group, for "did you mean": its subcommands, and its options and those of
// the whole program ("--json").
std::vector<std::string> commands_of(const CLI::App& group);
std::vector<std::string> options_of(const CLI::App& app, const CLI::App& group);
// Nothing when the group has none of that name.
const CLI::App* command_named(const CLI::App& group, const std::string& name);

}  // namespace cryobank::ctl
