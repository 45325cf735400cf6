// Words of the reference robot block, written and read here on their own (docs/registers.md), so
// that a mistake in the driver's version of them shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "devices/robot/robot_motion.hpp"

namespace cryobank::simulator {

// A command block as it was written.
struct RobotOrder {
  bool intact = false;  // magic, CRC and commit word agree
  std::uint16_t verb = 0;
  devices::RobotLocation source{};
  devices::RobotLocation destination{};
  std::uint32_t code_hash = 0;
  std::uint32_t sequence = 0;
  std::uint32_t epoch = 0;
};

RobotOrder read_order(const std::vector<std::uint16_t>& words);  // REQUIRES: 16 words

// CRC-16/MODBUS over the first `count` words as big-endian bytes.
std::uint16_t crc_of_words(const std::vector<std::uint16_t>& words, std::size_t count);
// FNV-1a, 32 bits, 0 for no code.
std::uint32_t hash_of_code(std::string_view code);
// Two characters a word into words[first .. first+length), NUL padded.
void put_text(std::vector<std::uint16_t>& words, std::size_t first, std::size_t length,
              std::string_view text);
void put_u32(std::vector<std::uint16_t>& words, std::size_t first, std::uint32_t value);

}  // namespace cryobank::simulator
