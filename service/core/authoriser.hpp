// Authoriser: which role may give which command, and which commands need a second person. The
// daemon checks it although the broker checked the login: the broker proves who, never what.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/record.hpp"
#include "base/result.hpp"
#include "config/site_config.hpp"

namespace cryobank::core {

struct VerbRule {
  std::string_view verb;
  std::span<const std::string_view> roles;  // any of them
  bool two_people = false;                  // a witness must confirm before it is decided
};

// Verbs of this floor, the alarms and the devices; those of the inventory are in its verbs.hpp.
std::span<const VerbRule> verb_rules();
// Empty for a verb nobody knows.
std::optional<VerbRule> find_verb(std::string_view verb);

// Errors: unknown_key (no such command), not_authorised (names the roles that may).
Status authorise(std::string_view verb, const Actor& actor);
// May this user confirm as the witness of that one's command? not_authorised says why not.
Status may_witness(const config::SiteConfig& config, const UserId& sender, const UserId& witness);

}  // namespace cryobank::core
