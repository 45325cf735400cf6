#include "service/pager/dialog_io.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/text.hpp"

namespace cryobank::pager {
namespace {

constexpr std::size_t kChunk = 4096;

int left_ms(Until until) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 600'000));
}

speed_t speed_of(int baud) {
  switch (baud) {
    case 1200:
      return B1200;
    case 2400:
      return B2400;
    case 4800:
      return B4800;
    case 19200:
      return B19200;
    case 38400:
      return B38400;
    case 57600:
      return B57600;
    case 115200:
      return B115200;
    default:
      return B9600;
  }
}

}  // namespace

Dialog::~Dialog() { close(); }

Dialog::Dialog(Dialog&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}

Dialog& Dialog::operator=(Dialog&& other) noexcept {
  if (this == &other) return *this;
  close();
  fd_ = std::exchange(other.fd_, -1);
  buffer_ = std::move(other.buffer_);
  trouble_ = std::move(other.trouble_);
  return *this;
}

void Dialog::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  buffer_.clear();
}

bool Dialog::fail(std::string_view what) {
  trouble_ = what;
  return false;
}

bool Dialog::wait(short events, Until until) {
  pollfd one{fd_, events, 0};
  for (;;) {
    const int ready = ::poll(&one, 1, left_ms(until));
    if (ready > 0) return true;
    if (ready < 0 && errno == EINTR) continue;
    return fail("no answer in time");
  }
}

bool Dialog::connect(const std::string& host, int port, Until until) {
  close();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code != 0) return fail(cat("no address for ", host, ": ", gai_strerror(code)));
  for (const addrinfo* one = found; one != nullptr && fd_ < 0; one = one->ai_next) {
    fd_ = ::socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) continue;
    int error = 0;
    if (::connect(fd_, one->ai_addr, one->ai_addrlen) != 0) {
      error = errno;
      if (error == EINPROGRESS && wait(POLLOUT, until)) {
        socklen_t size = sizeof error;
        ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
      }
    }
    if (error == 0) break;
    trouble_ = cat(host, ":", port, ": ",
                   error == EINPROGRESS ? "no answer in time" : std::strerror(error));
    close();
  }
  ::freeaddrinfo(found);
  if (fd_ < 0) return false;
  const int on = 1;
  ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return true;
}

bool Dialog::open_serial(const std::string& path, int baud) {
  close();
  fd_ = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd_ < 0) return fail(cat("cannot open ", path, ": ", std::strerror(errno)));
  termios settings{};
  if (::tcgetattr(fd_, &settings) == 0) {
    ::cfmakeraw(&settings);
    ::cfsetspeed(&settings, speed_of(baud));
    settings.c_cflag |= CLOCAL | CREAD;
    ::tcsetattr(fd_, TCSANOW, &settings);
  }
  return true;
}

bool Dialog::write(std::string_view bytes, Until until) {
  if (fd_ < 0) return fail("not connected");
  while (!bytes.empty()) {
    // A connection that the other side closed must not end the program.
    ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == ENOTSOCK) sent = ::write(fd_, bytes.data(), bytes.size());
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!wait(POLLOUT, until)) return false;
    } else if (errno != EINTR) {
      return fail(cat("connection lost: ", std::strerror(errno)));
    }
  }
  return true;
}

bool Dialog::fill(Until until) {
  if (fd_ < 0) return fail("not connected");
  if (buffer_.size() > kAnswerBytesMax) return fail("an answer without end");
  for (;;) {
    std::array<char, kChunk> chunk{};
    const ssize_t got = ::read(fd_, chunk.data(), chunk.size());
    if (got > 0) {
      buffer_.append(chunk.data(), static_cast<std::size_t>(got));
      return true;
    }
    if (got == 0) return fail("the other side closed the connection");
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return fail(cat("connection lost: ", std::strerror(errno)));
    if (!wait(POLLIN, until)) return false;
  }
}

std::optional<std::string> Dialog::read_until(std::string_view ends, Until until) {
  for (;;) {
    const std::size_t end = buffer_.find_first_of(ends);
    if (end != std::string::npos) {
      std::string taken = buffer_.substr(0, end + 1);
      buffer_.erase(0, end + 1);
      return taken;
    }
    if (!fill(until)) return std::nullopt;
  }
}

std::optional<std::string> Dialog::read_line(Until until) {
  std::optional<std::string> line = read_until("\n", until);
  if (!line) return std::nullopt;
  while (!line->empty() && (line->back() == '\n' || line->back() == '\r')) line->pop_back();
  return line;
}

std::optional<std::string> Dialog::read_bytes(std::size_t count, Until until) {
  while (buffer_.size() < count) {
    if (!fill(until)) return std::nullopt;
  }
  std::string taken = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return taken;
}

std::optional<std::string> Dialog::read_rest(Until until) {
  while (fill(until)) {
  }
  if (trouble_ != "the other side closed the connection") return std::nullopt;
  return take_buffer();
}

}  // namespace cryobank::pager
