// Rule: one entry of the alarm catalogue as it holds for one device, and where it stands. A stage
// is a severity of the same alarm, 1 the mildest; each has its own delay, so that a value far out
// is told at once while one just over the limit may come back by itself. Evaluation looks at one
// observation and says which stages it reaches; the board runs the delays. What a detector tells
// goes the same way.
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/device_state.hpp"
#include "config/alarm_catalogue.hpp"
#include "config/site_config.hpp"
#include "service/alarms/board.hpp"

namespace cryobank::alarms {

struct RuleSpec {
  DeviceId device;
  config::AlarmEntry entry;  // limits resolved
  std::string point;         // the signal's meaning; kLinkPoint for lost; empty for told
  bool off = false;          // not watched here; kept, since a reload may bring it back
};

inline constexpr std::string_view kLinkPoint = "~link";
inline constexpr int kStagesMax = config::kAlarmStagesMax;

// Stages counted from 1; 0 is none.
struct ReachedStages {
  bool known = false;  // false: the observation says nothing about this rule
  int up = 0;          // highest stage whose limit is passed
  int hold = 0;        // highest stage that the deadband still holds
};

struct Rule {
  RuleSpec spec;
  AlarmId alarm;
  int stage = 0;  // reached after delays; 0: normal
  int up = 0;     // of the last observation
  int hold = 0;   // of the last observation
  int held = 0;   // highest hold since the off-delay began: what is left when it ends
  std::array<int, kStagesMax> seen{};  // values in a row beyond the limit of each stage
  std::array<bool, kStagesMax> due{};  // its delay is over, and it waits for one more value
  std::array<WallTime, kStagesMax>
      pending{};              // when its delay ends, also over a restart; ms 0: none
  bool pending_kept = false;  // the record holds a row of them
  std::deque<Instant> times;  // of the last passings, for the count
  std::optional<Milli> value;
  Quality quality = Quality::good;
  std::string told;        // the detector's words
  ReachedStages said{};    // by the detector, last
  bool explained = false;  // a detector says why, and that nobody need come for it
};

Priority priority_of(config::AlarmPriority priority);

ReachedStages evaluate(const RuleSpec& spec, Quality quality, std::optional<Milli> value);
ReachedStages evaluate_link(DeviceState state);
// While it is explained only a stage without a delay is reached.
int unexplained(const config::AlarmEntry& entry, int up);

// "top temperature -148.2 Cel, limit -150": what is wrong now, with figures. Never a limit that the
// value keeps: of the stages, the worst whose limit the value passes is named.
std::string describe(const Rule& rule, int stage);

// Every rule of the site, device by device, also those that it took off.
std::vector<RuleSpec> site_rules(const config::SiteConfig& config);

}  // namespace cryobank::alarms
