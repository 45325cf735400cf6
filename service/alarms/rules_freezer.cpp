// Rules of LN2 freezers. Limits come from the device's [device.limits]; delays, deadbands and
// latching are the starting settings of docs/alarms.md, chosen so that an opened lid of three
// minutes does not page.
#include "base/text.hpp"
#include "service/alarms/rule.hpp"

namespace cryobank::alarms {
namespace {

// A top temperature this far above the critical limit is told without waiting.
constexpr Milli kNoDelayAbove = whole(10);
constexpr Milli kTemperatureDeadband = whole(3);
constexpr Milli kLevelDeadband = whole(5);

RuleSpec temperature_rule(const config::DeviceConfig& device, std::string_view point,
                          std::string_view title) {
  const config::AlarmLimits& limits = device.limits;
  RuleSpec spec;
  spec.device = device.id;
  spec.point = std::string(point);
  spec.condition = cat(point, "-high");
  spec.kind = RuleKind::above;
  spec.stages = {{Priority::p2, limits.temperature_warn, minutes(10)},
                 {Priority::p1, limits.temperature_critical, minutes(2)},
                 {Priority::p1, limits.temperature_critical + kNoDelayAbove, Duration{}}};
  spec.deadband = kTemperatureDeadband;
  spec.off_delay = minutes(10);
  spec.title = std::string(title);
  spec.unit = "Cel";
  spec.action = "Check lid and LN2 level; fill by hand; prepare to move the contents";
  return spec;
}

RuleSpec level_rule(const config::DeviceConfig& device, RuleKind kind, Milli warn, Milli critical,
                    Duration on_delay) {
  RuleSpec spec;
  spec.device = device.id;
  spec.point = "level";
  const bool low = kind == RuleKind::below;
  spec.condition = low ? "level-low" : "level-high";
  spec.kind = kind;
  spec.stages = {{Priority::p2, warn, on_delay}, {Priority::p1, critical, on_delay}};
  spec.deadband = kLevelDeadband;
  spec.off_delay = minutes(5);
  spec.title = low ? "LN2 level low" : "LN2 level high";
  spec.unit = "mm";
  spec.action = low ? "Check the LN2 supply and the fill valve; fill by hand"
                    : "Close the fill valve by hand; watch the oxygen before you go in";
  return spec;
}

RuleSpec switch_rule(const config::DeviceConfig& device, std::string_view point,
                     std::string_view condition, std::string_view title, std::string_view action) {
  RuleSpec spec;
  spec.device = device.id;
  spec.point = std::string(point);
  spec.condition = std::string(condition);
  spec.kind = RuleKind::equals;
  spec.title = std::string(title);
  spec.action = std::string(action);
  return spec;
}

}  // namespace

void add_freezer_rules(const config::DeviceConfig& device, std::vector<RuleSpec>& rules) {
  const config::AlarmLimits& limits = device.limits;
  rules.push_back(temperature_rule(device, "temperature-top", "top temperature"));
  rules.push_back(temperature_rule(device, "temperature-bottom", "bottom temperature"));
  rules.push_back(level_rule(device, RuleKind::below, limits.level_low_warn,
                             limits.level_low_critical, seconds(60)));
  rules.push_back(level_rule(device, RuleKind::above, limits.level_high_warn,
                             limits.level_high_critical, seconds(20)));

  RuleSpec lid = switch_rule(device, "lid", "lid-open", "lid open", "Close the lid");
  lid.stages = {{Priority::p3, whole(1), minutes(5)}, {Priority::p2, whole(1), minutes(10)}};
  lid.off_delay = seconds(10);
  rules.push_back(std::move(lid));

  RuleSpec disabled =
      switch_rule(device, "fill-disabled", "fill-disabled", "filling disabled at the controller",
                  "Find out why, fill by hand, enable filling at the controller");
  disabled.stages = {{Priority::p2, whole(1), seconds(60)}};
  disabled.off_delay = seconds(10);
  rules.push_back(std::move(disabled));

  RuleSpec power = switch_rule(device, "power", "mains-lost", "controller runs on battery",
                               "Check the mains of the freezer");
  power.stages = {{Priority::p2, whole(1), seconds(10)}};
  power.off_delay = seconds(60);
  rules.push_back(std::move(power));

  rules.push_back(unusable_rule(device, "temperature-top", "top temperature"));
  rules.push_back(unusable_rule(device, "temperature-bottom", "bottom temperature"));
  rules.push_back(unusable_rule(device, "level", "LN2 level"));
}

}  // namespace cryobank::alarms
