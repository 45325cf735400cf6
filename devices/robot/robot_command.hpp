// The requests a Robot makes of the reference block, and what a status must say before a motion is
// written.
#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "devices/line/modbus.hpp"
#include "devices/robot/robot_motion.hpp"
#include "devices/robot/robot_status.hpp"

namespace cryobank::devices {

// `with_unit`: of a block of version 2.
ModbusRequest read_status(std::uint8_t unit, bool with_unit = false);
ModbusRequest read_command_block(std::uint8_t unit);
// One write: the command may be written only once (robot_block.hpp).
ModbusRequest write_motion(std::uint8_t unit, const RobotMotion& motion);
// These two may be written any number of times.
ModbusRequest write_clear(std::uint8_t unit, std::uint32_t latched_sequence);
ModbusRequest write_heartbeat(std::uint8_t unit, std::uint16_t beat, bool paused);

// The unit itself refused the function, the address or a value, and did nothing.
bool refuses(const ModbusReply& reply);

// Holds a finished motion's end, done or failed, until it is cleared.
bool latches(const RobotStatus& status);
// ok when this motion could be written now; a latched end is no obstacle, it is cleared first.
Status ready_for(const RobotStatus& status, const RobotMotion& motion, Epoch epoch);

}  // namespace cryobank::devices
