// Room: oxygen by two sensors (the lower one counts), door, ventilation, LN2 inlet. Low oxygen
// blocks fills and robots and asks the inlet to close; nothing here opens it again, a person resets
// it at the panel. Two clocks run: of people (oxygen low since) and of samples (inlet closed
// since). Conditions: oxygen-low, oxygen-critical (limits of the site: 19.5 and 18 % unless it says
// otherwise; OSHA's hazard limit, and where German cryobanks shut the feed), oxygen-falling,
// oxygen-disagree, oxygen-sensor-lost, oxygen-unknown, inlet-closed, ventilation-off. Its gas
// budget is the liquid that may still vaporise in its air: 1 L gives 0.695 m3, perfectly mixed, no
// draught.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "config/site_config.hpp"
#include "devices/line/reading.hpp"
#include "devices/plant/condition_book.hpp"
#include "devices/plant/interlock.hpp"

namespace cryobank::devices {

enum class RoomPoint : std::uint8_t { oxygen_1, oxygen_2, door, ventilation, inlet_closed, other };
RoomPoint room_point(std::string_view id);

class Room {
 public:
  // `has_inlet_request`: its profile has the point that asks the inlet to close.
  Room(DeviceIndex device, std::string id, const config::RoomLimits& limits, bool has_second_sensor,
       bool has_inlet_request);

  void observe(Now now, RoomPoint point, const Reading& reading, ModelOutputs out);
  void on_deadline(Now now, ModelOutputs out);
  // The site says others from now on; what was read last is judged by them at once.
  void take_limits(Now now, const config::RoomLimits& limits, ModelOutputs out);
  Instant next_deadline() const;

  bool oxygen_low() const { return low_since_.has_value(); }
  std::optional<Milli> oxygen() const;  // the lower of the sensors that give a number
  void add_fill_reasons(std::vector<InterlockReason>& reasons) const;
  Status may_move() const;

  // Litres of LN2 that bring the oxygen down to `limit` %; empty when volume or oxygen is unknown.
  std::optional<Milli> gas_budget(Milli limit) const;
  Json describe(Now now) const;

 private:
  struct Past {
    Instant at;
    Milli oxygen;
  };

  void judge(Now now, ModelOutputs out);
  void judge_sensors(Now now, ModelOutputs out);
  void judge_fall(Now now, Milli worst, ModelOutputs out);
  void ask_inlet(Now now, ModelOutputs out);

  ConditionBook book_;
  std::string id_;
  config::RoomLimits limits_;
  bool has_second_;
  bool has_request_;
  std::array<std::optional<Milli>, 2> sensors_;
  std::array<bool, 2> heard_{};
  std::optional<WallTime> low_since_;
  std::optional<Instant> well_since_;
  std::optional<Instant> disagree_since_;
  std::optional<Past> past_;
  std::optional<bool> door_open_;
  std::optional<bool> inlet_closed_;
  std::optional<WallTime> inlet_closed_since_;
  std::optional<Instant> asked_at_;
};

}  // namespace cryobank::devices
