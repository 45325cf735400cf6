// Authoriser: may this person give this command, or confirm that one's? The roles stand in the
// command table. The daemon checks them although the broker checked the login: the broker proves
// who, never what.
#pragma once

#include <string_view>

#include "base/record.hpp"
#include "base/result.hpp"
#include "config/site_config.hpp"

namespace cryobank::core {

// Errors: unknown_key (no such command), not_authorised (names the roles that may).
Status authorise(std::string_view verb, const Actor& actor);
// May this user confirm as the witness of that one's command? not_authorised says why not.
Status may_witness(const config::SiteConfig& config, const UserId& sender, const UserId& witness);

}  // namespace cryobank::core
