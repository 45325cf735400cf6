// SerialLine: serves one serial line of the site (RTU or Modbus ASCII) on a pseudo-terminal, which
// the master opens at path() as its serial port, or RTU on a TCP port as a transparent
// serial-to-network box. libmodbus has no server for several units on one serial line and none for
// ASCII, so the framing is frame.hpp's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "devices/simulator/hardware.hpp"
#include "devices/simulator/wire/frame.hpp"
#include "devices/simulator/wire/loop_io.hpp"
#include "devices/simulator/wire/terminal_io.hpp"

namespace cryobank::simulator {

inline constexpr std::size_t kSerialClientsMax = 16;  // a real box has one or a few

class SerialLine {
 public:
  SerialLine(devices::LineIndex line, Framing framing, Hardware& hardware, Loop& loop,
             std::function<void()> catch_up);
  ~SerialLine();
  SerialLine(const SerialLine&) = delete;
  SerialLine& operator=(const SerialLine&) = delete;

  // `link`: a symbolic link to make to the terminal, replaced if it is one; empty: none.
  Status open_terminal(const std::string& link);
  // Listens on a numeric IPv4 address; port 0 takes a free one.
  Status open_network(const std::string& address, std::uint16_t port);
  std::uint16_t port() const { return port_; }
  const std::string& path() const { return terminal_.path(); }

 private:
  struct Client {
    std::uint64_t number = 0;  // tells a late piece whether its connection still stands
    Bytes came;
    std::int64_t last_byte_ms = 0;
  };

  void add_client(int fd);
  void on_connect();
  void on_bytes(int fd);
  void answer(int fd, const SerialRequest& request);
  void send_bytes(int fd, const Bytes& bytes) const;
  void hang_up(int fd);

  devices::LineIndex line_;
  Framing framing_;
  Hardware& hardware_;
  Loop& loop_;
  std::function<void()> catch_up_;
  Terminal terminal_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::uint64_t next_number_ = 1;
  std::map<int, Client> clients_;
  std::uint64_t requests_ = 0;
};

}  // namespace cryobank::simulator
