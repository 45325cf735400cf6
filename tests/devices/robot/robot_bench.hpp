// A RobotMachine and its driver on a virtual clock, joined by a line whose faults are set by hand.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "devices/robot/robot.hpp"
#include "tests/devices/robot/robot_machine.hpp"

namespace cryobank::devices::testing {

class RobotBench {
 public:
  enum class WriteFault { none, lost, answer_lost, never_sent, refused, held };

  RobotMachine machine;
  Robot robot{DeviceIndex{3}, 1, Epoch{5}};
  RobotOutputs out;
  std::vector<RobotEvent> events;
  int motion_writes = 0;
  int writes = 0;
  int statuses = 0;  // status reads answered
  bool line_down = false;
  WriteFault write_fault = WriteFault::none;  // of motion writes
  ModbusRequest held;                         // a command that a gateway keeps for later
  std::uint8_t exception = 0;                 // answers a motion write with it, not delivered
  Now now{Instant{1'000'000'000'000}, WallTime{1'800'000'000'000}};

  void begin() {
    robot.begin(now, out);
    run(seconds(4));
  }

  // A new daemon takes over: nothing of the old driver's mind survives but `memory`.
  void restart(const Json& memory = {}) {
    robot = Robot(DeviceIndex{3}, 1, Epoch{6});
    if (!memory.is_null()) {
      EXPECT_TRUE(robot.recall("memory", memory).ok());
    }
    events.clear();
    out = {};
    robot.begin(now, out);
  }

  void run(Duration how_long) {
    const Instant until = now.mono + how_long;
    deliver();
    while (now.mono < until) {
      const Duration step = milliseconds(50);
      now = {now.mono + step, now.wall + step};
      machine.advance(step);
      if (robot.next_deadline() <= now.mono) robot.on_deadline(now, out);
      deliver();
    }
  }

  // Runs until the open motion ended, at most `how_long`. The last event, if any.
  std::optional<RobotEvent> finish(Duration how_long = seconds(200)) {
    for (const Instant until = now.mono + how_long; now.mono < until;) {
      run(milliseconds(50));
      if (!events.empty() && is_end(events.back().kind)) return events.back();
    }
    return std::nullopt;
  }

  static bool is_end(RobotEventKind kind) {
    return kind != RobotEventKind::accepted && kind != RobotEventKind::holding &&
           kind != RobotEventKind::gripped && kind != RobotEventKind::unexplained;
  }

  std::string told() const {
    std::string text;
    for (const RobotEvent& event : events) {
      if (!text.empty()) text += ' ';
      text += name_of(event.kind);
    }
    return text;
  }

 private:
  void deliver() {
    while (!out.requests.empty()) {
      const RobotRequest request = out.requests.front();
      out.requests.erase(out.requests.begin());
      robot.on_reply(now, request.tag, answer(request), out);
    }
    events.insert(events.end(), out.events.begin(), out.events.end());
    out.events.clear();
  }

  ModbusReply answer(const RobotRequest& request) {
    if (request.is_write) ++writes;
    if (!request.is_write) ++statuses;
    if (line_down) return {ReplyKind::timeout, 0, {}, true};
    if (!request.is_motion) return machine.answer(request.modbus);
    ++motion_writes;
    if (exception != 0) return {ReplyKind::exception, exception, {}, true};
    switch (write_fault) {
      case WriteFault::none:
        return machine.answer(request.modbus);
      case WriteFault::held:
        held = request.modbus;
        return {ReplyKind::timeout, 0, {}, true};
      case WriteFault::lost:
        return {ReplyKind::timeout, 0, {}, true};
      case WriteFault::answer_lost:
        machine.answer(request.modbus);
        return {ReplyKind::disconnected, 0, {}, true};
      case WriteFault::never_sent:
        return {ReplyKind::disconnected, 0, {}, false};
      case WriteFault::refused:
        return {ReplyKind::exception, 2, {}, true};
    }
    return {};
  }
};

}  // namespace cryobank::devices::testing
