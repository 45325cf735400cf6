#include "service/reach_io.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/text.hpp"

namespace cryobank::service {
namespace {

struct AddressFree {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

// 0 once connected, else errno.
int connect_error(const addrinfo& address) {
  const int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  int error = ::connect(fd, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    pollfd waiting{fd, POLLOUT, 0};
    socklen_t length = sizeof error;
    if (::poll(&waiting, 1, static_cast<int>(kReachBound.count())) != 1) {
      error = ETIMEDOUT;
    } else if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) {
      error = errno;
    }
  }
  ::close(fd);
  return error;
}

}  // namespace

Reach look_why_unreachable(const std::string& host, std::uint16_t port) {
  const std::string where = cat("the broker ", host, ":", port);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int resolved = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  const std::unique_ptr<addrinfo, AddressFree> addresses(found);
  if (resolved != 0) {
    return {core::LinkTrouble::name_unknown,
            cat("the broker's name \"", host, "\" is not known: ", ::gai_strerror(resolved))};
  }
  int error = 0;
  for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next) {
    error = connect_error(*one);
    if (error == 0) return {};
  }
  if (error == ECONNREFUSED) {
    return {core::LinkTrouble::refused, cat(where, " refuses connections: nobody listens there")};
  }
  return {core::LinkTrouble::silent, cat(where, " does not answer: ", std::strerror(error))};
}

}  // namespace cryobank::service
