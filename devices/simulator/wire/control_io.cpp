#include "devices/simulator/wire/control_io.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.hpp"

namespace cryobank::simulator {

namespace {

constexpr int kBacklog = 8;

Error failed(std::string_view what) {
  return make_error(ErrorCode::io, cat("control port: ", what, ": ", std::strerror(errno)));
}

}  // namespace

ControlPort::ControlPort(Loop& loop, Handler handler) : loop_(loop), handler_(std::move(handler)) {}

ControlPort::~ControlPort() {
  while (!clients_.empty()) hang_up(clients_.begin()->first);
  if (listener_ >= 0) {
    loop_.forget(listener_);
    close(listener_);
  }
}

Status ControlPort::open(std::uint16_t port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener_ < 0) return failed("socket");
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return failed(cat("cannot listen on port ", port));
  }
  if (listen(listener_, kBacklog) != 0) return failed("listen");
  socklen_t length = sizeof address;
  if (getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return failed("getsockname");
  }
  port_ = ntohs(address.sin_port);
  return loop_.watch(listener_, EPOLLIN, [this](std::uint32_t) { on_connect(); });
}

void ControlPort::on_connect() {
  const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  if (clients_.size() >= kControlClientsMax) {
    close(fd);
    return;
  }
  clients_[fd] = {};
  const Status watched =
      loop_.watch(fd, EPOLLIN, [this, fd](std::uint32_t events) { on_event(fd, events); });
  if (!watched) hang_up(fd);
}

void ControlPort::hang_up(int fd) {
  loop_.forget(fd);
  clients_.erase(fd);
  close(fd);
}

void ControlPort::on_event(int fd, std::uint32_t events) {
  Client& client = clients_.at(fd);
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !read_some(fd, client)) {
    hang_up(fd);
    return;
  }
  write_some(fd, client);
}

bool ControlPort::read_some(int fd, Client& client) {
  char buffer[4096];
  const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return false;
  if (got > 0) client.in.append(buffer, static_cast<std::size_t>(got));
  for (std::size_t end = client.in.find('\n'); end != std::string::npos;
       end = client.in.find('\n')) {
    client.out += answer(std::string_view(client.in).substr(0, end));
    client.in.erase(0, end + 1);
  }
  return client.in.size() <= kControlLineMax;
}

void ControlPort::write_some(int fd, Client& client) {
  while (!client.out.empty()) {
    const ssize_t sent = send(fd, client.out.data(), client.out.size(), MSG_NOSIGNAL);
    if (sent <= 0) break;
    client.out.erase(0, static_cast<std::size_t>(sent));
  }
  // While an answer waits to be taken, no more commands are read.
  loop_.change(fd, client.out.empty() ? EPOLLIN : EPOLLOUT);
}

std::string ControlPort::answer(std::string_view line) const {
  Json out = Json::object();
  const Result<Json> command = parse_json(trim(line), kControlLineMax);
  const Result<Json> reply = command ? handler_(*command) : Result<Json>(command.error());
  out.set("ok", reply.ok());
  if (reply) {
    out.set("reply", *reply);
  } else {
    out.set("code", name_of(reply.error().code)).set("error", reply.error().context);
  }
  return out.dump() + "\n";
}

}  // namespace cryobank::simulator
