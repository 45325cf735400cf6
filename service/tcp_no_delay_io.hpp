// Small messages leave at once: turns Nagle's algorithm off (TCP_NODELAY, tcp(7)) on this process's
// TCP connections to one port. The MQTT library opens its socket itself and does not hand it out,
// and with the algorithm on, an acknowledgement followed by a reply waits for the peer's delayed
// ACK, 40 ms on Linux. Call it after each connect.
#pragma once

#include <cstdint>

namespace cryobank::service {

// How many connections have it now; 0 when none leads to `port` or the kernel refused.
int send_promptly_to(std::uint16_t port);

}  // namespace cryobank::service
