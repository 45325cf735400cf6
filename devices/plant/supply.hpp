// Supply: one LN2 tank that feeds freezers: level (%), pressure (mbar), outlet valve, and for how
// many days it lasts. Two estimates, the worse one counts: its own fall, deliveries left out, and
// the evaporation of the freezers it feeds, by the share of the tank that a millimetre in a freezer
// was seen to cost. Conditions: supply-empty (measured), supply-empty-inferred (two or more of its
// freezers fail to fill, and no gauge says that it holds liquid), supply-not-reaching (the same
// while a gauge says so: a valve, ice in the line, its pressure or the gauge), supply-autonomy-low,
// supply-outlet-closed.
// An inferred emptiness forbids fills for half an hour after the last failure; then one may be
// tried, since only a good fill ends the inference.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "devices/detect/level_trend.hpp"
#include "devices/line/reading.hpp"
#include "devices/plant/condition_book.hpp"
#include "devices/plant/interlock.hpp"

namespace cryobank::devices {

enum class SupplyPoint : std::uint8_t { level, pressure, outlet_valve, other };
SupplyPoint supply_point(std::string_view id);

// What its freezers do, gathered by the plant.
struct SupplyLoad {
  std::vector<std::string> failing;  // ids of the freezers that fail to fill
  std::optional<Milli> evaporation;  // of all its freezers together, mm a day
};

class Supply {
 public:
  explicit Supply(DeviceIndex device);

  void observe(Now now, SupplyPoint point, const Reading& reading, ModelOutputs out);
  void load(Now now, const SupplyLoad& load, ModelOutputs out);
  // A freezer was filled by so many mm.
  void filled(Milli rise);

  void add_fill_reasons(Now now, std::vector<InterlockReason>& reasons) const;
  std::optional<Duration> autonomy() const;

  Json describe() const;
  Json memory() const;
  // `what` names the memory in an Error (corrupt).
  Status recall(std::string_view what, const Json& memory);

 private:
  std::optional<Milli> use_per_day() const;  // % a day
  void judge_failing(const std::vector<std::string>& failing, ModelOutputs out);

  ConditionBook book_;
  detect::LevelTrend trend_;
  std::optional<Milli> level_;
  std::optional<Milli> pressure_;
  std::optional<bool> outlet_open_;
  std::optional<Milli> counted_level_;  // level up to which the tank's fall was counted
  std::int64_t fallen_ = 0;             // thousandths of %, over what filled_ covers
  std::int64_t filled_ = 0;             // thousandths of mm
  std::optional<Milli> evaporation_;
  std::size_t failing_ = 0;
  Instant failed_at_{};  // the number of failing freezers last rose
};

}  // namespace cryobank::devices
