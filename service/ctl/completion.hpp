// Completion scripts for bash, zsh and fish, made from the parser itself: every subcommand and
// option that the program has is completed, and nothing else. Pure text.
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

// Error: a shell that is not in kShells.
Result<std::string> completion_script(const CLI::App& app, std::string_view shell);

// The subcommand names at the deepest group that `words` reach, for "did you mean".
std::vector<std::string> names_after(const CLI::App& app, const std::vector<std::string>& words);

}  // namespace cryobank::ctl
