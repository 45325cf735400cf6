// RobotMachine: a small machine that serves the reference block (robot_block.hpp), for the tests of
// the drivers. It moves vials between places of its own map, counts physical moves, and has faults
// to switch on. A motion takes `kMotion`: half of it to hold the vial, half to place it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/checksum.hpp"
#include "base/time.hpp"
#include "devices/line/modbus.hpp"
#include "devices/robot/robot_status.hpp"

namespace cryobank::devices::testing {

class RobotMachine {
 public:
  static constexpr Duration kMotion = seconds(10);

  RobotStatus status;
  std::map<RobotLocation, std::string> vials;
  std::string gripper;
  int moves = 0;  // physical motions begun, of any verb

  bool dead_program = false;     // answers, and nothing goes on inside
  bool takes_commands = true;    // false: the command stays in its registers, unseen
  bool wrong_crc = false;        // of its status block
  bool says_done_twice = false;  // the count rises by two
  bool loses_memory_when_on = false;
  std::string reads_instead;  // what its reader reads, whatever the vial is
  int fail_with = 0;          // Fault at half of the motion
  std::uint16_t error_when_done = 0;
  bool drops = false;  // the vial falls at half of the motion, unnoticed
  bool serves_command_block = true;
  // On its first day the robot carries a transfer out unseen at once, and loses all memory.
  bool moves_and_forgets = false;

  RobotMachine() {
    status.state = robot_block::State::idle;
    status.automatic = true;
    holding_.assign(64, 0);
  }

