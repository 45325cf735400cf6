#include "devices/line/port_io.hpp"

#include <fcntl.h>
#include <modbus.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/check.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "devices/line/line_timing.hpp"
#include "devices/line/resolve_io.hpp"

namespace cryobank::devices {
namespace {

constexpr int kDescriptorMax = 1023;  // FD_SETSIZE - 1
// More than any answer; what still comes after that is thrown away before the next request.
constexpr int kDrainReadsMax = 64;
// How long a wait that stop() cannot end goes on without looking.
constexpr Duration kStopSlice = milliseconds(100);
// A peer that vanished without a word is noticed within half a minute: a printer's line is only
// listened to, and nothing else would ever tell.
constexpr int kKeepIdleSeconds = 15;
constexpr int kKeepIntervalSeconds = 5;
constexpr int kKeepTries = 3;

Error io_error(std::string_view what, const config::LineConfig& line, int code) {
  return make_error(ErrorCode::unavailable,
                    cat("line ", line.id.str(), ": ", what, ": ", std::strerror(code)));
}

timespec time_left(Instant until) {
  const std::int64_t ns = std::max<std::int64_t>((until - monotonic_now()).ns, 0);
  return {static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
}

// Waits for `fds[0]` unless it is negative; fds[1] is the wake descriptor.
int poll_until(std::array<pollfd, 2>& fds, Instant until) {
  for (;;) {
    const timespec left = time_left(until);
    const int ready = ppoll(fds.data(), fds.size(), until == kNever ? nullptr : &left, nullptr);
    if (ready >= 0 || errno != EINTR) return ready;
  }
}

}  // namespace

Instant monotonic_now() {
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(
              std::chrono::steady_clock::now().time_since_epoch())
              .count()};
}

void Port::FreeContext::operator()(modbus_t* context) const { modbus_free(context); }

Port::Port(const config::LineConfig& line, Duration connect_pause)
    : line_(line), connect_pause_(connect_pause), tcp_(!is_serial(line.kind)) {
  wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  CHECK(wake_fd_ >= 0);
}

Port::~Port() {
  close();
  ::close(wake_fd_);
}

Status Port::open() {
  if (is_open()) return {};
  if (stopped()) return make_error(ErrorCode::unavailable, "the daemon is stopping");
  TRY(tcp_ ? open_tcp() : open_serial());
  if (connect_pause_.ns > 0) wait(monotonic_now() + connect_pause_);
  return {};
}

Status Port::open_tcp() {
  const Instant until = monotonic_now() + line_.connect_timeout;
  TRY_ASSIGN(const auto addresses,
             resolve(line_.host, line_.port, line_.connect_timeout, stopped_));
  Status status = io_error("no address", line_, EADDRNOTAVAIL);
  for (const SocketAddress& address : addresses) {
    status = open_socket(&address.storage, address.length, address.storage.ss_family, until);
    if (status.ok()) break;
  }
  return status;
}

Status Port::open_socket(const void* address, std::uint32_t length, int family, Instant until) {
  const int fd = ::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return io_error("socket", line_, errno);
  if (Status status = connect_socket(fd, address, length, until); !status) {
    ::close(fd);
    return status;
  }
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &kKeepIdleSeconds, sizeof kKeepIdleSeconds);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &kKeepIntervalSeconds, sizeof kKeepIntervalSeconds);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &kKeepTries, sizeof kKeepTries);
  fcntl(fd, F_SETFL, 0);  // libmodbus expects a blocking descriptor
  context_.reset(modbus_new_tcp("127.0.0.1", line_.port));
  return adopt(fd);
}

Status Port::connect_socket(int socket, const void* address, std::uint32_t length, Instant until) {
  if (::connect(socket, static_cast<const sockaddr*>(address), length) == 0) return {};
  if (errno != EINPROGRESS) return io_error("connect", line_, errno);
  std::array<pollfd, 2> fds{{{socket, POLLOUT, 0}, {-1, 0, 0}}};
  while (!stopped()) {
    const Instant slice = std::min(until, monotonic_now() + kStopSlice);
    if (poll_until(fds, slice) > 0) {
      int code = 0;
      socklen_t size = sizeof code;
      getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size);
      if (code == 0) return {};
      return io_error("connect", line_, code);
    }
    if (monotonic_now() >= until) return io_error("connect", line_, ETIMEDOUT);
  }
  return make_error(ErrorCode::unavailable, "the daemon is stopping");
}

Status Port::open_serial() {
  TRY(lock_serial());
  context_.reset(modbus_new_rtu(line_.path.c_str(), line_.baud, line_.parity, line_.data_bits,
                                line_.stop_bits));
  if (context_ == nullptr) {
    const int code = errno;
    unlock_serial();
    return io_error("serial settings", line_, code);
  }
  if (modbus_connect(context_.get()) != 0) {
    const int code = errno;
    context_.reset();
    unlock_serial();
    return io_error(cat("open ", clip(line_.path, 80)), line_, code);
  }
  return adopt(modbus_get_socket(context_.get()));
}

