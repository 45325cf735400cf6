// Log lines on standard error: with syslog priorities when systemd reads them, with time and level
// for a person otherwise. One line per event; safe from every thread.
#pragma once

#include <string_view>

#include "service/wire/effect.hpp"

namespace cryobank::service {

void write_log(core::LogLevel level, std::string_view text);

}  // namespace cryobank::service
