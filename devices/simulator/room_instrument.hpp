// Room instrument: one of them, and for the first of each room the air itself: oxygen against the
// gas that the tanks give off, with ventilation and door; perfect mixing, 1 L of liquid is 0.695 m3
// of gas. An instrument with an inlet closes it below 18 % oxygen and when asked; only a person
// opens it again.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "devices/simulator/machine.hpp"
#include "devices/simulator/register_map.hpp"

namespace cryobank::simulator {

class RoomInstrument final : public Machine, private SignalSource {
 public:
  RoomInstrument(const config::DeviceConfig& config, const config::DeviceProfile& profile,
                 std::uint64_t seed);

  // Shares the air of `first`, an instrument of the same room that was made before. Once, at the
  // start.
  void share_air(RoomInstrument* first);
  bool inlet_closed() const { return has_inlet_ && inlet_closed_; }
  bool oxygen_low() const { return oxygen_low_; }  // as the interlock's own sensors see it
  bool quiet() const;
  void add_gas(std::int64_t liquid_nl) { air_->gas_nl_ += liquid_nl; }
  // Goes on to the second of `now`.
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
  void mix_air(std::int64_t dt_s);
  bool ventilated() const;
  Signal oxygen(Quantity quantity);

  RegisterMap map_;
  RoomInstrument* air_ = this;                // whose air it shows
  std::vector<RoomInstrument*> instruments_;  // of the room; only where the air is
  bool has_inlet_;
  std::uint64_t noise_seed_;
  SimTime now_;
  std::int64_t oxygen_ = 20'900'000;  // millionths of a percent
  std::int64_t gas_nl_ = 0;           // since the last step
  bool door_open_ = false;
  std::int64_t door_close_ms_ = -1;
  bool ventilation_ = true;
  bool inlet_closed_ = false;
  bool oxygen_low_ = false;
  bool close_request_ = false;
  std::map<std::string, std::int64_t> fixed_;
};

}  // namespace cryobank::simulator
