// Modbus PDU: function code and data, without address and checksum, built from a request and read
// back against it. An answer counts only if function, byte count and echoed address, count and
// value are those of the request; everything else is malformed. Modbus Application Protocol V1.1b3.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "devices/line/modbus.hpp"

namespace cryobank::devices {

inline constexpr std::size_t kPduMax = 253;

using Bytes = std::vector<std::uint8_t>;

// High byte first. REQUIRES: at + 1 < bytes.size().
inline std::uint16_t word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

// Error: the request breaks a limit of the protocol (modbus.hpp) or writes a read-only table.
Result<Bytes> request_pdu(const ModbusRequest& request);

// The reply that these bytes are: ok, exception or malformed.
ModbusReply reply_of_pdu(const ModbusRequest& request, std::span<const std::uint8_t> pdu);

// The same where a unit counts characters instead of bytes, as the manuals of Thermo's ULT freezers
// print it: the count is that of the data bytes or twice that, and one register may come as one
// byte.
ModbusReply reply_of_counted_pdu(const ModbusRequest& request, std::span<const std::uint8_t> pdu);

// Bytes of a complete ok answer.
std::size_t answer_pdu_length(const ModbusRequest& request);

}  // namespace cryobank::devices
