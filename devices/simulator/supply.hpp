// Supply: the bulk LN2 tank. Feeds the fills of its freezers, evaporates under 1 % a day, is filled
// up by a lorry a day or two after it fell below a quarter. Empty, or warm on command, it gives
// gas.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "devices/simulator/machine.hpp"
#include "devices/simulator/register_map.hpp"

namespace cryobank::simulator {

class Supply final : public Machine, private SignalSource {
 public:
  Supply(const config::DeviceConfig& config, const config::DeviceProfile& profile,
         std::uint64_t seed);

  // Liquid that one open valve passes just now, nanolitres a second; 0: gas or nothing comes.
  std::int64_t flow_nl_s() const;
  bool gives_gas() const;  // something comes, and it is warm
  void draw(std::int64_t nl);
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
  std::int64_t pressure_mbar() const;
  std::int64_t level_permille_percent() const;  // thousandths of a percent

  RegisterMap map_;
  Prng prng_;
  std::uint64_t noise_seed_;
  SimTime now_;
  std::int64_t capacity_nl_;
  std::int64_t volume_nl_;
  std::int64_t drawn_nl_ = 0;  // in the step before this one
  std::int64_t drawing_nl_ = 0;
  std::int64_t delivery_ms_ = -1;  // when the lorry comes
  std::map<std::string, std::int64_t> fixed_;
};

}  // namespace cryobank::simulator
