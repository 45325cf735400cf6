#include "devices/line/modbus_frame.hpp"

#include "base/checksum.hpp"
#include "base/text.hpp"

namespace cryobank::devices {
namespace {

ModbusReply wrong_frame(Wrong wrong, std::uint8_t from = 0) {
  return {ReplyKind::malformed, 0, {}, true, wrong, from};
}

bool answers_transaction(std::uint16_t asked, std::uint16_t came, config::TransactionHabit habit) {
  if (came == asked) return true;
  switch (habit) {
    case config::TransactionHabit::same:
      return false;
    case config::TransactionHabit::zero:
      return came == 0;
    case config::TransactionHabit::next:
      return came == static_cast<std::uint16_t>(asked + 1);
    case config::TransactionHabit::swapped:
      return came == static_cast<std::uint16_t>(asked << 8 | asked >> 8);
  }
  return false;
}

// The checksum over the frame as it is, or with its count as that of characters.
bool sum_fits(std::span<const std::uint8_t> content, std::uint8_t sum, bool counts_characters) {
  if (lrc_modbus(content) == sum) return true;
  constexpr std::size_t kCountAt = 2;
  constexpr std::size_t kHead = 3;  // unit, function, count
  if (!counts_characters || content.size() <= kHead) return false;
  std::vector<std::uint8_t> counted(content.begin(), content.end());
  counted[kCountAt] = static_cast<std::uint8_t>(2 * (content.size() - kHead));
  return lrc_modbus(counted) == sum;
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
                               std::span<const std::uint8_t> frame,
                               const config::GatewayHabits& habits) {
  constexpr std::size_t kLengthAt = 4;
  constexpr std::size_t kUnitAt = 6;
  const bool framed = frame.size() >= kTcpHeader && word_at(frame, 2) == 0 &&
                      word_at(frame, kLengthAt) == frame.size() - kUnitAt;
  if (!framed) return wrong_frame(Wrong::garbage);
  if (!answers_transaction(transaction, word_at(frame, 0), habits.transaction)) {
    return wrong_frame(Wrong::transaction);
  }
  return reply_of_unit_and_pdu(request, frame.subspan(kUnitAt), habits);
}

std::string ascii_frame(std::uint8_t unit, std::span<const std::uint8_t> pdu) {
  Bytes bytes{unit};
  bytes.insert(bytes.end(), pdu.begin(), pdu.end());
  bytes.push_back(lrc_modbus(bytes));
  return cat(":", upper_hex(bytes), "\r\n");
}

ModbusReply reply_of_ascii_frame(const ModbusRequest& request, std::string_view frame,
                                 const config::GatewayHabits& habits, bool counts_characters) {
  if (frame.empty() || frame.front() != ':') return wrong_frame(Wrong::garbage);
  const auto bytes = from_hex(frame.substr(1));
  if (!bytes || bytes->size() < 3) return wrong_frame(Wrong::garbage);
  const std::span<const std::uint8_t> content(bytes->data(), bytes->size() - 1);
  if (!sum_fits(content, bytes->back(), counts_characters)) return wrong_frame(Wrong::checksum);
  if (counts_characters && is_answerer(request, content[0], habits)) {
    return reply_of_counted_pdu(request, content.subspan(1));
  }
  return reply_of_unit_and_pdu(request, content, habits);
}

bool is_answerer(const ModbusRequest& request, std::uint8_t unit,
                 const config::GatewayHabits& habits) {
  return unit == request.unit || (habits.answers_as != 0 && unit == habits.answers_as);
}

ModbusReply reply_of_unit_and_pdu(const ModbusRequest& request, std::span<const std::uint8_t> bytes,
                                  const config::GatewayHabits& habits) {
  if (bytes.empty()) return wrong_frame(Wrong::garbage);
  if (!is_answerer(request, bytes[0], habits)) return wrong_frame(Wrong::another_unit, bytes[0]);
  return reply_of_pdu(request, bytes.subspan(1));
}

}  // namespace cryobank::devices
