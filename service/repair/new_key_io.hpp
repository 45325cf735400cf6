// The way on when a site's signing key is lost and no copy is left: a new key, and a fact
// (`signing-key-changed`) that the daemon journals at its next start and signs with it. What the
// old key signed still counts while its public half is known. The daemon is stopped. Errors:
// conflict (the key is there), unavailable (the daemon runs), invalid_value, io.
#pragma once

#include <string>

#include "config/site_config.hpp"
#include "inventory/record/checkpoint.hpp"

namespace cryobank::service {

struct NewKey {
  inventory::VerifierKey key;
  std::string former;  // verifier key line of the old one; empty: nobody kept it
};

Result<NewKey> replace_signing_key(const config::SiteConfig& site, const std::string& user,
                                   const std::string& reason);

}  // namespace cryobank::service
