// TextLine: serves one text line of the site, on a TCP port as a serial-to-network box or on a
// pseudo-terminal. Questions are answered to who asked; what machines print goes to everybody.
// Faults of the link show on the wire.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "devices/simulator/hardware.hpp"
#include "devices/simulator/wire/loop_io.hpp"
#include "devices/simulator/wire/terminal_io.hpp"

namespace cryobank::simulator {

inline constexpr std::size_t kTextClientsMax = 16;  // a real box has one or a few

class TextLine {
 public:
  // `catch_up` brings the hardware to the present. All must outlive the line.
  TextLine(devices::LineIndex line, Hardware& hardware, Loop& loop, std::function<void()> catch_up);
  ~TextLine();
  TextLine(const TextLine&) = delete;
  TextLine& operator=(const TextLine&) = delete;

  // Listens on a numeric IPv4 address; port 0 takes a free one.
  Status open_network(const std::string& address, std::uint16_t port);
  Status open_terminal(const std::string& link);
  std::uint16_t port() const { return port_; }
  const std::string& path() const { return terminal_.path(); }

  // Sends what the machines have printed by now.
  void print();

 private:
  struct Client {
    std::uint64_t number = 0;  // tells a late piece whether its connection still stands
    std::string came;
  };

  void add_client(int fd);
  void on_connect();
  void on_bytes(int fd);
  void answer(int fd, const std::string& question);
  void say(int fd, std::string bytes, std::int64_t after_ms);
  void send_bytes(int fd, const std::string& bytes) const;
  void hang_up(int fd);

  devices::LineIndex line_;
  Hardware& hardware_;
  Loop& loop_;
  std::function<void()> catch_up_;
  Terminal terminal_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::uint64_t next_number_ = 1;
  std::map<int, Client> clients_;
};

}  // namespace cryobank::simulator
