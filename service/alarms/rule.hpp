// Rule: when one signal of one device is an alarm. Data only: limits by stage, deadband, delays.
// A stage is a severity of the same alarm, 1 the mildest; each has its own delay, so that a value
// far out is told at once while one just over the limit may come back by itself.
// Evaluation looks at one observation and says which stages it reaches; the board runs the delays.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/site_config.hpp"
#include "service/alarms/board.hpp"

namespace cryobank::alarms {

enum class RuleKind : std::uint8_t {
  above,     // the value is above the limit
  below,     // the value is below the limit
  equals,    // the value is the limit (a switch position)
  unusable,  // the point answers, and its value cannot be trusted
  lost,      // the device does not answer
};

struct Stage {
  Priority priority = Priority::p2;
  Milli limit{};
  Duration on_delay{};
};

struct RuleSpec {
  DeviceId device;
  std::string point;      // kLinkPoint for rules about the device itself
  std::string condition;  // the alarm is "{device}.{condition}"
  RuleKind kind = RuleKind::above;
  std::vector<Stage> stages;  // 1 to kStagesMax, mildest first
  Milli deadband{};           // how far back within the limit a value must come
  Duration off_delay{};       // and for how long
  std::string title;          // what it is about, for people: "top temperature"
  std::string unit;
  std::string action;  // what to do
};

inline constexpr std::string_view kLinkPoint = "~link";
inline constexpr int kStagesMax = 3;

// Stages counted from 1; 0 is none.
struct Reach {
  bool known = false;  // false: the observation says nothing about this rule
  int up = 0;          // highest stage whose limit is passed
  int hold = 0;        // highest stage that the deadband still holds; never below `up`
};

struct Rule {
  RuleSpec spec;
  AlarmId alarm;
  int stage = 0;  // reached after delays; 0: normal
  int hold = 0;   // of the last observation
  int held = 0;   // highest hold since the off-delay began: what is left when it ends
  std::optional<Milli> value;
  Quality quality = Quality::good;
};

Reach evaluate(const RuleSpec& spec, Quality quality, std::optional<Milli> value);
// `state` as in devices::DeviceState names.
Reach evaluate_link(std::string_view state);

// "top temperature -148.2 Cel, limit -150": what is wrong now, with figures.
std::string describe(const Rule& rule, int stage);

// Every rule of the site, device by device.
std::vector<RuleSpec> site_rules(const config::SiteConfig& config);
// By kind of device; each in its own file.
void add_freezer_rules(const config::DeviceConfig& device, std::vector<RuleSpec>& rules);
void add_room_rules(const config::DeviceConfig& device, std::vector<RuleSpec>& rules);
void add_supply_rules(const config::DeviceConfig& device, std::vector<RuleSpec>& rules);
void add_link_rule(const config::DeviceConfig& device, std::vector<RuleSpec>& rules);
// A point whose value cannot be trusted.
RuleSpec unusable_rule(const config::DeviceConfig& device, std::string_view point,
                       std::string_view title);

}  // namespace cryobank::alarms
