// Hardware: the simulated machines of one site, behind the same registers as real ones. It holds
// the physical truth (where each vial is, how much LN2 is left) that the checkers compare the
// record with. Deterministic: truth is a function of the seed, the calls and their order. Two
// worlds use it: the tests on virtual time, and cryobank-sim over real Modbus.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/time.hpp"
#include "config/site_config.hpp"
#include "devices/line/line.hpp"
#include "devices/line/modbus.hpp"
#include "devices/robot/robot_motion.hpp"
#include "devices/simulator/link.hpp"

namespace cryobank::simulator {

class Hardware {
 public:
  Hardware(const config::SiteConfig& config, std::uint64_t seed);
  ~Hardware();
  Hardware(const Hardware&) = delete;
  Hardware& operator=(const Hardware&) = delete;

  // Physics go on by `elapsed` (0 to 1 h a call).
  void advance(Duration elapsed);

  // What the unit on that line answers now. Link faults may turn the answer into any reply kind.
  devices::ModbusReply answer(devices::LineIndex line, const devices::ModbusRequest& request);

  // The same, taken apart for servers that make the fault on the wire: what the link does, what the
  // unit answers (also when nobody hears it), and what it answered to the request before.
  struct Exchange {
    LinkVerdict link;
    devices::ModbusReply reply;
    devices::ModbusReply before;
    bool before_fits = false;  // `before` could pass for an answer to this request
  };
  Exchange exchange(devices::LineIndex line, const devices::ModbusRequest& request);
  // The same on a text line: what its machine answers to a question. An unknown question is lost.
  struct TextExchange {
    LinkVerdict link;
    std::string line;
    std::string before;  // the answer to the question before
  };
  TextExchange ask(devices::LineIndex line, std::string_view question);
  // What the machines of a text line printed by themselves since the last call.
  std::vector<std::string> printed(devices::LineIndex line);

  // How late the answer of the last answer() comes (fault delay); 0 to 10 s.
  Duration last_delay() const;

  // Wall clock that the machines' own clocks show from now on.
  void set_clock(WallTime utc);
  // For physics that run faster than the world: how many thousandths of its usual time, on this
  // hardware's clock, a motion takes; and everything else that robots and links do by the clock
  // (heartbeat, start, patience with a silent master, length of faults). 1 to 100,000,000 each.
  void set_robot_pace(std::int64_t motion_per_mille, std::int64_t clock_per_mille);

  // A person puts a vial somewhere or takes it away. Error when the place is taken or empty.
  Status put_vial(const devices::RobotLocation& location, std::string_view code);
  Status take_vial(const devices::RobotLocation& location);

  // A command of docs/simulator.md as JSON, e.g.
  // {"do":"fault","device":"freezer-1","fault":"vacuum-loss","factor":20}. The reply is JSON; an
  // Error names what was expected.
  Result<Json> control(const Json& command);

  // The truth. Every vial is at exactly one location; a gripper is {robot unit, 0xFFFF, 0}, the
  // floor (dropped) is {robot unit, 0xFFFE, n}.
  const std::map<devices::RobotLocation, std::string>& vials() const;
  std::uint64_t moves() const;  // physical moves by all robots since the start
  // Every physical motion begun, in order: robot device id, epoch, sequence.
  struct Motion {
    std::string robot;
    std::uint32_t epoch = 0;
    std::uint32_t sequence = 0;
  };
  const std::vector<Motion>& motions() const;
  // True value of a point, in the point's unit; for the checkers.
  Result<Milli> truth(std::string_view device, std::string_view quantity) const;

  // The whole state, so that a power cut or a restart of the program keeps it.
  Json save() const;
  Status restore(const Json& saved);

 private:
  struct Parts;  // hardware_parts.hpp
  std::unique_ptr<Parts> parts_;
};

}  // namespace cryobank::simulator
