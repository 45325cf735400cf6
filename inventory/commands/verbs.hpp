// Verbs: every command of the inventory, who may give it, and whether a second person must confirm.
// The one table that the authoriser, the decisions and docs/commands.md agree on.
#pragma once

#include <span>
#include <string_view>

namespace cryobank::inventory {

struct VerbRule {
  std::string_view verb;                    // "course/register"
  std::span<const std::string_view> roles;  // any of them may give it
  bool needs_witness = false;               // another user with role witness or above confirms
};

// Sorted by verb. "schedule" and "service" among the roles stand for the daemon's own acts.
std::span<const VerbRule> verbs();
const VerbRule* find_verb(std::string_view verb);

}  // namespace cryobank::inventory
