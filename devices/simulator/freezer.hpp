// Freezer: a tank with a controller of its own: probes, fill logic, set-points, alarms, lid.
//
//   idle --level <= start, or fill command--> bypassing --line cold, 2-5 min--> filling
//   filling --level >= stop, or stop command--> idle
//   bypassing, filling --longer than the maximum fill time--> idle, filling disabled
// An open lid holds the valves shut without leaving the phase. Written set-points survive.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "devices/simulator/machine.hpp"
#include "devices/simulator/register_map.hpp"
#include "devices/simulator/tank.hpp"

namespace cryobank::simulator {

class Supply;
class RoomInstrument;

class Freezer final : public Machine, private SignalSource {
 public:
  Freezer(const config::DeviceConfig& config, const config::DeviceProfile& profile,
          std::uint64_t seed);

  // What it is connected to: its supply (nullptr: always liquid) and the instruments of its room.
  void connect(Supply* supply, std::vector<RoomInstrument*> rooms);
  // Nothing goes on that needs steps of one second.
  bool quiet() const;
  // Goes on to the second of `now`.
  void step_to(const SimTime& now);
  const Tank& tank() const { return tank_; }

  devices::ModbusReply serve(const SimTime& now, const devices::ModbusRequest& request) override;
  Signal shown(const SimTime& now, const config::Point& point) override;
  Result<Milli> truth(std::string_view quantity) const override;
  Status act(const SimTime& now, std::string_view verb, const Json& command) override;
  void faults_changed(const SimTime& now) override;
  Json save() const override;
  Status restore(const Json& saved) override;

 private:
  enum class Phase : std::uint8_t { idle, bypassing, filling };

  Signal signal(Quantity quantity, const config::Point& point) override;
  std::uint8_t take(Quantity quantity, const config::Point& point, Milli value) override;
  Signal probe(Quantity quantity);
  std::int64_t* set_point(Quantity quantity);
  std::uint8_t take_fill_command(Milli value);
  void control(std::int64_t dt_s);
  void begin_fill();
  void forget_probes();
  bool valve_driven() const { return phase_ == Phase::filling && !lid_open_; }
  bool valve_passes() const;
  std::int64_t alarms();
  std::int64_t heat_per_mille() const;

  RegisterMap map_;
  Prng prng_;
  std::uint64_t noise_seed_;
  Tank tank_;
  Supply* supply_ = nullptr;
  std::vector<RoomInstrument*> rooms_;
  SimTime now_;

  Phase phase_ = Phase::idle;
  std::int64_t bypass_left_s_ = 0;
  std::int64_t fill_s_ = 0;  // since the fill was asked for
  std::int64_t rest_s_ = 0;  // until another fill may start by level
  bool fill_disabled_ = false;
  bool fill_time_alarm_ = false;
  bool lid_open_ = false;
  std::int64_t lid_close_ms_ = -1;  // when it closes by itself; -1: a person closes it
  std::int64_t lid_open_s_ = 0;
  bool warm_line_ = false;
  std::int64_t battery_s_ = 0;  // on battery since

  // Set-points, thousandths of mm or Cel.
  std::int64_t fill_start_;
  std::int64_t fill_stop_;
  std::int64_t alarm_temperature_high_ = -150'000;
  std::int64_t alarm_level_low_;
  std::int64_t alarm_level_high_;
  std::int64_t fill_command_ = 0;
  std::map<std::string, std::int64_t> fixed_;  // points this machine knows nothing of

  // Probes read at the present already; the alarms and the registers ask for the same ones.
  Signal probed_[3];
  bool probed_now_[3] = {};
};

}  // namespace cryobank::simulator
