// RobotDriver: the protocol machine of one robot, whatever its family. It asks for requests and
// tells events; it owns no line. The fleet sends each request once, in order, and answers each tag
// once. Nothing is written before the first believable status; a motion is written at most once.
// A motion that start() took or resume() was given ends in exactly one of done, scanned,
// not_delivered, failed, doubt; accepted, gripped and holding may come before. Scans end in
// `scanned`. In every phase it compares what the robot shows with what it must show: `unexplained`
// is told at any time, and holds the robot like a doubt.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"
#include "config/site_config.hpp"
#include "devices/line/modbus.hpp"
#include "devices/robot/robot_motion.hpp"

namespace cryobank::devices {

// In RobotEvent::codes: a vial stands there and its code could not be read. No code looks like it.
inline constexpr std::string_view kUnreadableCode = "\x1a";

struct RobotRequest {
  std::uint32_t tag = 0;  // unique per driver; comes back with the reply
  bool is_write = false;
  bool is_motion = false;  // the command of a motion: never repeated by anybody
  ModbusRequest modbus;    // unit is set
};

struct RobotOutputs {
  std::vector<RobotRequest> requests;
  std::vector<RobotEvent> events;
};

class RobotDriver {
 public:
  virtual ~RobotDriver() = default;

  // Begins reading. Call once, before everything else.
  virtual void begin(Now now, RobotOutputs& out) = 0;
  // The reply to the request of that tag, or what stands for it (time-out, disconnected). Tags that
  // are not open are ignored.
  virtual void on_reply(Now now, std::uint32_t tag, const ModbusReply& reply,
                        RobotOutputs& out) = 0;
  virtual void on_deadline(Now now, RobotOutputs& out) = 0;
  virtual Instant next_deadline() const = 0;

  // Whether the motion could start now; the Error names what forbids it. Zones and the room are the
  // Interlocks' (interlock.hpp).
  virtual Status may_move(Now now, const RobotMotion& motion) const = 0;
  // The intent of this motion is about to be made durable: what the robot shows now is part of
  // memory() from here on, and goes to disk with it. Whoever takes over between the write and its
  // end compares with that. REQUIRES: it may move now. Sends nothing.
  virtual void intend(const RobotMotion& motion) { static_cast<void>(motion); }
  // Clears what the robot still latches of an earlier motion, then writes this one. REQUIRES: the
  // outcome of every earlier motion and the intent of this one are durable. An Error sent nothing.
  virtual Status start(Now now, const RobotMotion& motion, RobotOutputs& out) = 0;
  // After a restart, for a motion whose end the journal does not know. Writes no motion.
  virtual void resume(Now now, const RobotMotion& motion, JournaledMotion state,
                      RobotOutputs& out) = 0;

  // Paused: the running motion ends, no other starts. Ending a pause is a person's word that a
  // motion in doubt was looked at: it releases the robot, which is held from doubt on.
  virtual void pause(bool paused) = 0;
  // Whether the record has a vial in the gripper; without a value it is not compared just now.
  virtual void expect_gripper(std::optional<bool> occupied) = 0;
  // The record has the end of this motion. What was remembered of the robot from before it says
  // nothing any more: a record made anew from a backup and the journal has later motions than the
  // memory, which is in the backup only.
  virtual void forget_before(std::uint32_t sequence) { static_cast<void>(sequence); }
  virtual bool idle() const = 0;  // no motion open and not held
  // A motion ended in doubt or nobody ordered it, and nobody released the robot yet.
  virtual bool held() const = 0;
  // For a person at the robot: what it last reported, where the vial may be, which scans to make.
  virtual Json recovery_report(Now now) const = 0;
  // What should survive a restart (last completed count, that it is held); recall() takes it back,
  // before begin(). Errors of recall(): corrupt, with `what`, the member and what was expected.
  virtual Json memory() const = 0;
  virtual Status recall(std::string_view what, const Json& memory) = 0;
};

// By the profile's exactly_once: `sequence` gives a Robot, `sensors` and `operator-confirms` a
// SensorRobot. Errors: unsupported for a profile without one (it moves nothing), and for one that
// lacks a point that its family needs.
Result<std::unique_ptr<RobotDriver>> make_robot_driver(DeviceIndex device,
                                                       const config::DeviceConfig& config,
                                                       const config::DeviceProfile& profile,
                                                       Epoch epoch);

}  // namespace cryobank::devices
