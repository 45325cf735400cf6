// systemd's notify protocol: READY, WATCHDOG, STOPPING and a status line. Silent when the process
// was not started by systemd.
#pragma once

#include "service/wire/effect.hpp"

namespace cryobank::service {

void notify_systemd(const core::NotifySystemd& notice);

}  // namespace cryobank::service
