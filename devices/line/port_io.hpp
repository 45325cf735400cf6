// Port: the open end of one line, a TCP connection or a serial device. Used by the line's own
// thread; only stop() may come from another, and ends any wait at once. Every wait is bounded by a
// point in monotonic time. A descriptor of 1024 or more is refused, since libmodbus waits by
// select() and aborts on it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "base/result.hpp"
#include "base/time.hpp"
#include "config/site_config.hpp"

struct _modbus;  // of libmodbus, which calls it modbus_t

namespace cryobank::devices {

Instant monotonic_now();

enum class Waited : std::uint8_t { ready, late, stopped };

class Port {
 public:
  // `connect_pause` is silence after connecting.
  Port(const config::LineConfig& line, Duration connect_pause);
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  // Connects within the line's connect time-out, name resolution included.
  Status open();
  void close();
  bool is_open() const { return fd_ >= 0; }
  bool is_tcp() const { return tcp_; }

  // Something to read, or the other end closed.
  Waited wait_readable(Instant until);
  // Nothing but time, or stop().
  Waited wait(Instant until);
  // Also ends early when wake() was called; says `ready` then.
  Waited wait_for_work(Instant until, bool also_readable);

  // Error when the connection broke or `until` passed.
  Status send(std::span<const std::uint8_t> bytes, Instant until);
  // What there is, at most the span; 0 when the other end closed; an Error when it broke.
  Result<std::size_t> receive(std::span<std::uint8_t> into);
  // Bytes that wait to be read; serial only.
  std::size_t waiting() const;
  // TCP: nobody has sent anything since the last answer, and the connection stands.
  bool is_quiet() const;
  void drain();

  // From any thread.
  void wake();
  void stop();
  bool stopped() const { return stopped_.load(); }

 private:
  struct FreeContext {
    void operator()(_modbus* context) const;
  };

  Status open_tcp();
  Status open_serial();
  Status lock_serial();
  void unlock_serial();
  Status open_socket(const void* address, std::uint32_t length, int family, Instant until);
  Status connect_socket(int socket, const void* address, std::uint32_t length, Instant until);
  Status adopt(int fd);

  const config::LineConfig& line_;
  Duration connect_pause_;
  bool tcp_;
  int wake_fd_ = -1;
  int fd_ = -1;
  int lock_fd_ = -1;     // holds the serial port against other programs
  std::mutex fd_guard_;  // stop() shuts the socket that close() may be closing
  std::atomic<bool> stopped_{false};
  std::unique_ptr<_modbus, FreeContext> context_;
};

}  // namespace cryobank::devices
