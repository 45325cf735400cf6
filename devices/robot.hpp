// Robot: drives one machine that serves the reference block (robot_block.hpp) and proves each
// motion by sequence, echo, latched done, count, gripper sensor and codes. Live and after a restart
// it judges by one table (robot_recovery.hpp). Statuses with a wrong CRC, magic or version, and
// those of a robot whose heartbeat stands still, prove nothing.
//
//   ready --start--> clearing --> writing --> watching --> ready        (scans: reading first)
//   ready --resume--------------------------> watching --> ready
//                                             watching --doubt--> held --pause(false)--> ready
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "devices/robot_driver.hpp"
#include "devices/robot_judge.hpp"
#include "devices/robot_status.hpp"

namespace cryobank::devices {

// Bounds of a motion. Times of a phase that pass without proof end in doubt.
struct RobotLimits {
  Duration poll_idle = seconds(1);
  Duration poll_busy = milliseconds(250);
  Duration heartbeat = seconds(1);        // of the master; the robot gives up after 10 s
  Duration heartbeat_still = seconds(3);  // a robot's heartbeat that stands so long is dead
  Duration settle = seconds(5);           // shortest watch before "never delivered" is believed
  int settle_statuses = 3;                // fresh statuses in it, at least
  Duration clear_within = seconds(10);
  Duration accept_within = seconds(15);
  Duration motion_within = seconds(120);  // pick, place, transfer
  Duration scan_within = seconds(300);    // a rack of 200 positions at 1.5 s each
  Duration port_within = seconds(60);     // ports, park
};

class Robot final : public RobotDriver {
 public:
  Robot(DeviceIndex device, std::uint8_t unit, Epoch epoch, RobotLimits limits = {});

  void begin(Now now, RobotOutputs& out) override;
  void on_reply(Now now, std::uint32_t tag, const ModbusReply& reply, RobotOutputs& out) override;
  void on_deadline(Now now, RobotOutputs& out) override;
  Instant next_deadline() const override;
  Status may_move(Now now, const RobotMotion& motion) const override;
  Status start(Now now, const RobotMotion& motion, RobotOutputs& out) override;
  void resume(Now now, const RobotMotion& motion, JournaledMotion state,
              RobotOutputs& out) override;
  void pause(bool paused) override;
  bool idle() const override;
  bool held() const override { return phase_ == Phase::held; }
  Json recovery_report(Now now) const override;
  Json memory() const override;
  void recall(const Json& memory) override;

 private:
  enum class Phase : std::uint8_t { ready, clearing, writing, watching, reading, held };
  struct OpenRequest {
    std::uint32_t tag = 0;
    bool open = false;
    bool before_write = false;  // a status asked for before the command was answered: no evidence
  };

  std::uint32_t ask(ModbusRequest request, bool is_motion, RobotOutputs& out);
  void ask_status(RobotOutputs& out);
  void ask_scan(RobotOutputs& out);
  void ask_command_block(RobotOutputs& out);
  void write_heartbeat(Now now, RobotOutputs& out);
  void write_clear(RobotOutputs& out);
  void write_command(Now now, RobotOutputs& out);

  void on_status(Now now, const ModbusReply& reply, RobotOutputs& out);
  void on_command_reply(Now now, const ModbusReply& reply, RobotOutputs& out);
  void on_command_block(Now now, const ModbusReply& reply, RobotOutputs& out);
  void on_scan(Now now, const ModbusReply& reply, RobotOutputs& out);

  void go_on_clearing(Now now, RobotOutputs& out);
  void judge_status(Now now, RobotOutputs& out);
  void settle(Now now, RobotVerdict verdict, RobotOutputs& out);
  void tell(RobotEventKind kind, std::string reason, RobotOutputs& out);
  void end(Now now, RobotEventKind kind, std::string reason, RobotOutputs& out);
  void open_next(Now now, RobotOutputs& out);
  void time_out(Now now, RobotOutputs& out);

  bool fresh(Instant now) const;
  Status statuses_believable(Instant now) const;
  Status free_for(const RobotMotion& motion) const;
  Duration poll_interval() const;
  Duration bound_of(RobotVerb verb) const;

  DeviceIndex device_;
  std::uint8_t unit_;
  Epoch epoch_;
  RobotLimits limits_;

  Phase phase_ = Phase::ready;
  bool paused_ = false;
  OpenMotion motion_;
  JournaledMotion journaled_ = JournaledMotion::issued;
  bool live_ = false;      // written by this run, not resumed
  bool accepted_ = false;  // told
  std::deque<std::pair<RobotMotion, JournaledMotion>> resumes_;
  Instant phase_until_ = kNever;
  std::string write_answer_;           // what became of the command's write, for the reason
  bool refused_by_exception_ = false;  // the unit refused the write as such
  bool command_seen_ = false;          // our command lies in the robot's registers

  RobotVerdict steady_verdict_;  // the verdict that several statuses must agree on
  int steady_count_ = 0;
  Instant steady_since_{};

  std::optional<RobotStatus> status_;
  Instant status_at_{};
  std::uint16_t beat_ = 0;
  bool beat_seen_ = false;
  Instant beat_at_{};
  std::string bad_status_;  // why the last answer to a status read proves nothing
  Json memory_;
  Json held_report_;

  std::uint32_t next_tag_ = 1;
  OpenRequest status_read_, heartbeat_write_, clear_write_, command_write_, block_read_, scan_read_;
  Instant next_poll_ = kNever;
  Instant next_heartbeat_ = kNever;
  std::uint16_t master_beat_ = 0;
  int scan_positions_ = 0;
  std::vector<std::string> scan_codes_;
};

}  // namespace cryobank::devices
