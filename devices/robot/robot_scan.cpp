#include "devices/robot/robot_scan.hpp"

#include <algorithm>
#include <span>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "devices/robot/robot_block.hpp"
#include "devices/robot/robot_driver.hpp"
#include "devices/robot/robot_status.hpp"

namespace cryobank::devices {
namespace {

constexpr std::uint16_t kUnreadableWord = 0xFFFF;
constexpr std::size_t kWords = robot_block::kCodeLength;
constexpr std::size_t kPositionsPerRead = kReadRegistersMax / kWords;

}  // namespace

void RobotScan::begin() {
  counted_ = false;
  positions_ = 0;
  codes_.clear();
}

ModbusRequest RobotScan::next(std::uint8_t unit) const {
  ModbusRequest request;
  request.unit = unit;
  request.table = RegisterTable::input;
  if (!counted_) {
    request.address = robot_block::kScanCountAddress;
    request.count = 1;
    return request;
  }
  const std::size_t count = std::min(kPositionsPerRead, positions_ - codes_.size());
  request.address = static_cast<std::uint16_t>(robot_block::kScanAddress + kWords * codes_.size());
  request.count = static_cast<std::uint16_t>(kWords * count);
  return request;
}

Status RobotScan::take(const ModbusReply& reply) {
  if (reply.kind != ReplyKind::ok) {
    return make_error(ErrorCode::unavailable, cat("scan result: ", name_of(reply.kind)));
  }
  if (!counted_) {
    if (reply.values.size() != 1 || reply.values[0] > robot_block::kScanPositionsMax) {
      return make_error(ErrorCode::malformed, cat("scan result: expected one count up to ",
                                                  robot_block::kScanPositionsMax));
    }
    positions_ = reply.values[0];
    counted_ = true;
    return {};
  }
  const std::size_t expected = kWords * std::min(kPositionsPerRead, positions_ - codes_.size());
  if (reply.values.size() != expected) {
    return make_error(ErrorCode::malformed, cat("scan result: expected ", expected,
                                                " registers, came ", reply.values.size()));
  }
  for (std::size_t at = 0; at < expected; at += kWords) {
    const auto words = std::span(reply.values).subspan(at, kWords);
    std::string code = decode_robot_code(words);
    if (!code.empty() && (words[0] == kUnreadableWord || !is_code_text(code))) {
      code = kUnreadableCode;
    }
    codes_.push_back(std::move(code));
  }
  return {};
}

}  // namespace cryobank::devices
