#include "devices/robot/robot_command.hpp"

#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"

namespace cryobank::devices {
namespace {

using State = robot_block::State;

ModbusRequest read_of(std::uint8_t unit, RegisterTable table, std::uint16_t address,
                      std::uint16_t count) {
  return {ModbusRequest::Kind::read, unit, table, address, count, {}};
}

ModbusRequest write_of(std::uint8_t unit, std::uint16_t address,
                       std::vector<std::uint16_t> values) {
  const auto count = static_cast<std::uint16_t>(values.size());
  return {ModbusRequest::Kind::write_multiple,
          unit,
          RegisterTable::holding,
          address,
          count,
          std::move(values)};
}

Error forbidden(std::string text) { return make_error(ErrorCode::interlock, std::move(text)); }

}  // namespace

ModbusRequest read_status(std::uint8_t unit, bool with_unit) {
  return read_of(unit, RegisterTable::input, robot_block::kStatusAddress,
                 with_unit ? robot_block::kStatusLengthWithUnit : robot_block::kStatusLength);
}

ModbusRequest read_command_block(std::uint8_t unit) {
  return read_of(unit, RegisterTable::holding, robot_block::kCommandAddress,
                 robot_block::kCommandLength);
}

ModbusRequest write_motion(std::uint8_t unit, const RobotMotion& motion) {
  return write_of(unit, robot_block::kCommandAddress, encode_robot_command(motion));
}

ModbusRequest write_clear(std::uint8_t unit, std::uint32_t latched_sequence) {
  return write_of(unit, robot_block::kClearAddress,
                  {static_cast<std::uint16_t>(latched_sequence >> 16),
                   static_cast<std::uint16_t>(latched_sequence & 0xFFFF)});
}

ModbusRequest write_heartbeat(std::uint8_t unit, std::uint16_t beat, bool paused) {
  static_assert(robot_block::kPauseAddress == robot_block::kHeartbeatAddress + 1);
  return write_of(unit, robot_block::kHeartbeatAddress,
                  {beat, static_cast<std::uint16_t>(paused ? 1 : 0)});
}

bool refuses(const ModbusReply& reply) {
  return reply.kind == ReplyKind::exception && reply.exception >= 1 && reply.exception <= 3;
}

bool latches(const RobotStatus& status) {
  return status.state == State::done || status.state == State::failed;
}

Status ready_for(const RobotStatus& s, const RobotMotion& motion, Epoch epoch) {
  if (s.epoch > epoch.value) {
    return make_error(ErrorCode::conflict, cat("the robot obeys epoch ", s.epoch, ", ours is ",
                                               epoch.value, ": a newer daemon has taken over"));
  }
  if (motion.sequence <= s.echo) {
    return make_error(ErrorCode::conflict, cat("sequence ", motion.sequence,
                                               " is not above the robot's last, ", s.echo));
  }
  if (!s.automatic) return forbidden("the robot is in manual mode");
  // An open port forbids every motion but the one that closes it.
  const bool closes = motion.verb == RobotVerb::close_port;
  const auto bits =
      static_cast<std::uint16_t>(s.interlocks & ~(closes ? robot_block::port_open : 0));
  if (bits != 0) return forbidden(cat("robot interlocks: ", describe_interlocks(bits)));
  const bool only_the_port = closes && s.state == State::interlocked;
  if (s.state != State::idle && !latches(s) && !only_the_port) {
    return forbidden(cat("the robot is ", name_of(s.state)));
  }
  if (motion.verb == RobotVerb::place && !s.gripper_occupied) {
    return make_error(ErrorCode::conflict, "the gripper is empty, nothing can be placed");
  }
  const bool takes = motion.verb == RobotVerb::pick || motion.verb == RobotVerb::transfer;
  if (takes && s.gripper_occupied) {
    return make_error(ErrorCode::conflict, "the gripper is occupied, nothing can be picked");
  }
  return {};
}

}  // namespace cryobank::devices
