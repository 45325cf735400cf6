// SensorRobot: drives one machine without sequence numbers (relay cabinets as the LiCONiC STX,
// registers as the Thermo Cytomat; facts of their public drivers). Exactly once cannot be proven by
// such a protocol. With `sensors`, occupied sensors and the reader, if there is one, must tell the
// whole story; with `operator`, a person confirms each motion, so it always ends in doubt. The
// start relay is set at most once a motion, its error evidence is never cleared from here, and a
// motion found open after a restart is doubt. An idle machine that is at work, reads another code
// or whose gripper is not as the record has it did what nobody ordered. Points:
// robot_sensor_map.hpp.
//
//   ready --start--> preparing (parameters written, read back) --> starting --> watching --> ready
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "devices/robot/robot_driver.hpp"
#include "devices/robot/robot_sensor_map.hpp"

namespace cryobank::devices {

// Rounds that must agree: one round reads several registers, and the machine goes on between them.
inline constexpr int kSensorRoundsAgreeing = 2;

struct SensorRobotLimits {
  Duration poll_idle = seconds(1);
  Duration poll_busy = milliseconds(500);
  Duration prepare_within = seconds(15);
  Duration start_within = seconds(10);    // ready must fall so soon after the start relay
  Duration motion_within = seconds(300);  // a Cytomat initialises for up to 300 s
};

class SensorRobot final : public RobotDriver {
 public:
  SensorRobot(DeviceIndex device, std::uint8_t unit, SensorMap map, bool operator_confirms,
              SensorRobotLimits limits = {});

  void begin(Now now, RobotOutputs& out) override;
  void on_reply(Now now, std::uint32_t tag, const ModbusReply& reply, RobotOutputs& out) override;
  void on_deadline(Now now, RobotOutputs& out) override;
  Instant next_deadline() const override;
  Status may_move(Now now, const RobotMotion& motion) const override;
  Status start(Now now, const RobotMotion& motion, RobotOutputs& out) override;
  void resume(Now now, const RobotMotion& motion, JournaledMotion state,
              RobotOutputs& out) override;
  void pause(bool paused) override;
  void expect_gripper(std::optional<bool> occupied) override;
  bool idle() const override { return phase_ == Phase::ready && !held(); }
  bool held() const override { return !doubt_.is_null(); }
  Json recovery_report(Now now) const override;
  Json memory() const override;
  Status recall(std::string_view what, const Json& memory) override;

 private:
  enum class Phase : std::uint8_t { ready, preparing, starting, watching };
  struct Step {  // one request of the preparation
    ModbusRequest request;
    std::vector<std::uint16_t> expected;  // of a read-back; empty for writes
  };

  void ask(ModbusRequest request, bool is_motion, RobotOutputs& out);
  void go_on(Now now, RobotOutputs& out);
  Status plan_preparation(const RobotMotion& motion);
  void on_prepared(Now now, const ModbusReply& reply, RobotOutputs& out);
  void on_started(Now now, const ModbusReply& reply, RobotOutputs& out);
  void on_watched(Now now, const ModbusReply& reply, RobotOutputs& out);
  void on_view(Now now, RobotOutputs& out);
  void settle(Now now, RobotOutputs& out);
  std::string contradiction() const;
  std::string difference() const;
  void watch_idle(Now now, RobotOutputs& out);
  void tell(RobotEventKind kind, std::string reason, RobotOutputs& out);
  void end(Now now, RobotEventKind kind, std::string reason, RobotOutputs& out);
  Json view_json(Now now) const;

  DeviceIndex device_;
  std::uint8_t unit_;
  SensorMap map_;
  bool operator_confirms_;
  SensorRobotLimits limits_;

  Phase phase_ = Phase::ready;
  Instant phase_until_ = kNever;
  bool paused_ = false;
  RobotMotion motion_;
  SensorView before_;
  bool left_ready_ = false;  // the machine was seen to work since the start
  std::deque<Step> steps_;
  ModbusRequest relay_off_;  // takes the start relay back; harmless to repeat
  bool relay_on_ = false;
  Json doubt_;
  bool gripped_ = false;                  // told, of this motion
  std::optional<std::string> seen_code_;  // when the last motion ended
  std::optional<bool> gripper_;           // as the record has it
  Instant differs_since_ = kNever;
  std::string told_difference_;

  SensorView view_;     // of the last whole round
  SensorView round_;    // being read
  std::size_t at_ = 0;  // place in the round
  bool known_ = false;  // view_ is set and its round had no fault
  int agreeing_ = 0;    // rounds that saw the same
  Instant view_at_{};
  std::string fault_ = "the robot has not answered yet";

  std::uint32_t next_tag_ = 1;
  std::uint32_t open_tag_ = 0;
  enum class Open : std::uint8_t { watched, step, start, relay_off } open_ = Open::watched;
  Instant next_poll_ = kNever;
};

}  // namespace cryobank::devices
