// TcpLine: serves one line of the site as a real Modbus TCP server, through libmodbus. Requests of
// all units on it are dispatched to the Hardware; a fault of the link shows on the wire.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "devices/simulator/hardware.hpp"
#include "devices/simulator/wire/frame.hpp"
#include "devices/simulator/wire/loop_io.hpp"

struct _modbus;

namespace cryobank::simulator {

inline constexpr std::size_t kModbusClientsMax = 256;  // of one line: far above one daemon's need

class TcpLine {
 public:
  // `catch_up` brings the hardware to the present. All must outlive the line.
  TcpLine(devices::LineIndex line, Hardware& hardware, Loop& loop, std::function<void()> catch_up);
  ~TcpLine();
  TcpLine(const TcpLine&) = delete;
  TcpLine& operator=(const TcpLine&) = delete;

  // Listens on a numeric IPv4 address; port 0 takes a free one.
  Status open(const std::string& address, std::uint16_t port);
  std::uint16_t port() const { return port_; }

 private:
  struct Client {
    std::uint64_t number = 0;  // tells a late piece whether its connection still stands
    std::uint16_t transaction_before = 0;
  };

  void on_connect();
  void on_request(int fd);
  void answer(int fd, const std::uint8_t* frame, int length);
  void reply_by_library(const std::uint8_t* frame, int length, const ParsedRequest& parsed,
                        const devices::ModbusReply& reply);
  void send_pieces(int fd, const WireAnswer& wire);
  void send_bytes(int fd, const Bytes& bytes);
  void hang_up(int fd);

  devices::LineIndex line_;
  Hardware& hardware_;
  Loop& loop_;
  std::function<void()> catch_up_;
  _modbus* context_ = nullptr;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::uint64_t next_number_ = 1;
  std::map<int, Client> clients_;
};

}  // namespace cryobank::simulator
