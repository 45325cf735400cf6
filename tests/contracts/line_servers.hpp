// Servers that misbehave on order, for the contract of lines: one on a loopback socket, one on a
// pseudo terminal. Each runs on a thread of its own and asks a script what to do with each request.
#pragma once

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pty.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "devices/line/modbus_pdu.hpp"
#include "devices/line/port_io.hpp"

namespace cryobank::devices {

// One step of an answer: wait, then send bytes or end the connection.
struct Step {
  Duration wait{};
  Bytes bytes = {};
  enum class End : std::uint8_t { none, close, reset } end = End::none;
};
// What to do with the bytes of one request, the n-th (from 0) of the server's life.
using Script = std::function<std::vector<Step>(const Bytes& request, int n)>;

class ServerBase {
 public:
  ServerBase() : stop_fd_(eventfd(0, EFD_CLOEXEC)) {
    std::signal(SIGPIPE, SIG_IGN);  // the line may be gone when it answers
  }
  virtual ~ServerBase() { ::close(stop_fd_); }
  ServerBase(const ServerBase&) = delete;
  ServerBase& operator=(const ServerBase&) = delete;

  int requests() const { return requests_.load(); }
  int connections() const { return connections_.load(); }

 protected:
  // False when the server is to stop.
  bool wait(int fd, short events, Duration bound) {
    pollfd fds[2] = {{fd, events, 0}, {stop_fd_, POLLIN, 0}};
    const int ms = bound == kForever ? -1 : static_cast<int>(bound.ms());
    while (poll(fds, 2, ms) < 0) {
    }
    return (fds[1].revents & POLLIN) == 0;
  }
  // False when the connection is over.
  bool play(int fd, const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      if (step.wait.ns > 0 && !wait(-1, 0, step.wait)) return false;
      if (!step.bytes.empty() && ::write(fd, step.bytes.data(), step.bytes.size()) < 0) {
        return false;
      }
      if (step.end == Step::End::none) continue;
      if (step.end == Step::End::reset) {
        const linger now{1, 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
      }
      return false;
    }
    return true;
  }
  void end() { eventfd_write(stop_fd_, 1); }

  static constexpr Duration kForever{-1};
  int stop_fd_;
  std::atomic<int> requests_{0};
  std::atomic<int> connections_{0};
};

inline int listen_on_loopback(std::uint16_t& port, int backlog) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd, backlog) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no loopback port");
  }
  port = ntohs(address.sin_port);
  return fd;
}

// Modbus TCP, or lines of text: a request is whatever arrives at once.
class TcpServer : public ServerBase {
 public:
  explicit TcpServer(Script script, Bytes greeting = {}, std::function<void()> connected = {})
      : script_(std::move(script)),
        greeting_(std::move(greeting)),
        connected_(std::move(connected)),
        listener_(listen_on_loopback(port, 16)),
        thread_([this] { run(); }) {}
  ~TcpServer() override {
    end();
    thread_.join();
    ::close(listener_);
  }

  std::uint16_t port = 0;

 private:
  void run() {
    while (wait(listener_, POLLIN, kForever)) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      ++connections_;
      if (connected_) connected_();
      if (greeting_.empty() || play(fd, {Step{.bytes = greeting_}})) serve(fd);
      ::close(fd);
    }
  }
  void serve(int fd) {
    std::uint8_t bytes[512];
    while (wait(fd, POLLIN, kForever)) {
      const ssize_t got = ::read(fd, bytes, sizeof bytes);
      if (got <= 0) return;
      const int n = requests_++;
      if (!play(fd, script_(Bytes(bytes, bytes + got), n))) return;
    }
  }

  Script script_;
  Bytes greeting_;
  std::function<void()> connected_;
  int listener_;
  std::thread thread_;
};

// Takes connections into its queue and then no more: later ones are never answered.
class BlackHole {
 public:
  BlackHole() : listener_(listen_on_loopback(port, 0)) {
    for (int i = 0; i < 4; ++i) {
      const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      address.sin_port = htons(port);
      if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
        // In the queue, or waiting for it: both keep it full.
      }
      fillers_.push_back(fd);
    }
  }
  ~BlackHole() {
    for (const int fd : fillers_) ::close(fd);
    ::close(listener_);
  }
  BlackHole(const BlackHole&) = delete;
  BlackHole& operator=(const BlackHole&) = delete;

  std::uint16_t port = 0;

 private:
  int listener_;
  std::vector<int> fillers_;
};

// The far end of a serial line. A request ends when nothing came for 20 ms.
class PtyServer : public ServerBase {
 public:
  explicit PtyServer(Script script) : script_(std::move(script)) {
    char name[64];
    int slave = -1;
    if (openpty(&master_, &slave, name, nullptr, nullptr) != 0) {
      throw std::runtime_error("no pseudo terminal");
    }
    path = name;
    termios raw{};
    tcgetattr(slave, &raw);
    cfmakeraw(&raw);
    tcsetattr(slave, TCSANOW, &raw);
    slave_ = slave;  // kept open, so that the line may close and open its end
    thread_ = std::thread([this] { run(); });
  }
  ~PtyServer() override {
    end();
    thread_.join();
    ::close(slave_);
    ::close(master_);
  }

  std::string path;

 private:
  void run() {
    Bytes request;
    std::uint8_t bytes[512];
    while (wait(master_, POLLIN, request.empty() ? kForever : milliseconds(20))) {
      pollfd now{master_, POLLIN, 0};
      const ssize_t got = poll(&now, 1, 0) > 0 ? ::read(master_, bytes, sizeof bytes) : 0;
      if (got > 0) {
        request.insert(request.end(), bytes, bytes + got);
      } else if (!request.empty()) {
        const int n = requests_++;
        play(master_, script_(request, n));
        request.clear();
      }
    }
  }

  Script script_;
  int master_ = -1;
  int slave_ = -1;
  std::thread thread_;
};

}  // namespace cryobank::devices
