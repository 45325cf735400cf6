#include "devices/line/modbus_frame.hpp"

#include "base/checksum.hpp"
#include "base/text.hpp"

namespace cryobank::devices {
namespace {

ModbusReply malformed_frame() { return {ReplyKind::malformed, 0, {}, true}; }

std::uint16_t frame_word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

std::string upper_hex(std::span<const std::uint8_t> bytes) {
  std::string text = to_hex(bytes);
  for (char& c : text) {
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

}  // namespace

Bytes tcp_frame(std::uint16_t transaction, std::uint8_t unit, std::span<const std::uint8_t> pdu) {
  const std::size_t length = pdu.size() + 1;
  Bytes frame;
  frame.reserve(kTcpHeader + pdu.size());
  for (const std::size_t word : {std::size_t{transaction}, std::size_t{0}, length}) {
    frame.push_back(static_cast<std::uint8_t>(word >> 8));
    frame.push_back(static_cast<std::uint8_t>(word & 0xFF));
  }
  frame.push_back(unit);
  frame.insert(frame.end(), pdu.begin(), pdu.end());
  return frame;
}

ModbusReply reply_of_tcp_frame(const ModbusRequest& request, std::uint16_t transaction,
                               std::span<const std::uint8_t> frame) {
  constexpr std::size_t kLengthAt = 4;
  constexpr std::size_t kUnitAt = 6;
  if (frame.size() < kTcpHeader) return malformed_frame();
  const bool ours = frame_word_at(frame, 0) == transaction && frame_word_at(frame, 2) == 0 &&
                    frame_word_at(frame, kLengthAt) == frame.size() - kUnitAt;
  if (!ours) return malformed_frame();
  return reply_of_unit_and_pdu(request, frame.subspan(kUnitAt));
}

std::string ascii_frame(std::uint8_t unit, std::span<const std::uint8_t> pdu) {
  Bytes bytes{unit};
  bytes.insert(bytes.end(), pdu.begin(), pdu.end());
  bytes.push_back(lrc_modbus(bytes));
  return cat(":", upper_hex(bytes), "\r\n");
}

ModbusReply reply_of_ascii_frame(const ModbusRequest& request, std::string_view frame) {
  if (frame.empty() || frame.front() != ':') return malformed_frame();
  const auto bytes = from_hex(frame.substr(1));
  if (!bytes || bytes->size() < 3) return malformed_frame();
  const std::span<const std::uint8_t> content(bytes->data(), bytes->size() - 1);
  if (lrc_modbus(content) != bytes->back()) return malformed_frame();
  return reply_of_unit_and_pdu(request, content);
}

ModbusReply reply_of_unit_and_pdu(const ModbusRequest& request,
                                  std::span<const std::uint8_t> bytes) {
  if (bytes.empty() || bytes[0] != request.unit) return malformed_frame();
  return reply_of_pdu(request, bytes.subspan(1));
}

}  // namespace cryobank::devices
