// The inside of Hardware, shared by its files: hardware_build.cpp, hardware.cpp (time and
// requests) and control.cpp (commands). Nobody else includes it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "devices/simulator/cooler.hpp"
#include "devices/simulator/freezer.hpp"
#include "devices/simulator/hardware.hpp"
#include "devices/simulator/robot/cell.hpp"
#include "devices/simulator/robot/robot_base.hpp"
#include "devices/simulator/room_instrument.hpp"
#include "devices/simulator/supply.hpp"
#include "devices/simulator/text_lines.hpp"

namespace cryobank::simulator {

struct Hardware::Parts {
  struct Line {
    std::vector<std::pair<std::uint8_t, Machine*>> units;
    FaultSet faults;
    devices::ModbusRequest last_request;
    devices::ModbusReply last_reply;  // of the unit, heard or not
    bool has_last = false;
    TextLines text;  // of a text line
    std::string last_text;
  };

  // A request that a gateway keeps, and when it delivers it.
  struct Held {
    std::int64_t due_ms = 0;
    Machine* machine = nullptr;
    devices::ModbusRequest request;
  };

  Parts(const config::SiteConfig& site, std::uint64_t seed);

  // hardware_build.cpp
  void build(std::uint64_t seed);
  std::unique_ptr<Machine> make_machine(const config::DeviceConfig& device, std::uint64_t seed);
  std::unique_ptr<RobotMachine> make_robot(const config::DeviceConfig& device,
                                           const config::DeviceProfile& profile,
                                           std::uint64_t seed);
  void connect();
  devices::RobotLocation port_of(const config::DeviceConfig& robot) const;

  // hardware.cpp
  Machine* unit_at(Line& line, std::uint8_t unit);
  Machine* other_unit(Line& line, const Machine* not_this);
  devices::ModbusReply serve(Machine& machine, const devices::ModbusRequest& request);
  void run_until(std::int64_t ms);
  std::int64_t next_due_ms() const;
  void settle_physics(bool all);
  bool quiet() const;
  void look_around(RobotMachine& robot);
  void expire_faults();
  void deliver_held();

  // control.cpp
  Result<Json> control(const Json& command);
  Result<Json> vial_command(std::string_view verb, const Json& command);
  Result<Json> add_fault(const Json& command);
  Result<Json> clear_faults(const Json& command);
  Result<Json> act(std::string_view verb, const Json& command);
  Json list_faults() const;
  Json list_motions(std::int64_t from) const;
  Json snapshot() const;
  Result<Machine*> machine_named(const Json& command);
  Result<Line*> line_named(const Json& command);
  void faults_changed();

  const config::SiteConfig& site;
  Cell cell;
  Prng prng;
  SimTime now;
  std::int64_t now_ns = 0;
  std::int64_t physics_s = 0;  // where something goes on, physics are done up to this second
  std::int64_t all_s = 0;      // everywhere, up to this one
  std::int64_t due_ms = 0;     // nothing happens by itself before; 0: to be looked up
  std::int64_t last_delay_ms = 0;
  std::int64_t clock_pace = 1000;  // Hardware::set_robot_pace
  std::uint64_t next_fault = 1;
  std::vector<Held> held;
  std::int64_t fault_end_ms = kNoEvent;
  std::vector<Line> lines;
  std::vector<std::unique_ptr<Machine>> machines;  // in the order of site.devices
  std::vector<Freezer*> freezers;
  std::vector<Cooler*> coolers;
  std::vector<Supply*> supplies;
  std::vector<RoomInstrument*> rooms;
  std::vector<RobotMachine*> robots;
  std::vector<std::uint16_t> robot_numbers;  // taken by grippers
};

}  // namespace cryobank::simulator
