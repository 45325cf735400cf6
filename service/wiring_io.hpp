// Wiring: from a site's configuration to a running daemon. The only file that knows every edge.
#pragma once

#include <string>

namespace cryobank::service {

// Runs until a signal asks it to stop; the exit code. 0: stopped as asked; 1: the configuration or
// the store refuses, which is told on standard error.
int run_daemon(const std::string& config_file);

}  // namespace cryobank::service
