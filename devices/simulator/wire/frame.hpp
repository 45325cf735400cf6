// Frames of the simulated servers: protocol data units to requests and replies to bytes, for Modbus
// TCP, RTU and ASCII, and the bytes that a link fault puts on the wire instead. Pure.
// Modbus Application Protocol V1.1b3; Modbus over Serial Line V1.02.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "devices/line/modbus.hpp"
#include "devices/simulator/hardware.hpp"

namespace cryobank::simulator {

using Bytes = std::vector<std::uint8_t>;

// A request as it came: what it asks, or the exception that it deserves at once.
struct ParsedRequest {
  devices::ModbusRequest request;
  std::uint8_t function = 0;
  std::uint8_t exception = 0;  // 0: `request` holds
};
// `pdu` begins with the function code. REQUIRES: at least one byte.
ParsedRequest parse_pdu(std::uint8_t unit, std::span<const std::uint8_t> pdu);

Bytes reply_pdu(const ParsedRequest& parsed, const devices::ModbusReply& reply);
Bytes tcp_frame(std::uint16_t transaction, std::uint8_t unit, const Bytes& pdu);
Bytes rtu_frame(std::uint8_t unit, const Bytes& pdu);
Bytes ascii_frame(std::uint8_t unit, const Bytes& pdu);

// Cuts one whole request (unit, PDU) off the front of what came on a serial line, and what cannot
// become one. Empty: more bytes are needed.
struct SerialRequest {
  std::uint8_t unit = 0;
  Bytes pdu;
};
std::optional<SerialRequest> take_rtu(Bytes& came);
std::optional<SerialRequest> take_ascii(Bytes& came);

// One piece of an answer on the wire, so many milliseconds after the request.
struct Piece {
  std::int64_t after_ms = 0;
  Bytes bytes;
};
enum class Framing : std::uint8_t { tcp, rtu, ascii };
// How an answer reaches the wire, given what the link does to it. `close`: hang up instead.
struct WireAnswer {
  std::vector<Piece> pieces;
  bool close = false;
};
struct FrameContext {
  Framing framing = Framing::tcp;
  std::uint16_t transaction = 0;         // tcp
  std::uint16_t transaction_before = 0;  // of the request before
  std::uint64_t noise = 0;               // for garbage
};
WireAnswer wire_answer(const FrameContext& context, const ParsedRequest& parsed,
                       const Hardware::Exchange& exchange);

}  // namespace cryobank::simulator
