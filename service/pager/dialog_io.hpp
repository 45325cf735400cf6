// Dialog: one TCP connection (plain or TLS) or serial line with a deadline on every step, for the
// line protocols of carriers. It never blocks past its deadline and never throws; what went wrong
// is a text.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "service/pager/driver.hpp"

namespace cryobank::pager {

// No answer of a carrier is longer; a peer that sends more is cut off.
inline constexpr std::size_t kAnswerBytesMax = 64 * 1024;

// A speed that a serial line can have.
bool is_line_speed(int baud);

class Dialog {
 public:
  Dialog();
  ~Dialog();
  Dialog(const Dialog&) = delete;
  Dialog& operator=(const Dialog&) = delete;
  Dialog(Dialog&& other) noexcept;
  Dialog& operator=(Dialog&& other) noexcept;

  // False: `trouble` says why.
  bool connect(const std::string& host, int port, Until until);
  // From here on TLS 1.2 or newer: the certificate is proven for `host`, against the authorities in
  // `ca_file` (PEM; empty: the system's). False: nothing was said, and the connection is closed.
  bool start_tls(const std::string& host, const std::string& ca_file, Until until);
  bool open_serial(const std::string& path, int baud);
  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  void close();

  bool write(std::string_view bytes, Until until);
  // Up to and without the line's end ("\r\n" or "\n").
  std::optional<std::string> read_line(Until until);
  // Until one of these bytes came; with it.
  std::optional<std::string> read_until(std::string_view ends, Until until);
  std::optional<std::string> read_bytes(std::size_t count, Until until);
  bool has_input() const { return !buffer_.empty(); }
  // Waits for more bytes; false when none came.
  bool fill(Until until);

  const std::string& trouble() const { return trouble_; }

 private:
  bool fail(std::string_view what);
  bool wait(short events, Until until);

  enum class Io : std::uint8_t { done, again, failed, closed };
  Io send_some(std::string_view& bytes, short& events);
  Io receive_some(short& events);

  struct Tls;
  int fd_ = -1;
  std::unique_ptr<Tls> tls_;  // empty: plain
  std::string buffer_;
  std::string trouble_;
};

}  // namespace cryobank::pager
