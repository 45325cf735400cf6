#include "devices/simulator/robot/robot_words.hpp"

#include "devices/robot/robot_block.hpp"

namespace cryobank::simulator {

namespace block = devices::robot_block;

namespace {

struct CrcTable {
  std::uint32_t of[256] = {};
  constexpr CrcTable() {
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
      std::uint32_t crc = byte;
      for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xA001u : crc >> 1;
      of[byte] = crc;
    }
  }
};
constexpr CrcTable kCrc;

}  // namespace

std::uint16_t crc_of_words(const std::vector<std::uint16_t>& words, std::size_t count) {
  std::uint32_t crc = 0xFFFF;
  const auto feed = [&crc](std::uint32_t byte) { crc = (crc >> 8) ^ kCrc.of[(crc ^ byte) & 0xFF]; };
  for (std::size_t i = 0; i < count; ++i) {
    feed(words[i] >> 8);
    feed(words[i] & 0xFFu);
  }
  return static_cast<std::uint16_t>(crc);
}

std::uint32_t hash_of_code(std::string_view code) {
  if (code.empty()) return 0;
  std::uint32_t hash = 2166136261u;
  for (const char letter : code) {
    hash = (hash ^ static_cast<unsigned char>(letter)) * 16777619u;
  }
  return hash;
}

void put_text(std::vector<std::uint16_t>& words, std::size_t first, std::size_t length,
              std::string_view text) {
  for (std::size_t i = 0; i < 2 * length; ++i) {
    const unsigned byte = i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
    std::uint16_t& word = words[first + i / 2];
    word = static_cast<std::uint16_t>(i % 2 == 0 ? byte << 8 : word | byte);
  }
}

void put_u32(std::vector<std::uint16_t>& words, std::size_t first, std::uint32_t value) {
  words[first] = static_cast<std::uint16_t>(value >> 16);
  words[first + 1] = static_cast<std::uint16_t>(value & 0xFFFF);
}

RobotOrder read_order(const std::vector<std::uint16_t>& words) {
  const auto u32 = [&words](std::size_t at) {
    return (static_cast<std::uint32_t>(words[at]) << 16) | words[at + 1];
  };
  RobotOrder order;
  order.verb = words[1];
  for (std::size_t i = 0; i < 3; ++i) {
    order.source[i] = words[2 + i];
    order.destination[i] = words[5 + i];
  }
  order.code_hash = u32(8);
  order.sequence = u32(10);
  order.epoch = u32(12);
  order.intact = words[0] == block::kCommandMagic && words[14] == crc_of_words(words, 14) &&
                 words[15] == (order.sequence & 0xFFFF);
  return order;
}

}  // namespace cryobank::simulator
