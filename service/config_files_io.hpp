// Configuration from files: reads the site file and what it names, and prints every fault as
// file:line: text.
#pragma once

#include <string>

#include "base/result.hpp"
#include "config/fault.hpp"
#include "config/reload.hpp"
#include "config/site_config.hpp"

namespace cryobank::service {

// At most 1 MiB; the Error names the path and why.
Result<std::string> read_config_file(const std::string& path);

// The site of `path`. False when any fault refuses it, also that a file which the daemon writes is
// another's (site_paths_io.hpp); the faults tell.
bool load_site(const std::string& path, config::SiteConfig& site, config::Faults& faults);
// The same, and every text that was read, by path.
bool load_site(const std::string& path, config::SiteConfig& site, config::Faults& faults,
               config::SiteTexts& texts);

// On standard error, warnings too.
void print_faults(const config::Faults& faults);

// First line of a password file, which others than its owner and group must not read; the empty
// path is no password. Errors: not_authorised, io.
Result<std::string> read_password(const std::string& path);

// One line that is a password, which nobody else can change either: what read_password() reads is
// what was meant. Errors as there, and invalid_value.
Status expect_password_file(const std::string& path);

}  // namespace cryobank::service
