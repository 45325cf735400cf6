// Freezer: what the readings of one LN2 freezer mean together: fills, evaporation, and what a
// temperature should be just now (lid opened, filled lately). The hard temperature limits are the
// alarms' and are never softened from here.
// Conditions: those of FillWatch, and fill-disabled, controller-alarm, evaporation-raised (+50 %
// over 24 h), evaporation-doubled (12 h), level-falling-fast (1 h), temperature-unusual.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "config/site_config.hpp"
#include "devices/line/reading.hpp"
#include "devices/plant/condition_book.hpp"
#include "devices/plant/fill_watch.hpp"
#include "devices/plant/interlock.hpp"
#include "devices/plant/level_trend.hpp"

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
  other,
};
FreezerPoint freezer_point(std::string_view id);

class Freezer {
 public:
  Freezer(DeviceIndex device, const config::DeviceConfig& config,
          const config::DeviceProfile& profile);

  void observe(Now now, FreezerPoint point, const Reading& reading, ModelOutputs out);
  void on_deadline(Now now, ModelOutputs out);
  Instant next_deadline() const { return fills_.next_deadline(); }

  FillWatch& fills() { return fills_; }
  const FillWatch& fills() const { return fills_; }
  bool failing_to_fill() const { return fills_.failing(book_); }
  // What in the freezer itself forbids a fill.
  void add_fill_reasons(std::vector<InterlockReason>& reasons) const;

  std::optional<Milli> level() const { return level_; }
  std::optional<Milli> fill_start() const { return fill_start_; }
  std::optional<Milli> fill_stop() const { return fill_stop_; }
  // mm a day over the last quiet day, else what was learned; empty until known.
  std::optional<Milli> evaporation() const;
  std::optional<Duration> time_to_dry() const;
  std::optional<Duration> time_to_fill_start() const;

  Json describe(Now now) const;
  Json memory() const;
  void recall(const Json& memory);

 private:
  struct Expected {  // of the top probe, Cel
    Milli low;
    Milli high;
  };

  void take_lid(Now now, bool open);
  void take_top(Now now, Milli top, ModelOutputs out);
  void take_level(Now now, ModelOutputs out);
  void learn_day();
  std::optional<Expected> expected_top(Now now) const;
  std::vector<std::string> context(Now now) const;

  DeviceIndex device_;
  const config::Point* alarms_point_;
  ConditionBook book_;
  FillWatch fills_;
  LevelTrend trend_;

  std::optional<Milli> level_;
  std::optional<Milli> top_;
  std::optional<Milli> bottom_;
  std::optional<Milli> fill_start_;
  std::optional<Milli> fill_stop_;
  std::optional<bool> disabled_;

  std::optional<Instant> lid_opened_;  // open now
  std::optional<Instant> lid_closed_;
  Duration lid_open_for_{};
  std::optional<Instant> unusual_since_;
  Instant quiet_sampled_{};
  std::deque<std::int64_t> quiet_tops_;  // thousandths of Cel, last six hours of quiet
  std::optional<Milli> quiet_top_;       // their median

  std::vector<std::int64_t> daily_falls_;  // learned, thousandths of mm a day
  Duration learned_at_{};                  // quiet time of the last lesson
};

}  // namespace cryobank::devices
