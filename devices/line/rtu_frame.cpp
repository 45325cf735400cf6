#include "devices/line/rtu_frame.hpp"

#include <algorithm>

#include "base/checksum.hpp"
#include "devices/line/modbus_frame.hpp"

namespace cryobank::devices {
namespace {

constexpr std::size_t kCrcLength = 2;
constexpr std::size_t kExceptionFrame = 5;  // unit, function, code, CRC
constexpr std::uint8_t kRefusedBit = 0x80;

bool crc_fits(std::span<const std::uint8_t> frame) {
  const std::span<const std::uint8_t> content = frame.first(frame.size() - kCrcLength);
  const std::uint16_t crc = crc16_modbus(content);
  return frame[frame.size() - 2] == (crc & 0xFF) && frame[frame.size() - 1] == crc >> 8;
}

// The bytes at `at` that an answer or a refusal would take; empty when there are not enough.
std::span<const std::uint8_t> frame_at(const ModbusRequest& request,
                                       std::span<const std::uint8_t> bytes, std::size_t at) {
  constexpr std::size_t kFunctionAt = 1;
  if (bytes.size() < at + kExceptionFrame) return {};
  const bool refused = (bytes[at + kFunctionAt] & kRefusedBit) != 0;
  const std::size_t length =
      refused ? kExceptionFrame : 1 + answer_pdu_length(request) + kCrcLength;
  return bytes.size() < at + length ? std::span<const std::uint8_t>() : bytes.subspan(at, length);
}

}  // namespace

Bytes rtu_frame(std::uint8_t unit, std::span<const std::uint8_t> pdu) {
  Bytes frame;
  frame.reserve(1 + pdu.size() + kCrcLength);
  frame.push_back(unit);
  frame.insert(frame.end(), pdu.begin(), pdu.end());
  const std::uint16_t crc = crc16_modbus(frame);
  frame.push_back(static_cast<std::uint8_t>(crc & 0xFF));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8));
  return frame;
}

std::optional<ModbusReply> find_rtu_answer(const ModbusRequest& request,
                                           std::span<const std::uint8_t> bytes,
                                           const config::GatewayHabits& habits) {
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (!is_answerer(request, bytes[at], habits)) continue;
    const auto frame = frame_at(request, bytes, at);
    if (frame.empty() || !crc_fits(frame)) continue;
    ModbusReply reply =
        reply_of_unit_and_pdu(request, frame.first(frame.size() - kCrcLength), habits);
    if (reply.kind != ReplyKind::malformed) return reply;
  }
  return std::nullopt;
}

std::optional<std::size_t> end_of_echo(std::span<const std::uint8_t> bytes,
                                       std::span<const std::uint8_t> sent) {
  const auto found = std::search(bytes.begin(), bytes.end(), sent.begin(), sent.end());
  if (found == bytes.end()) return std::nullopt;
  return static_cast<std::size_t>(found - bytes.begin()) + sent.size();
}

ModbusReply what_came(const ModbusRequest& request, std::span<const std::uint8_t> bytes,
                      const config::GatewayHabits& habits) {
  if (bytes.empty()) return {ReplyKind::timeout, 0, {}, true};
  ModbusReply reply{ReplyKind::malformed, 0, {}, true, Wrong::garbage, 0};
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const auto frame = frame_at(request, bytes, at);
    if (frame.empty()) continue;
    const bool ours = is_answerer(request, frame[0], habits);
    if (crc_fits(frame)) {
      reply.wrong = ours ? Wrong::another_answer : Wrong::another_unit;
      reply.from = frame[0];
      return reply;
    }
    if (at == 0 && ours) reply.wrong = Wrong::checksum;
  }
  return reply;
}

}  // namespace cryobank::devices
