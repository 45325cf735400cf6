// Freezer: what the readings of one LN2 freezer mean together. It hands each to the detectors of
// its tank (devices/detect), and knows what forbids a fill. The hard temperature limits are the
// alarms' and are never softened from here. Conditions: those of the detectors, and fill-disabled,
// controller-alarm, clock-off.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "config/site_config.hpp"
#include "devices/detect/level_trend.hpp"
#include "devices/detect/tank_watch.hpp"
#include "devices/line/reading.hpp"
#include "devices/plant/condition_book.hpp"
#include "devices/plant/interlock.hpp"

namespace cryobank::devices {

enum class FreezerPoint : std::uint8_t {
  level,
  temperature_top,
  temperature_bottom,
  lid,
  fill_valve,
  bypass_valve,
  fill_disabled,
  controller_alarms,
  fill_start,
  fill_stop,
  clock,
  weight,
  other,
};
FreezerPoint freezer_point(std::string_view id);

class Freezer {
 public:
  Freezer(DeviceIndex device, const config::DeviceConfig& config,
          const config::DeviceProfile& profile);

  void observe(Now now, FreezerPoint point, const Reading& reading, ModelOutputs out);
  void on_deadline(Now now, ModelOutputs out);
  Instant next_deadline() const { return tank_.next_deadline(); }
  // The site says others from now on.
  void take_limits(const config::AlarmLimits& limits);

  detect::FillWatch& fills() { return tank_.fills(); }
  const detect::FillWatch& fills() const { return tank_.fills(); }
  const detect::TankWatch& tank() const { return tank_; }
  bool failing_to_fill() const { return tank_.fills().failing(tank_.book()); }
  // What in the freezer itself forbids a fill.
  void add_fill_reasons(std::vector<InterlockReason>& reasons) const;

  std::optional<Milli> level() const { return tank_.level_now(); }
  std::optional<Milli> fill_start() const { return fill_start_; }
  std::optional<Milli> fill_stop() const { return fill_stop_; }
  // mm a day just now, else what was learned; empty until known.
  std::optional<Milli> evaporation() const { return tank_.falls().falling_per_day(); }
  std::optional<Duration> time_to_dry() const { return tank_.time_to_dry(); }
  std::optional<Duration> time_to_fill_start() const;

  Json describe(Now now) const;
  Json memory() const { return tank_.memory(); }
  Status recall(std::string_view what, const Json& memory);

 private:
  void take_level(Now now, std::optional<Milli> level);
  void take_clock(std::optional<Milli> ahead, ModelOutputs out);
  // Findings and wishes of the detectors, as conditions and acts.
  void tell(ModelOutputs out);
  std::vector<std::string> context(Now now) const;

  DeviceIndex device_;
  std::string id_;
  const config::Point* alarms_point_;
  ConditionBook book_;
  detect::TankWatch tank_;
  detect::LevelTrend trend_;  // for people: the fall over 12 and 24 h
  detect::Findings findings_;

  std::optional<Milli> fill_start_;
  std::optional<Milli> fill_stop_;
  std::optional<bool> disabled_;
  int clock_off_ = 0;  // values in a row
};

}  // namespace cryobank::devices
