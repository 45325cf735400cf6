#include "tests/pager/fault_peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "base/text.hpp"

namespace cryobank::pager {
namespace {

// Longer than any driver of these tests waits.
constexpr int kHangMs = 120;
constexpr int kReadMs = 500;

}  // namespace

bool PeerLine::write(std::string_view bytes) const {
  return ::write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
}

void PeerLine::draw() {
  if (every_ == 0) return;
  fault_ = static_cast<PeerFault>(prng_.below(kPeerFaults));
  at_ = replies_ + static_cast<int>(prng_.below(static_cast<std::uint64_t>(every_)));
}

bool PeerLine::read_some(std::string& out) {
  pollfd one{fd_, POLLIN, 0};
  if (::poll(&one, 1, kReadMs) <= 0) return false;
  std::array<char, 4096> chunk{};
  const ssize_t got = ::read(fd_, chunk.data(), chunk.size());
  if (got <= 0) return false;
  out.append(chunk.data(), static_cast<std::size_t>(got));
  return true;
}

bool PeerLine::read_until(std::string_view ends, std::string& out) {
  for (;;) {
    const std::size_t end = buffer_.find_first_of(ends);
    if (end != std::string::npos) {
      out = buffer_.substr(0, end + 1);
      buffer_.erase(0, end + 1);
      return true;
    }
    if (!read_some(buffer_)) return false;
  }
}

bool PeerLine::read_bytes(std::size_t count, std::string& out) {
  while (buffer_.size() < count) {
    if (!read_some(buffer_)) return false;
  }
  out = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return true;
}

bool PeerLine::reply(std::string_view good, std::string_view refusal, bool& said) {
  said = false;
  if (replies_++ != at_) {
    said = write(good);
    return said;
  }
  switch (fault_) {
    case PeerFault::none:
      draw();
      said = write(good);
      return said;
    case PeerFault::close_before:
      return false;
    case PeerFault::close_within:
      write(good.substr(0, good.size() / 2));
      return false;
    case PeerFault::hang: {
      pollfd one{fd_, POLLIN, 0};
      ::poll(&one, 1, kHangMs);
      return false;
    }
    case PeerFault::late:
      ::usleep(kHangMs * 1000);
      write(good);
      return false;
    case PeerFault::garbage: {
      std::string noise;
      for (int i = 0; i < 40; ++i) noise += static_cast<char>(prng_.below(256));
      write(noise + "\r\n");
      return false;
    }
    case PeerFault::refuse:
      write(refusal);
      return false;
    case PeerFault::twice:
      draw();
      said = write(good) && write(good);
      return said;
    case PeerFault::slow:
      draw();
      for (const char c : good) {
        if (!write(std::string_view(&c, 1))) return false;
        ::usleep(200);
      }
      said = true;
      return true;
  }
  return false;
}

FaultPeer::FaultPeer(std::uint64_t seed, int replies_max, Script script)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      replies_max_(replies_max),
      script_(std::move(script)),
      prng_(seed) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  CHECK(::listen(listener_, 64) == 0);
  socklen_t size = sizeof address;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

FaultPeer::~FaultPeer() {
  thread_.request_stop();
  thread_.join();
  ::close(listener_);
}

void FaultPeer::take(const std::string& text, int depth) {
  const std::lock_guard lock(mutex_);
  int& known = taken_[text];
  known = std::max(known, depth);
}

int FaultPeer::taken(const std::string& text) {
  const std::lock_guard lock(mutex_);
  const auto found = taken_.find(text);
  return found == taken_.end() ? 0 : found->second;
}

std::string FaultPeer::note(const std::string& text) {
  const std::lock_guard lock(mutex_);
  notes_.push_back(text);
  return cat("n", notes_.size());
}

std::string FaultPeer::noted(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const Result<std::int64_t> number = parse_integer(std::string_view(name).substr(1));
  if (!number || *number < 1 || *number > static_cast<std::int64_t>(notes_.size())) return {};
  return notes_[static_cast<std::size_t>(*number - 1)];
}

void FaultPeer::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd one{listener_, POLLIN, 0};
    if (::poll(&one, 1, 50) <= 0) continue;
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++connections_;
    PeerLine line(fd, faults_ ? replies_max_ : 0, prng_.next());
    script_(line, *this);
    ::shutdown(fd, SHUT_RDWR);
    ::close(fd);
  }
}

}  // namespace cryobank::pager
