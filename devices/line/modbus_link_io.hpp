// ModbusLink: one request and its answer over a Port, by Modbus TCP, RTU, RTU over TCP or ASCII.
// libmodbus 3.1.6 opens serial devices; frames are received here, with what the library does not
// look at: transaction, protocol, length, unit, echoes of writes (stack measurements: it accepts
// all of them wrong), and what stands before an RTU answer. The total time is bounded by the
// request's own time-out. Bytes behind an answer make the connection be made anew. After anything
// but an answer a TCP connection is closed, so that no late answer can meet a later request. A
// request is sent at most once.
#pragma once

#include <cstdint>

#include "devices/line/line.hpp"
#include "devices/line/port_io.hpp"

namespace cryobank::devices {

class ModbusLink {
 public:
  // Both must outlive this.
  ModbusLink(Port& port, const config::LineConfig& line) : port_(port), line_(line) {}

  ModbusReply exchange(const LineRequest& request);

 private:
  Status prepare(const LineRequest& request);
  ModbusReply send_and_receive(const LineRequest& request, const std::vector<std::uint8_t>& pdu);
  ModbusReply over_tcp(const ModbusRequest& request, const std::vector<std::uint8_t>& pdu,
                       Instant until);
  ModbusReply over_rtu(const ModbusRequest& request, const std::vector<std::uint8_t>& pdu,
                       Instant until);
  ModbusReply over_ascii(const LineRequest& request, const std::vector<std::uint8_t>& pdu,
                         Instant until);

  Port& port_;
  const config::LineConfig& line_;
  std::uint16_t transaction_ = 0;
  bool surplus_ = false;  // more came than one answer
  Instant last_activity_{};
};

}  // namespace cryobank::devices
