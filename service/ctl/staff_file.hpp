// The staff list as a text that people also write: adds, changes and removes one [[user]] table and
// leaves every other line, comments among them, as it is. Pure; the caller reads, checks the whole
// site with the new text, and writes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"

namespace cryobank::ctl {

struct StaffEntry {
  UserId id;
  std::string name;  // empty: none
  std::vector<std::string> roles;
  std::vector<std::string> channels;
  std::vector<std::string> places;
};

// Appends the table. Error: a name with a character that TOML would need escaped.
Result<std::string> add_user(std::string_view text, const StaffEntry& entry);
// `line` is where the user's table begins, counted from 1 (UserConfig::line). Error: no [[user]]
// table of that id begins there, or its roles do not stand on one line.
Result<std::string> set_roles(std::string_view text, int line, const UserId& id,
                              const std::vector<std::string>& roles);
Result<std::string> set_signing_secret(std::string_view text, int line, const UserId& id,
                                       std::string_view hash);
// With the comment lines that stand directly above the table.
Result<std::string> remove_user(std::string_view text, int line, const UserId& id);

}  // namespace cryobank::ctl
