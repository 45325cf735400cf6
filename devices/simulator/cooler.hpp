// Cooler: a mechanical freezer or a temperature controller on one: a compressor with a set-point,
// no liquid. Two bodies, the air that the probes see and the load; first order, integers only, in
// micro-degrees Celsius. The compressor runs above set-point + 1 Cel until set-point - 1 Cel.
// Figures, of upright -80 Cel freezers in general: from room temperature to -80 Cel in about 5 h,
// to -50 Cel about 5 h after the power failed, air up by 10 to 20 Cel when the door is open for a
// minute. Stepped on a grid of its own, so that reading it changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "devices/simulator/machine.hpp"
#include "devices/simulator/register_map.hpp"

namespace cryobank::simulator {

class Cooler final : public Machine, private SignalSource {
 public:
  Cooler(const config::DeviceConfig& config, const config::DeviceProfile& profile,
         std::uint64_t seed);
  // A freezer's profile with a set-point and without a level.
  static bool fits(const config::DeviceProfile& profile);

  void step_to(const SimTime& now);

  devices::ModbusReply serve(const SimTime& now, const devices::ModbusRequest& request) override;
  Signal shown(const SimTime& now, const config::Point& point) override;
  Result<Milli> truth(std::string_view quantity) const override;
  Status act(const SimTime& now, std::string_view verb, const Json& command) override;
  void faults_changed(const SimTime& now) override;
  Json save() const override;
  Status restore(const Json& saved) override;

 private:
  Signal signal(Quantity quantity, const config::Point& point) override;
  std::uint8_t take(Quantity quantity, const config::Point& point, Milli value) override;
  void step();
  void close_door_when_due(std::int64_t second);
  bool powered() const { return !faults_.has(FaultKind::power_failure); }
  Signal probe(std::uint64_t number);
  std::optional<Milli> state_of(std::string_view id) const;
  std::int64_t system_status() const;
  std::int64_t relay_status() const;

  RegisterMap map_;
  std::uint64_t noise_seed_;
  SimTime now_;
  std::int64_t stepped_s_ = 0;
  std::int64_t set_point_ = -80'000;  // thousandths
  std::int64_t air_ = set_point_ * 1000;
  std::int64_t load_ = air_;
  bool running_ = false;
  bool reached_ = true;  // the set-point, since power came
  bool door_open_ = false;
  std::int64_t door_close_ms_ = -1;  // when it closes by itself; -1: a person closes it
  FixedValues fixed_;                // points this machine knows nothing of
};

}  // namespace cryobank::simulator
