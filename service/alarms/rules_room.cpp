// Rules of rooms and of the LN2 supply. Oxygen: below 19.5 % is hazardous (OSHA 29 CFR 1910.134
// calls it oxygen-deficient), 18 % is where cryobanks evacuate. A low reading of either sensor
// counts: the gas lies near the floor first.
#include "base/text.hpp"
#include "service/alarms/rule.hpp"

namespace cryobank::alarms {
namespace {

constexpr Milli kOxygenDeadband{300};
constexpr Milli kStockDeadband = whole(2);
constexpr Milli kPressureDeadband = whole(100);

RuleSpec oxygen_rule(const config::DeviceConfig& device, std::string_view point) {
  RuleSpec spec;
  spec.device = device.id;
  spec.point = std::string(point);
  spec.condition = cat(point, "-low");
  spec.kind = RuleKind::below;
  spec.stages = {{Priority::p1, device.room_limits.oxygen_warn, seconds(3)},
                 {Priority::p1, device.room_limits.oxygen_evacuate, Duration{}}};
  spec.deadband = kOxygenDeadband;
  spec.off_delay = seconds(60);
  spec.title = "DO NOT ENTER: oxygen";  // the page begins with it (page_text.hpp)
  spec.unit = "%";
  spec.action = "Keep everybody out; ventilate from outside; reset the interlock at the panel only";
  return spec;
}

RuleSpec switch_rule(const config::DeviceConfig& device, std::string_view point,
                     std::string_view condition, const Stage& stage, std::string_view title,
                     std::string_view action) {
  RuleSpec spec;
  spec.device = device.id;
  spec.point = std::string(point);
  spec.condition = std::string(condition);
  spec.kind = RuleKind::equals;
  spec.stages = {stage};
  spec.off_delay = seconds(60);
  spec.title = std::string(title);
  spec.action = std::string(action);
  return spec;
}

RuleSpec below_rule(const config::DeviceConfig& device, std::string_view point,
                    std::vector<Stage> stages, Milli deadband, Duration off_delay,
                    std::string_view title) {
  RuleSpec spec;
  spec.device = device.id;
  spec.point = std::string(point);
  spec.condition = cat(point, "-low");
  spec.kind = RuleKind::below;
  spec.stages = std::move(stages);
  spec.deadband = deadband;
  spec.off_delay = off_delay;
  spec.title = std::string(title);
  return spec;
}

}  // namespace

void add_room_rules(const config::DeviceConfig& device, std::vector<RuleSpec>& rules) {
  rules.push_back(oxygen_rule(device, "oxygen-1"));
  rules.push_back(oxygen_rule(device, "oxygen-2"));
  // The shut-off that protects people starts a slower emergency for the samples: every freezer of
  // the room is cut off until a person resets it.
  rules.push_back(switch_rule(device, "inlet-closed", "ln2-inhibited",
                              {Priority::p1, whole(1), Duration{}}, "LN2 INHIBITED: inlet closed",
                              "Freezers cannot fill; make sure the room is safe, then reset"));
  rules.push_back(switch_rule(device, "ventilation", "ventilation-off",
                              {Priority::p2, Milli{}, seconds(30)}, "ventilation off",
                              "Restore the ventilation before anybody fills or enters"));
  rules.push_back(unusable_rule(device, "oxygen-1", "oxygen 1"));
  rules.push_back(unusable_rule(device, "oxygen-2", "oxygen 2"));
}

void add_supply_rules(const config::DeviceConfig& device, std::vector<RuleSpec>& rules) {
  const config::SupplyLimits& limits = device.supply_limits;
  RuleSpec level = below_rule(device, "level",
                              {{Priority::p2, limits.level_warn, seconds(60)},
                               {Priority::p1, limits.level_critical, seconds(60)}},
                              kStockDeadband, minutes(5), "LN2 stock");
  level.unit = "%";
  level.action = "Order LN2 now; plan manual filling";
  rules.push_back(std::move(level));
  RuleSpec pressure =
      below_rule(device, "pressure", {{Priority::p1, limits.pressure_min, seconds(10)}},
                 kPressureDeadband, seconds(60), "LN2 supply pressure");
  pressure.unit = "mbar";
  pressure.action = "Freezers cannot fill; check tank, valves and pressure builder";
  rules.push_back(std::move(pressure));
  rules.push_back(switch_rule(device, "outlet-valve", "ln2-inhibited",
                              {Priority::p1, Milli{}, seconds(10)},
                              "LN2 INHIBITED: outlet valve closed",
                              "Freezers cannot fill; find out who closed it and why"));
  rules.push_back(unusable_rule(device, "level", "LN2 stock"));
  rules.push_back(unusable_rule(device, "pressure", "LN2 supply pressure"));
}

}  // namespace cryobank::alarms
