#include "service/tcp_no_delay_io.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstring>
#include <filesystem>

#include "base/text.hpp"

namespace cryobank::service {
namespace {

// 0 when it is no TCP connection.
std::uint16_t peer_port(int descriptor) {
  sockaddr_storage peer{};
  socklen_t length = sizeof peer;
  if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &length) != 0) return 0;
  if (peer.ss_family == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, &peer, sizeof address);
    return ntohs(address.sin_port);
  }
  if (peer.ss_family != AF_INET6) return 0;
  sockaddr_in6 address{};
  std::memcpy(&address, &peer, sizeof address);
  return ntohs(address.sin6_port);
}

bool send_promptly(int descriptor) {
  const int on = 1;
  return setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0;
}

}  // namespace

int send_promptly_to(std::uint16_t port) {
  int connections = 0;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", failed)) {
    const auto descriptor = parse_integer(entry.path().filename().string());
    if (!descriptor || peer_port(static_cast<int>(*descriptor)) != port) continue;
    if (send_promptly(static_cast<int>(*descriptor))) ++connections;
  }
  return connections;
}

}  // namespace cryobank::service
