// Fleet: every machine of the site as the core sees it. It owns the lines' request queues, the read
// plans, the device models and the robots' protocol machines, and speaks only in values: what to
// send, what was read, what changed. It never decides what a reading means for a patient: that is
// for the alarms.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/record.hpp"
#include "base/time.hpp"
#include "config/site_config.hpp"
#include "devices/line/device_event.hpp"
#include "devices/line/line.hpp"
#include "devices/line/reading.hpp"
#include "devices/robot/robot_motion.hpp"

namespace cryobank::devices {

struct DeviceStateChange {
  DeviceIndex device;
  DeviceState state = DeviceState::lost;
  WallTime last_ok;
  std::string reason;  // Fleet::fault() at that time
};

struct FleetOutputs {
  std::vector<LineRequest> requests;
  std::vector<Reading> readings;
  std::vector<DeviceStateChange> states;
  std::vector<DeviceCondition> conditions;
  std::vector<RobotEvent> robot_events;
  std::vector<WriteOutcome> writes;
  std::vector<DeviceAct> acts;  // commands of the service itself, for the core to decide and commit
  std::vector<DeviceIndex> changed;  // told_model() or target() of these differ from before

  void clear();
};

// One round of a line: every point of every device once, fast and slow.
struct LinePromise {
  std::size_t devices = 0;
  std::size_t reads = 0;  // requests of the round
  Duration at_best{};     // every unit answers within kTurnaround; on a serial line its wire adds
  Duration at_worst{};    // every answer takes its whole time-out
  Duration dead_unit{};   // what one unit without an answer costs a round at most
  Duration fast{};        // the slowest fast period really kept, of the devices of the line
};

class Fleet {
 public:
  // `config` must outlive the fleet. `seed` only spreads first polls and back-offs.
  Fleet(const config::SiteConfig& config, Epoch epoch, std::uint64_t seed);
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  // Begins polling. Robots are read first; nothing is written before a robot's first status.
  void start(Now now, FleetOutputs& out);
  void on_reply(Now now, const LineReply& reply, FleetOutputs& out);
  void on_text(Now now, const LineText& text, FleetOutputs& out);
  void on_deadline(Now now, FleetOutputs& out);
  // `config` has other limits of its devices than before: they hold from now on.
  void take_limits(Now now, FleetOutputs& out);
  Instant next_deadline() const;

  // Whether a motion could start now; the Error names the interlock. Asked before it is journaled.
  Status may_move(Now now, DeviceIndex robot, const RobotMotion& motion) const;
  // The same, and what the robot shows now is among the rows that take_rows() gives: they become
  // durable in one batch with the motion's intent.
  Status intend_motion(Now now, DeviceIndex robot, const RobotMotion& motion);
  // Motions. Refused (Error) when the robot is unknown, busy, paused, or an interlock forbids it;
  // then nothing is sent. REQUIRES: the motion is durable in the journal before this call.
  Status start_motion(Now now, DeviceIndex robot, const RobotMotion& motion, FleetOutputs& out);
  // After a restart, once per open motion, before any start_motion of that robot: asks the robot
  // and ends in a RobotEvent. Never writes.
  void resume_motion(Now now, DeviceIndex robot, const RobotMotion& motion, JournaledMotion state,
                     FleetOutputs& out);
  Status pause_robot(DeviceIndex robot, bool paused);
  // Whether the record has a vial in the robot's gripper; nothing while a motion changes that.
  void expect_gripper(DeviceIndex robot, std::optional<bool> occupied);
  // After loading: the newest motion whose end the record has.
  void forget_before(DeviceIndex robot, std::uint32_t sequence);

  // Set-points and commands of freezers, supply and room ("fill", "stop-fill", "write"): checks
  // class, range, rate, budget, witness and interlocks. On success the facts are journaled by the
  // caller and then begin_write is called with the same values.
  Result<Decision> decide(std::string_view verb, const Json& body,
                          const CommandContext& context) const;
  bool handles(std::string_view verb) const;
  // Carries out what `decide` allowed, once durable; `fact` is one of its facts.
  // Errors: the fact cannot be read, and nothing is ordered.
  Status carry_out(Now now, const Fact& fact, const std::string& command, FleetOutputs& out);
  // Rows of its own (write counters, learned rates) and their loading at start.
  Status load_row(std::string_view key, std::string_view value);
  std::vector<RowChange> take_rows();

  // For rendering and rules; indexes are places in config.devices and profile.points.
  const Reading& reading(DeviceIndex device, PointIndex point) const;
  DeviceState state(DeviceIndex device) const;
  WallTime last_ok(DeviceIndex device) const;
  // What comes instead of answers, in words for a person: "no answer", "an answer of unit 4",
  // "exception 11 (gateway: the unit does not answer)". Empty while answers come.
  std::string fault(DeviceIndex device) const;
  const config::DeviceProfile& profile(DeviceIndex device) const;
  // device/{device}/description and device/{device}/target/{point} payloads, without the envelope.
  Json describe(DeviceIndex device) const;
  // What the device's model concludes just now; of a robot, what it is doing and last reported.
  Json inspect(DeviceIndex device) const;
  // The same as last told, for device/{device}/model; null for robots, and before it was told.
  Json told_model(DeviceIndex device) const;
  Json target(DeviceIndex device, PointIndex point) const;  // null when none is wanted
  // For a person at a robot that is held: what it last reported, where the vial may be.
  Json recovery_report(Now now, DeviceIndex robot) const;
  // Longest time a line's current request has been unanswered: feeds the watchdog.
  Duration oldest_request(Now now) const;
  // What a line can promise, known from the configuration alone.
  LinePromise promise(LineIndex line) const;
  // The shortest cycle that a serial line allows for one round of its fast points; its devices are
  // polled no faster. Zero for TCP.
  Duration shortest_cycle(LineIndex line) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace cryobank::devices
