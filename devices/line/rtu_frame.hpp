// RTU frames: unit, PDU, CRC-16 low byte first (Modbus over Serial Line V1.02, 2.5.1), found among
// the bytes that came. A stray byte before the answer, frames of other units on the wire and the
// echo of an adapter are passed over; what is taken has the unit, the function, the length and the
// checksum of an answer to this request. Pure: bytes in, a reply or nothing out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "config/site_config.hpp"
#include "devices/line/modbus_pdu.hpp"

namespace cryobank::devices {

// What may come before an answer and be passed over: two of the longest frames.
inline constexpr std::size_t kRtuBytesMax = 512;

Bytes rtu_frame(std::uint8_t unit, std::span<const std::uint8_t> pdu);

// The answer among the bytes. Without one, nothing: it may still come.
std::optional<ModbusReply> find_rtu_answer(const ModbusRequest& request,
                                           std::span<const std::uint8_t> bytes,
                                           const config::GatewayHabits& habits);

// Where what an adapter echoes ends: behind the first copy of the sent frame. Nothing: not there.
std::optional<std::size_t> end_of_echo(std::span<const std::uint8_t> bytes,
                                       std::span<const std::uint8_t> sent);

// What was wrong with bytes among which no answer was found in time.
ModbusReply what_came(const ModbusRequest& request, std::span<const std::uint8_t> bytes,
                      const config::GatewayHabits& habits);

}  // namespace cryobank::devices
