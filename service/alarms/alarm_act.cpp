#include "service/alarms/alarm_act.hpp"

#include <algorithm>

#include "base/row_reader.hpp"
#include "base/text.hpp"

namespace cryobank::alarms {
namespace {

constexpr FactName kAlarmActs[] = {fact::kAlarmAcknowledged, fact::kAlarmShelved,
                                   fact::kAlarmUnshelved,    fact::kAlarmUnacknowledged,
                                   fact::kAlarmReset,        fact::kAlarmCommented};
constexpr FactName kCareActs[] = {fact::kMaintenanceBegun, fact::kMaintenanceEnded,
                                  fact::kRoundEntered};

}  // namespace

bool is_alarm_act(const FactType& type) {
  return std::ranges::any_of(kAlarmActs, [&](const FactName& name) { return type == name; });
}

bool is_care_act(const FactType& type) {
  return std::ranges::any_of(kCareActs, [&](const FactName& name) { return type == name; });
}

Result<AlarmAct> read_alarm_act(const Fact& fact) {
  const std::string what = cat("fact ", fact.type);
  RowReader in(what, fact.data);
  AlarmAct act;
  act.alarm = in.id<AlarmId>("alarm");
  act.by = in.id<UserId>("by");
  act.occurrence = static_cast<std::uint64_t>(in.number("occurrence", 0));
  if (fact.type == fact::kAlarmCommented) {
    act.text = in.any_text("text");
  } else if (fact.type != fact::kAlarmUnshelved) {
    act.reason = in.any_text("reason");
  }
  if (fact.type == fact::kAlarmShelved) act.until = in.time("until");
  if (fact.type == fact::kAlarmAcknowledged) {
    act.severity = static_cast<int>(in.number("severity", 0, 3));
    act.comment = in.any_text("comment");
  }
  return in.all_of(std::move(act));
}

Result<CareAct> read_care_act(const Fact& fact) {
  const std::string what = cat("fact ", fact.type);
  RowReader in(what, fact.data);
  CareAct act;
  act.device = in.id<DeviceId>("device");
  act.by = in.id<UserId>("by");
  if (fact.type == fact::kMaintenanceBegun) {
    act.reason = in.any_text("reason");
    act.until = in.time("until");
  }
  if (fact.type == fact::kRoundEntered) {
    act.measured = in.time("measured_at");
    const Json& values = in.object("values");
    const std::string inner = cat(what, ", values");
    RowReader one(inner, values);
    for (const auto& [meaning, value] : values.members()) {
      act.values.emplace_back(meaning, one.milli(meaning));
    }
    if (in.ok() && !one.ok()) return one.status().error();
  }
  return in.all_of(std::move(act));
}

}  // namespace cryobank::alarms
