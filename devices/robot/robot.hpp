// Robot: drives one machine that serves the reference block (robot_block.hpp) and proves each
// motion by sequence, echo, latched done, count, gripper sensor and codes. Live and after a restart
// it judges by one table (robot_recovery.hpp). Statuses with a wrong CRC, magic or version, and
// those of a robot whose heartbeat stands still, prove nothing.
//
//   ready --start--> clearing --> writing --> watching --> ready        (scans: reading first)
//   ready --resume--------------------------> watching --> ready
// Whatever ends in doubt also holds the robot until pause(false), and so does what it shows while
// nothing of ours is under way and nothing explains (robot_expect.hpp, robot_idle.cpp).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "devices/robot/robot_driver.hpp"
#include "devices/robot/robot_evidence.hpp"
#include "devices/robot/robot_expect.hpp"
#include "devices/robot/robot_judge.hpp"
#include "devices/robot/robot_scan.hpp"
#include "devices/robot/robot_status.hpp"

namespace cryobank::devices {

// Bounds of a motion. A phase that passes its bound without proof ends in doubt.
struct RobotLimits {
  Duration poll_idle = seconds(1);
  Duration poll_busy = milliseconds(250);
  Duration heartbeat = seconds(1);  // of the master; the robot gives up after 10 s
  EvidenceLimits evidence;          // when a status is fresh, when several agree
  Duration clear_within = seconds(10);
  Duration accept_within = seconds(15);
  Duration motion_within = seconds(120);  // pick, place, transfer
  Duration scan_within = seconds(300);    // a rack of 200 positions at 1.5 s each
  Duration port_within = seconds(60);     // ports, park
  Duration read_within = seconds(60);     // fetching a scan's result

  Duration bound_of(RobotVerb verb) const {
    if (moves_vial(verb)) return motion_within;
    return is_scan(verb) ? scan_within : port_within;
  }
};

class Robot final : public RobotDriver {
 public:
  // `unit_word`: it serves block version 2, whose unit word must be `unit`.
  Robot(DeviceIndex device, std::uint8_t unit, Epoch epoch, RobotLimits limits = {},
        bool unit_word = false);

  void begin(Now now, RobotOutputs& out) override;
  void on_reply(Now now, std::uint32_t tag, const ModbusReply& reply, RobotOutputs& out) override;
  void on_deadline(Now now, RobotOutputs& out) override;
  Instant next_deadline() const override;
  Status may_move(Now now, const RobotMotion& motion) const override;
  void intend(const RobotMotion& motion) override;
  Status start(Now now, const RobotMotion& motion, RobotOutputs& out) override;
  void resume(Now now, const RobotMotion& motion, JournaledMotion state,
              RobotOutputs& out) override;
  void pause(bool paused) override;
  void expect_gripper(std::optional<bool> occupied) override { expect_.expect_gripper(occupied); }
  void forget_before(std::uint32_t sequence) override {
    if (expect_.known() && expect_.marks()->echo < sequence) expect_.forget();
  }
  bool idle() const override;
  bool held() const override { return !doubt_.is_null(); }
  Json recovery_report(Now now) const override;
  Json memory() const override;
  Status recall(std::string_view what, const Json& memory) override;

 private:
  enum class Phase : std::uint8_t { ready, clearing, writing, watching, reading };
  enum class Ask : std::uint8_t { status, heartbeat, clear, command, command_block, scan };
  static constexpr std::size_t kAsks = 6;

  bool asked(Ask what) const { return open_[static_cast<std::size_t>(what)] != 0; }
  void ask(Ask what, ModbusRequest request, RobotOutputs& out);
  void ask_status(Now now, RobotOutputs& out);
  void ask_scan(RobotOutputs& out);
  void write_heartbeat(Now now, RobotOutputs& out);
  void write_clear(RobotOutputs& out);
  void write_command(Now now, RobotOutputs& out);

  void on_status(Now now, const ModbusReply& reply, RobotOutputs& out);
  void on_command_reply(Now now, const ModbusReply& reply, RobotOutputs& out);
  void on_command_block(Now now, const ModbusReply& reply, RobotOutputs& out);
  void on_scan(Now now, const ModbusReply& reply, RobotOutputs& out);

  void go_on_clearing(Now now, RobotOutputs& out);
  void watch(Now now, RobotOutputs& out);
  void act_on(Now now, const RobotVerdict& verdict, RobotOutputs& out);
  void never_delivered(Now now, const std::string& reason, RobotOutputs& out);
  bool forgot_what_it_received() const;
  void begin_reading(Now now, RobotOutputs& out);
  void tell(RobotEventKind kind, std::string reason, RobotOutputs& out);
  void end(Now now, RobotEventKind kind, std::string reason, RobotOutputs& out);
  void open_next_resume(Now now);
  void pass_bound(Now now, RobotOutputs& out);

  Status believable(Instant now) const;

  // robot_idle.cpp: what nobody ordered
  void watch_idle(Now now, RobotOutputs& out);
  void tell_unexplained(Now now, const RobotCommand* command, RobotOutputs& out);
  const RobotMotion* recent_motion(std::uint32_t sequence) const;
  void remember_motion(const RobotMotion& motion);
  void close_books(RobotEventKind end);
  bool explained_by_doubt() const;
  Json remembered() const;
  Status recall_doubt(std::string_view what);
  Status recall_remembered(std::string_view what, RowReader& in);

  DeviceIndex device_;
  std::uint8_t unit_;
  Epoch epoch_;
  RobotLimits limits_;
  bool unit_word_;

  Phase phase_ = Phase::ready;
  Instant phase_until_ = kNever;
  bool paused_ = false;
  OpenMotion motion_;
  JournaledMotion journaled_ = JournaledMotion::issued;
  bool written_ = false;             // by this run, not resumed
  bool accepted_ = false;            // told
  bool gripped_ = false;             // told
  std::string write_answer_;         // what became of the command's write, for the reason
  bool answered_ = false;            // the unit said that it received the write
  bool exception_ = false;           // the unit refused the write as such
  bool command_lies_there_ = false;  // our command was read back from the robot's registers
  bool was_absent_ = false;          // it was not there
  std::deque<std::pair<RobotMotion, JournaledMotion>> resumes_;

  std::optional<RobotStatus> status_;
  Instant status_at_{};
  RobotEvidence evidence_;
  std::string last_fault_;  // why the last answer to a status read proves nothing
  RobotScan scan_;
  // The motion that was intended last, and the robot's count before it.
  struct Sent {
    std::uint32_t sequence = 0;
    std::uint32_t completed = 0;
  };
  std::optional<Sent> sent_;
  bool keeps_memory_ = false;  // there is, or was, something to keep over a restart
  Json doubt_;  // the report of the motion that ended in doubt; null when none holds the robot

  RobotExpectation expect_;
  std::deque<RobotMotion> recent_;  // written lately: a gateway may deliver one that was given up
  std::uint32_t doubted_ = 0;       // sequence of the motion that ended in doubt
  std::string unexplained_;         // seen, and the command block is being asked for
  std::string told_unexplained_;    // last told

  std::uint32_t next_tag_ = 1;
  std::uint32_t open_[kAsks] = {};    // tag of the open request, 0 when none
  bool status_before_write_ = false;  // the open status read was asked before the command's answer
  Instant next_poll_ = kNever;
  Instant next_heartbeat_ = kNever;
  std::uint16_t master_beat_ = 0;
};

}  // namespace cryobank::devices
