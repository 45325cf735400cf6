// RelayRobot: a machine without sequence numbers, as the relay cabinets that public drivers show
// (LiCONiC STX, Thermo Cytomat): parameters in words, one relay that starts, a ready flag, sensors.
// It obeys every rising relay while it is ready, also the same one twice: exactly once is beyond
// such a protocol. Registers stand where its profile names them (points: docs/simulator.md).
//
//   ready --relay rises--> busy --> ready, or ready with the error flag
//   error --start-park, or a person at the panel--> no error
// Relays that rise while it is busy do nothing.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "devices/robot/robot_motion.hpp"
#include "devices/simulator/register_map.hpp"
#include "devices/simulator/robot/robot_base.hpp"

namespace cryobank::simulator {

class RelayRobot final : public RobotMachine, private SignalSource {
 public:
  RelayRobot(const config::DeviceConfig& config, const config::DeviceProfile& profile,
             std::uint16_t number, const devices::RobotLocation& port, Cell& cell,
             std::uint64_t seed);

  std::int64_t next_event_ms() const override { return event_ms_; }
  void on_event(const SimTime& now) override;
  bool moving() const override { return step_ != Step::ready; }

  devices::ModbusReply serve(const SimTime& now, const devices::ModbusRequest& request) override;
  Result<Milli> truth(std::string_view quantity) const override;
  Status act(const SimTime& now, std::string_view verb, const Json& command) override;
  void faults_changed(const SimTime& now) override;
  Json save() const override;
  Status restore(const Json& saved) override;

 private:
  // Its "action" register shows the number of the step.
  enum class Step : std::uint8_t { ready, starting, to_source, to_destination, ending, off };

  Signal signal(Quantity quantity, const config::Point& point) override;
  std::uint8_t take(Quantity quantity, const config::Point& point, Milli value) override;
  void begin(devices::RobotVerb verb);
  void enter(Step step, std::int64_t lasts_ms);
  bool strikes(std::string_view step);
  void take_vial();
  void release_vial();
  void finish();
  void fail(std::int64_t code);
  bool busy_at_port() const;
  devices::RobotLocation gripper() const { return {number_, kGripperRack, 0}; }

  RegisterMap map_;
  std::uint16_t number_;
  devices::RobotLocation port_;  // first position of its transfer port
  Cell& cell_;
  Prng prng_;
  SimTime now_;
  Step step_ = Step::ready;
  std::int64_t event_ms_ = kNoEvent;
  devices::RobotVerb verb_ = devices::RobotVerb::park;
  devices::RobotLocation source_{};
  devices::RobotLocation destination_{};
  std::map<std::string, std::int64_t> words_;  // what was written, by point
  bool faking_ = false;
  bool error_ = false;
  std::int64_t error_code_ = 0;
  std::string code_;
  std::uint32_t started_ = 0;  // motions begun
  std::int64_t completed_ = 0;
};

}  // namespace cryobank::simulator
