#include "devices/simulator/wire/listen_io.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.hpp"

namespace cryobank::simulator {

namespace {

constexpr int kListenBacklog = 4;

Error listen_failed(int fd, std::string_view what) {
  const Error error = make_error(ErrorCode::io, cat(what, ": ", std::strerror(errno)));
  if (fd >= 0) close(fd);
  return error;
}

}  // namespace

Result<Listener> listen_on(const std::string& address, std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return listen_failed(fd, "socket");
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(port);
  if (inet_pton(AF_INET, address.c_str(), &place.sin_addr) != 1 ||
      bind(fd, reinterpret_cast<sockaddr*>(&place), sizeof place) != 0 ||
      listen(fd, kListenBacklog) != 0) {
    return listen_failed(fd, cat("cannot listen on ", address, " port ", port));
  }
  socklen_t length = sizeof place;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&place), &length) != 0) {
    return listen_failed(fd, "getsockname");
  }
  return Listener{fd, ntohs(place.sin_port)};
}

int accept_from(int listener, std::size_t standing, std::size_t most) {
  const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd >= 0 && standing >= most) {
    close(fd);
    return -1;
  }
  return fd;
}

}  // namespace cryobank::simulator