  void advance(Duration by) {
    if (dead_program) return;
    clock_ = clock_ + by;
    status.heartbeat = static_cast<std::uint16_t>(clock_.ns / 1'000'000'000);
    if (busy()) move_on();
  }

  // Power goes and comes back in mid-move: the step and the vial stay, the motion does not go on.
  void power_cut() {
    if (!busy()) return;
    status.state = robot_block::State::failed;
    status.error = static_cast<std::uint16_t>(robot_block::Fault::power_lost);
    status.last_done = status.echo;
    if (loses_memory_when_on) status.state = robot_block::State::idle, status.last_done = 0;
  }

  // A person at the panel moves a vial; counted and read like any motion.
  void panel_move(const RobotLocation& from, const RobotLocation& to) {
    const std::string code = vials.at(from);
    vials.erase(from);
    vials[to] = code;
    status.code = code;
    status.hash_at_pick = status.hash_at_place = fnv1a32(code);
    ++status.completed;
    ++moves;
  }
  // Power goes while the vial is held, and the program begins as on its first day.
  void forget_everything() {
    status.state = robot_block::State::idle;
    status.step = robot_block::Step::none;
    status.echo = status.last_done = status.epoch = status.completed = 0;
    status.hash_at_pick = status.hash_at_place = 0;
    status.result = 0;
    status.error = 0;
    status.code.clear();
  }

  ModbusReply answer(const ModbusRequest& request) {
    if (request.kind == ModbusRequest::Kind::read) return read(request);
    for (std::size_t i = 0; i < request.values.size(); ++i) {
      holding_.at(request.address + i) = request.values[i];
    }
    if (request.address == robot_block::kCommandAddress && takes_commands) take_command();
    if (request.address == robot_block::kClearAddress) clear();
    return ok({});
  }

 private:
  static ModbusReply ok(std::vector<std::uint16_t> values) {
    return {ReplyKind::ok, 0, std::move(values), true};
  }

  bool busy() const { return status.state == robot_block::State::running; }

  ModbusReply read(const ModbusRequest& request) {
    if (request.table == RegisterTable::holding) {
      if (!serves_command_block) return {ReplyKind::exception, 2, {}, true};
      return ok(
          {holding_.begin() + request.address, holding_.begin() + request.address + request.count});
    }
    if (request.address == robot_block::kStatusAddress) {
      std::vector<std::uint16_t> words = encode_robot_status(status);
      if (wrong_crc) words.back() ^= 1;
      return ok(std::move(words));
    }
    if (request.address == robot_block::kScanCountAddress) {
      return ok({static_cast<std::uint16_t>(scanned_.size())});
    }
    std::vector<std::uint16_t> words(request.count, 0);
    const std::size_t first = (request.address - robot_block::kScanAddress) / 32U;
    for (std::size_t i = 0; 32 * i < request.count; ++i) {
      encode_robot_code(scanned_.at(first + i), std::span(words).subspan(32 * i, 32));
    }
    return ok(std::move(words));
  }

  void refuse(robot_block::Refusal why, std::uint32_t sequence) {
    status.refusal = why;
    status.refused_sequence = sequence;
  }

  void take_command() {
    const Result<RobotCommand> came = decode_robot_command(std::span(holding_).first(16));
    if (!came || came->sequence == status.echo) return;
    if (came->epoch.value < status.epoch) {
      return refuse(robot_block::Refusal::epoch_too_low, came->sequence);
    }
    status.epoch = came->epoch.value;  // whatever becomes of the command
    if (came->sequence < status.echo) {
      return refuse(robot_block::Refusal::sequence_not_higher, came->sequence);
    }
    if (status.state != robot_block::State::idle) {
      return refuse(robot_block::Refusal::busy, came->sequence);
    }
    if (status.interlocks != 0) {
      return refuse(robot_block::Refusal::interlocked, came->sequence);
    }
    command_ = *came;
    status.echo = came->sequence;
    status.state = robot_block::State::running;
    status.step = robot_block::Step::to_source;
    status.hash_at_pick = status.hash_at_place = 0;
    status.code.clear();
    begun_ = clock_;
    half_done_ = false;
    ++moves;
    if (moves_and_forgets) carry_out_and_forget();
  }

  void carry_out_and_forget() {
    vials[command_.destination] = vials.at(command_.source);
    vials.erase(command_.source);
    forget_everything();
    holding_.assign(holding_.size(), 0);
  }

  void clear() {
    const std::uint32_t sequence = (std::uint32_t{holding_[16]} << 16) | holding_[17];
    if (sequence != status.last_done || busy()) return;
    status.state = robot_block::State::idle;
    status.last_done = 0;
    status.result = 0;
    status.error = 0;
  }

  void read_code(std::uint32_t& hash) {
    status.code = reads_instead.empty() ? gripper : reads_instead;
    hash = fnv1a32(status.code);
  }

  void move_on() {
    const bool takes =
        command_.verb == robot_block::Verb::pick || command_.verb == robot_block::Verb::transfer;
    const bool puts =
        command_.verb == robot_block::Verb::place || command_.verb == robot_block::Verb::transfer;
    if (!half_done_ && clock_ - begun_ >= kMotion / 2) {
      half_done_ = true;
      if (takes && !pick()) return;
      if (fail_with != 0) return fail(fail_with);
      if (drops) gripper.clear(), status.gripper_occupied = false;
      if (puts) status.step = robot_block::Step::to_destination;
    }
    if (clock_ - begun_ < kMotion) return;
    if (puts) place();
    if (command_.verb == robot_block::Verb::scan_rack ||
        command_.verb == robot_block::Verb::scan_position) {
      scan();
    }
    status.state = robot_block::State::done;
    status.last_done = status.echo;
    status.result = 1;
    status.error = error_when_done;
    status.completed += says_done_twice ? 2 : 1;
  }

  bool pick() {
    const auto vial = vials.find(command_.source);
    if (vial == vials.end()) {
      fail(static_cast<int>(robot_block::Fault::source_empty));
      return false;
    }
    gripper = vial->second;
    vials.erase(vial);
    status.gripper_occupied = true;
    status.step = robot_block::Step::holding;
    read_code(status.hash_at_pick);
    return true;
  }

  void place() {
    read_code(status.hash_at_place);
    if (!gripper.empty()) vials[command_.destination] = gripper;
    gripper.clear();
    status.gripper_occupied = false;
    status.step = robot_block::Step::placed;
  }

  void scan() {
    scanned_.assign(command_.verb == robot_block::Verb::scan_rack ? 7 : 1, "");
    for (const auto& [at, code] : vials) {
      if (at[0] != command_.source[0] || at[1] != command_.source[1]) continue;
      if (scanned_.size() == 1 && at == command_.source) scanned_[0] = code;
      if (scanned_.size() > 1 && at[2] >= 1 && at[2] <= 7) scanned_[at[2] - 1U] = code;
    }
  }

  void fail(int fault) {
    status.state = robot_block::State::failed;
    status.last_done = status.echo;
    status.error = static_cast<std::uint16_t>(fault);
    status.result = status.error;
  }

  Instant clock_{};
  Instant begun_{};
  bool half_done_ = false;
  RobotCommand command_;
  std::vector<std::uint16_t> holding_;
  std::vector<std::string> scanned_;
};

}  // namespace cryobank::devices::testing
