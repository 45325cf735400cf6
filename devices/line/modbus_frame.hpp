// Modbus frames: a PDU with what a TCP connection or a serial line in ASCII mode puts around it.
// TCP: transaction, protocol 0, length, unit (Modbus Messaging on TCP/IP V1.0b, 3.1.3).
// ASCII: ':' hex(unit PDU LRC) CR LF (Modbus over Serial Line V1.02, 2.5.2).
// RTU: rtu_frame.hpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "config/site_config.hpp"
#include "devices/line/modbus_pdu.hpp"

namespace cryobank::devices {

inline constexpr std::size_t kTcpHeader = 7;
inline constexpr std::size_t kAsciiFrameMax = 1 + 2 * (1 + kPduMax + 1) + 2;

Bytes tcp_frame(std::uint16_t transaction, std::uint8_t unit, std::span<const std::uint8_t> pdu);
// Malformed unless transaction, protocol, length and unit are those of the request, or what the
// line's gateway is declared to make of them.
ModbusReply reply_of_tcp_frame(const ModbusRequest& request, std::uint16_t transaction,
                               std::span<const std::uint8_t> frame,
                               const config::GatewayHabits& habits = {});

std::string ascii_frame(std::uint8_t unit, std::span<const std::uint8_t> pdu);
// `frame` from ':' to before CR LF. `counts_characters`: reply_of_counted_pdu, with a checksum over
// either count.
ModbusReply reply_of_ascii_frame(const ModbusRequest& request, std::string_view frame,
                                 const config::GatewayHabits& habits = {},
                                 bool counts_characters = false);

// Whether an answer of that unit address may be the one to the request.
bool is_answerer(const ModbusRequest& request, std::uint8_t unit,
                 const config::GatewayHabits& habits);

// Unit and PDU, checksum already verified and taken off.
ModbusReply reply_of_unit_and_pdu(const ModbusRequest& request, std::span<const std::uint8_t> bytes,
                                  const config::GatewayHabits& habits = {});

}  // namespace cryobank::devices
