// A simulated bank for the tests: the site that ships as the demonstration, a master that speaks
// the robot's block from the words of docs/registers.md, and short ways to ask.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "devices/robot/robot_block.hpp"
#include "devices/simulator/hardware.hpp"
#include "tests/config/files_on_disk.hpp"

namespace cryobank::simulator {

using config::demo_site;

using devices::LineIndex;
using devices::ModbusReply;
using devices::ModbusRequest;
using devices::RegisterTable;
using devices::ReplyKind;
using Words = std::vector<std::uint16_t>;

struct Command {
  devices::robot_block::Verb verb = devices::robot_block::Verb::transfer;
  devices::RobotLocation source{};
  devices::RobotLocation destination{};
  std::string code;
  std::uint32_t sequence = 1;
  std::uint32_t epoch = 1;
};

class Bank {
 public:
  explicit Bank(std::uint64_t seed = 1, config::SiteConfig site = demo_site())
      : site_(std::move(site)), hardware(site_, seed) {}

  Words read(std::uint32_t line, std::uint8_t unit, RegisterTable table, std::uint16_t address,
             std::uint16_t count) {
    last = hardware.answer(LineIndex{line},
                           {ModbusRequest::Kind::read, unit, table, address, count, {}});
    return last.values;
  }
  ModbusReply write(std::uint32_t line, std::uint8_t unit, std::uint16_t address, Words values,
                    RegisterTable table = RegisterTable::holding) {
    const auto count = static_cast<std::uint16_t>(values.size());
    last = hardware.answer(LineIndex{line}, {ModbusRequest::Kind::write_multiple, unit, table,
                                             address, count, std::move(values)});
    return last;
  }
  Words freezer(std::uint8_t unit) { return read(0, unit, RegisterTable::input, 0, 9); }
  Words robot() { return read(1, 1, RegisterTable::input, 0, 60); }

  static Words block_of(const Command& command) {
    Words words(16, 0);
    words[0] = 0xC0B1;
    words[1] = static_cast<std::uint16_t>(command.verb);
    for (std::size_t i = 0; i < 3; ++i) {
      words[2 + i] = command.source[i];
      words[5 + i] = command.destination[i];
    }
    const auto put = [&words](std::size_t at, std::uint32_t value) {
      words[at] = static_cast<std::uint16_t>(value >> 16);
      words[at + 1] = static_cast<std::uint16_t>(value);
    };
    put(8, command.code.empty() ? 0 : fnv1a32(command.code));
    put(10, command.sequence);
    put(12, command.epoch);
    words[14] = crc(words, 14);
    words[15] = static_cast<std::uint16_t>(command.sequence);
    return words;
  }
  static std::uint16_t crc(const Words& words, std::size_t count) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < count; ++i) {
      bytes.push_back(static_cast<std::uint8_t>(words[i] >> 8));
      bytes.push_back(static_cast<std::uint8_t>(words[i] & 0xFF));
    }
    return crc16_modbus(bytes);
  }

  void beat() { write(1, 1, 20, {++beat_}); }
  ReplyKind command(const Command& command) {
    beat();
    return write(1, 1, 0, block_of(command)).kind;
  }
  void run(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      hardware.advance(cryobank::seconds(1));
      beat();
    }
  }
  void clear(std::uint32_t sequence) {
    write(1, 1, 16,
          {static_cast<std::uint16_t>(sequence >> 16), static_cast<std::uint16_t>(sequence)});
  }
  Json control(const std::string& text) {
    Result<Json> command = parse_json(text);
    EXPECT_TRUE(command.ok()) << text;
    Result<Json> reply = hardware.control(*command);
    EXPECT_TRUE(reply.ok()) << text << ": " << (reply.ok() ? "" : reply.error().context);
    return reply.ok() ? *reply : Json();
  }
  std::int64_t truth(std::string_view device, std::string_view quantity) {
    const Result<Milli> value = hardware.truth(device, quantity);
    EXPECT_TRUE(value.ok());
    return value.ok() ? value->v : 0;
  }
  static std::uint32_t u32(const Words& words, std::size_t at) {
    return (static_cast<std::uint32_t>(words[at]) << 16) | words[at + 1];
  }

 private:
  config::SiteConfig site_;
  std::uint16_t beat_ = 0;

 public:
  Hardware hardware;
  ModbusReply last;
};

inline constexpr devices::RobotLocation kPort{901, 0, 1};
inline constexpr devices::RobotLocation kSlot{1, 1, 101};
inline constexpr devices::RobotLocation kGripper{1, 0xFFFF, 0};

}  // namespace cryobank::simulator
