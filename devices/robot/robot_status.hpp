// The reference robot block as values: status words to RobotStatus and back, motions to command
// words and back. Layout and CRC: robot_block.hpp. Both directions stand here, so that the
// simulated robot and the conformance check speak exactly the same block.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "devices/robot/robot_block.hpp"
#include "devices/robot/robot_motion.hpp"

namespace cryobank::devices {

struct RobotStatus {
  std::uint16_t unit = 0;  // as the block of version 2 says; 0: version 1
  robot_block::State state = robot_block::State::starting;
  robot_block::Step step = robot_block::Step::none;
  std::uint32_t echo = 0;
  std::uint32_t last_done = 0;  // 0: nothing latched
  std::uint16_t result = 0;     // 1 ok
  bool gripper_occupied = false;
  std::uint32_t completed = 0;
  std::uint32_t epoch = 0;
  std::uint16_t heartbeat = 0;
  bool automatic = false;
  std::uint16_t interlocks = 0;
  std::uint16_t error = 0;
  std::uint32_t hash_at_pick = 0;
  std::uint32_t hash_at_place = 0;
  std::string code;         // last code read; empty when none
  std::uint32_t clock = 0;  // UTC seconds
  robot_block::Refusal refusal = robot_block::Refusal::none;
  std::uint32_t refused_sequence = 0;
};

// Error (mismatch or corrupt) when length, magic, version, CRC, state or step are not the block's.
Result<RobotStatus> decode_robot_status(std::span<const std::uint16_t> words);
// As version 2 when it has a unit, else as version 1.
std::vector<std::uint16_t> encode_robot_status(const RobotStatus& status);

std::vector<std::uint16_t> encode_robot_command(const RobotMotion& motion);
struct RobotCommand {
  robot_block::Verb verb = robot_block::Verb::park;
  RobotLocation source{};
  RobotLocation destination{};
  std::uint32_t code_hash = 0;  // 0: none
  std::uint32_t sequence = 0;
  Epoch epoch;
};
// Error when magic, CRC or commit word disagree.
Result<RobotCommand> decode_robot_command(std::span<const std::uint16_t> words);

// Two characters a word, high byte first, NUL padded; `words.size()` words.
std::string decode_robot_code(std::span<const std::uint16_t> words);
void encode_robot_code(std::string_view code, std::span<std::uint16_t> words);

// "jammed (15)", "door-open, oxygen-low", for messages.
std::string describe_fault(std::uint16_t fault);
std::string describe_interlocks(std::uint16_t bits);
std::string_view name_of(robot_block::State state);
std::string_view name_of(robot_block::Step step);
std::string_view name_of(robot_block::Refusal refusal);

}  // namespace cryobank::devices
