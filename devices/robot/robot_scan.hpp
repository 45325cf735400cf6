// Fetches the result of a scan from the robot's registers, a few positions a read.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "devices/line/modbus.hpp"

namespace cryobank::devices {

class RobotScan {
 public:
  void begin();
  bool complete() const { return counted_ && codes_.size() == positions_; }
  // The next read; reading the same again after a failed one is harmless. REQUIRES: !complete().
  ModbusRequest next(std::uint8_t unit) const;
  // The answer to next(). Error: not the block's (a count above 200, a short answer, bad text).
  Status take(const ModbusReply& reply);
  // One per position: empty text for an empty position, kUnreadableCode for an unreadable vial.
  const std::vector<std::string>& codes() const { return codes_; }

 private:
  bool counted_ = false;
  std::size_t positions_ = 0;
  std::vector<std::string> codes_;
};

}  // namespace cryobank::devices
