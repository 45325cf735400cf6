// Machine: one simulated device behind one unit address. It serves requests from its own registers
// and tells its physical truth. The Hardware owns it and brings it up to date before every call.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/units.hpp"
#include "config/site_config.hpp"
#include "devices/line/modbus.hpp"
#include "devices/simulator/fault_set.hpp"
#include "devices/simulator/quantity.hpp"

namespace cryobank::simulator {

// The clocks a machine may look at, all of them simulated.
struct SimTime {
  std::int64_t ms = 0;           // since the simulation began
  std::int64_t utc_base_ms = 0;  // wall clock at 0
  std::int64_t seconds() const { return ms / 1000; }
  std::int64_t utc_s() const { return (utc_base_ms + ms) / 1000; }
};

class Machine {
 public:
  explicit Machine(const config::DeviceConfig& config) : config_(config) {}
  virtual ~Machine() = default;
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // An answer of kind ok or exception; timeout when the machine is without power.
  virtual devices::ModbusReply serve(const SimTime& now, const devices::ModbusRequest& request) = 0;
  // What a point of it shows, for machines that speak text. Robots do not.
  virtual Signal shown(const SimTime& /*now*/, const config::Point& /*point*/) {
    return {.broken = true, .value = {}, .text = {}};
  }
  // Truth by the names that docs/simulator.md lists; not what a lying probe shows.
  virtual Result<Milli> truth(std::string_view quantity) const = 0;
  // A person or the test does something to the machine (docs/simulator.md); Error: what it knows.
  virtual Status act(const SimTime& now, std::string_view verb, const Json& command) = 0;
  // A fault was added or removed.
  virtual void faults_changed(const SimTime& now) = 0;

  virtual Json save() const = 0;
  virtual Status restore(const Json& saved) = 0;

  const config::DeviceConfig& config() const { return config_; }
  FaultSet& faults() { return faults_; }
  const FaultSet& faults() const { return faults_; }

  // The second up to which its physics are done.
  std::int64_t settled_s() const { return settled_s_; }
  void set_settled_s(std::int64_t second) { settled_s_ = second; }

 protected:
  // Seconds from there to `now`, which are then done.
  std::int64_t settle(const SimTime& now) {
    const std::int64_t dt_s = now.seconds() - settled_s_;
    settled_s_ = now.seconds();
    return dt_s;
  }

  const config::DeviceConfig& config_;
  FaultSet faults_;

 private:
  std::int64_t settled_s_ = 0;
};

devices::ModbusReply exception_reply(std::uint8_t code);

// Exception codes of Modbus Application Protocol V1.1b3, section 7.
inline constexpr std::uint8_t kIllegalFunction = 1;
inline constexpr std::uint8_t kIllegalAddress = 2;
inline constexpr std::uint8_t kIllegalValue = 3;
inline constexpr std::uint8_t kDeviceFailure = 4;

}  // namespace cryobank::simulator
