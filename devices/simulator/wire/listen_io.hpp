// A listening socket of the simulator, and who connects to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace cryobank::simulator {

struct Listener {
  int fd = -1;
  std::uint16_t port = 0;
};

// Listens on a numeric IPv4 address; port 0 takes a free one. The caller closes the descriptor.
// Errors: io.
Result<Listener> listen_on(const std::string& address, std::uint16_t port);

// The next connection, not blocking; -1: there is none, or as many as `most` stand already.
int accept_from(int listener, std::size_t standing, std::size_t most);

}  // namespace cryobank::simulator