// One owner: a second program on the same port would take half of the answers. Asked for before the
// port's settings are touched.
Status Port::lock_serial() {
  lock_fd_ = ::open(line_.path.c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (lock_fd_ < 0) return io_error(cat("open ", clip(line_.path, 80)), line_, errno);
  if (flock(lock_fd_, LOCK_EX | LOCK_NB) == 0) return {};
  const int code = errno;
  unlock_serial();
  if (code != EWOULDBLOCK) return io_error("lock", line_, code);
  return make_error(ErrorCode::conflict,
                    cat("line ", line_.id.str(), ": ", clip(line_.path, 80),
                        " is open in another program: is the daemon polling it?"));
}

void Port::unlock_serial() {
  if (lock_fd_ >= 0) ::close(lock_fd_);
  lock_fd_ = -1;
}

Status Port::adopt(int fd) {
  if (context_ == nullptr || fd > kDescriptorMax) {
    ::close(fd);
    context_.reset();
    return make_error(ErrorCode::unavailable,
                      cat("line ", line_.id.str(), ": expected a descriptor below 1024, came ", fd,
                          "; too many files are open"));
  }
  modbus_set_socket(context_.get(), fd);
  modbus_set_byte_timeout(context_.get(), 0, 0);
  modbus_set_error_recovery(context_.get(), MODBUS_ERROR_RECOVERY_NONE);
  const std::lock_guard lock(fd_guard_);
  fd_ = fd;
  if (stopped()) return make_error(ErrorCode::unavailable, "the daemon is stopping");
  return {};
}

void Port::close() {
  const std::lock_guard lock(fd_guard_);
  if (fd_ < 0) return;
  if (tcp_) {
    ::close(fd_);
  } else {
    modbus_close(context_.get());  // restores the device's settings
    unlock_serial();
  }
  fd_ = -1;
  context_.reset();
}

Waited Port::wait_readable(Instant until) {
  std::array<pollfd, 2> fds{{{fd_, POLLIN, 0}, {-1, POLLIN, 0}}};
  while (!stopped()) {
    // Woken by stop() through the shut socket; a serial device has no such thing, so it is sliced.
    const Instant slice = tcp_ ? until : std::min(until, monotonic_now() + kStopSlice);
    if (poll_until(fds, slice) > 0) return Waited::ready;
    if (monotonic_now() >= until) return Waited::late;
  }
  return Waited::stopped;
}

Waited Port::wait(Instant until) {
  std::array<pollfd, 2> fds{{{-1, 0, 0}, {-1, 0, 0}}};
  while (!stopped()) {
    const Instant now = monotonic_now();
    if (now >= until) return Waited::late;
    poll_until(fds, std::min(until, now + kStopSlice));
  }
  return Waited::stopped;
}

Waited Port::wait_for_work(Instant until, bool also_readable) {
  std::array<pollfd, 2> fds{{{also_readable ? fd_ : -1, POLLIN, 0}, {wake_fd_, POLLIN, 0}}};
  const int ready = poll_until(fds, until);
  if (stopped()) return Waited::stopped;
  if ((fds[1].revents & POLLIN) != 0) {
    eventfd_t count = 0;
    eventfd_read(wake_fd_, &count);
  }
  return ready > 0 ? Waited::ready : Waited::late;
}

Status Port::send(std::span<const std::uint8_t> bytes, Instant until) {
  while (!bytes.empty()) {
    const ssize_t sent = tcp_ ? ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT)
                              : ::write(fd_, bytes.data(), bytes.size());
    if (sent > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      std::array<pollfd, 2> fds{{{fd_, POLLOUT, 0}, {-1, 0, 0}}};
      if (poll_until(fds, std::min(until, monotonic_now() + kStopSlice)) == 0 &&
          (monotonic_now() >= until || stopped())) {
        return io_error("send", line_, ETIMEDOUT);
      }
    } else if (errno != EINTR) {
      return io_error("send", line_, errno);
    }
  }
  return {};
}

Result<std::size_t> Port::receive(std::span<std::uint8_t> into) {
  for (;;) {
    const ssize_t got = ::read(fd_, into.data(), into.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return io_error("receive", line_, errno);
  }
}

std::size_t Port::waiting() const {
  int count = 0;
  if (ioctl(fd_, FIONREAD, &count) != 0 || count < 0) return 0;
  return static_cast<std::size_t>(count);
}

bool Port::is_quiet() const {
  char byte = 0;
  const ssize_t got = recv(fd_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void Port::drain() {
  if (!is_open() || tcp_) return;
  tcflush(fd_, TCIFLUSH);
  std::array<std::uint8_t, 256> bytes{};
  for (int i = 0; i < kDrainReadsMax && waiting() > 0; ++i) {
    if (::read(fd_, bytes.data(), bytes.size()) <= 0) return;
  }
}

void Port::wake() { eventfd_write(wake_fd_, 1); }

void Port::stop() {
  stopped_.store(true);
  wake();
  const std::lock_guard lock(fd_guard_);
  if (fd_ >= 0 && tcp_) ::shutdown(fd_, SHUT_RDWR);
}

}  // namespace cryobank::devices
