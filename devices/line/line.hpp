// What passes between the core and the owner of one line (a TCP endpoint or serial port): one
// request in flight per line; a request ends in exactly one reply, within its time-outs.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.hpp"
#include "devices/line/modbus.hpp"

namespace cryobank::devices {

struct LineIndex {  // place in SiteConfig::lines
  std::uint32_t value = 0;
  auto operator<=>(const LineIndex&) const = default;
};

// Order: at most one LineRequest per line is unanswered. The line never repeats it by itself.
struct LineRequest {
  std::uint64_t id = 0;
  LineIndex line;
  ModbusRequest modbus;  // lines of registers and modbus-ascii
  std::string text;      // text lines: what to send, without the line end; may be empty
  Duration response_timeout = milliseconds(1000);  // total bound for the answer, 100 ms to 10 s
  Duration silence_before{};                       // quiet time on the wire before sending
  bool counts_characters = false;                  // modbus-ascii: reply_of_counted_pdu
  bool drain_first = false;      // throw away whatever arrived late before sending
  bool reconnect_first = false;  // TCP: drop the connection and make a new one
};

struct LineReply {
  std::uint64_t id = 0;
  LineIndex line;
  ModbusReply modbus;
  std::string text;  // text lines: what came, without the line end
  Duration took{};   // from taking the request to the reply
};

// A line of text that a one-way text device sent by itself, at most 512 bytes.
struct LineText {
  LineIndex line;
  std::string text;
};

}  // namespace cryobank::devices
