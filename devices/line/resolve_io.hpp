// Name resolution with a bound. getaddrinfo() has none, so a name is looked up on a thread of its
// own, which is left behind when the time is over; it owns what it touches. Literal addresses need
// no thread.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace cryobank::devices {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

// The addresses of the host in the order to try them, IPv4 and IPv6, at most kAddressesMax. Error:
// unknown, or not known within `bound` or before `stopped` is set.
inline constexpr std::size_t kAddressesMax = 4;
Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port,
                                           Duration bound, const std::atomic<bool>& stopped);

}  // namespace cryobank::devices
