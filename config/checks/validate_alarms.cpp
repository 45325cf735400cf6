// Rules about what a site changes in the alarm catalogue: of what, within which bounds, and never
// so that an alarm on which a life depends is gone or comes too late.
#include <algorithm>
#include <array>
#include <set>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "config/alarm_catalogue.hpp"
#include "config/checks/validate.hpp"
#include "config/limit_range.hpp"
#include "config/meaning.hpp"
#include "config/names.hpp"

namespace cryobank::config {
namespace {

// How far back within a limit a value may have to come before an alarm may end. More than these and
// it would never end on a machine that is well again.
struct DeadbandMax {
  std::string_view unit;
  Milli most;
};
constexpr std::array kDeadbands{DeadbandMax{"Cel", whole(30)}, DeadbandMax{"mm", whole(60)},
                                DeadbandMax{"%", whole(10)}, DeadbandMax{"mbar", whole(1000)},
                                DeadbandMax{"kg", whole(50)}};
constexpr Milli kOxygenDeadbandMax = whole(1);

void refuse_override(const AlarmOverride& one, std::string_view text, Faults& faults) {
  faults.add(one.file, one.line, cat("[[alarm]] \"", clip(one.condition, 64), "\": ", text));
}

bool is_oxygen(const AlarmEntry& entry) { return entry.signal.starts_with("oxygen"); }

// A person would be hurt, and not a vial: its page keeps people out, or its latch keeps the LN2
// shut.
bool guards_people(const AlarmEntry& entry) {
  return entry.keep_out || entry.condition == "ln2-inhibited";
}

void check_target(const SiteIndex& index, const AlarmOverride& one, Faults& faults) {
  if (one.device.empty() && one.profile.empty()) return;  // told when it was read
  const bool known = one.device.empty() ? index.profiles.count(one.profile) > 0
                                        : index.devices.count(one.device) > 0;
  if (known) return;
  refuse_override(one,
                  cat("expected a device or profile of this site, came \"",
                      clip(one.device.empty() ? one.profile : one.device, 64), "\""),
                  faults);
}

void check_once(const SiteIndex& index, const AlarmOverride& one, Faults& faults) {
  for (const AlarmOverride& other : index.config.alarms) {
    if (&other == &one) return;
    if (other.condition != one.condition || other.device != one.device ||
        other.profile != one.profile) {
      continue;
    }
    return refuse_override(
        one, cat("expected once, it stands in ", other.file, ":", other.line, " too"), faults);
  }
}

// A condition that judges no number has no limit and no deadband.
bool has_limit(AlarmWhen when) { return when == AlarmWhen::above || when == AlarmWhen::below; }

// Whether every limit that it names is one of such a device.
bool check_limit_names(const AlarmOverride& one, DeviceKind kind, Faults& faults) {
  bool good = true;
  if (!one.stages) return good;
  for (const AlarmStage& stage : *one.stages) {
    if (stage.limit_of.empty()) continue;
    const auto names = limit_names(kind);
    if (std::ranges::find(names, stage.limit_of) != names.end()) continue;
    good = false;
    refuse_override(one,
                    cat("expected a number or a limit of a ", name_of(kind), ", came \"",
                        clip(stage.limit_of, 40), "\"", suggestion(stage.limit_of, names)),
                    faults);
  }
  return good;
}

void check_limit_is_judged(const AlarmOverride& one, const AlarmEntry& entry, Faults& faults) {
  const bool judged =
      has_limit(entry.when) || entry.when == AlarmWhen::equals || entry.when == AlarmWhen::event;
  if (judged || !one.stages) return;
  for (const AlarmStage& stage : *one.stages) {
    if (stage.limit.v == 0 && stage.limit_of.empty()) continue;
    return refuse_override(one, "expected no limit: it is told, and judges no number", faults);
  }
}

void check_deadband(const AlarmOverride& one, const AlarmEntry& entry, DeviceKind kind,
                    Faults& faults) {
  if (!one.deadband) return;
  const Meaning* meaning = find_meaning(entry.signal, kind);
  Milli most{};
  for (const DeadbandMax& bound : kDeadbands) {
    if (meaning != nullptr && bound.unit == meaning->unit) most = bound.most;
  }
  if (is_oxygen(entry)) most = kOxygenDeadbandMax;
  if (!has_limit(entry.when)) most = {};
  if (one.deadband->v >= 0 && *one.deadband <= most) return;
  refuse_override(
      one,
      cat("expected a deadband from 0 to ", format_milli(most), " ",
          meaning == nullptr ? "" : meaning->unit, ", came ", format_milli(*one.deadband)),
      faults);
}

// Where each stage's limit lies, as it holds for this device.
void check_limits(const SiteIndex& index, const AlarmOverride& one, const AlarmEntry& shipped,
                  const DeviceConfig& device, Faults& faults) {
  if (!one.stages || !has_limit(shipped.when)) return;
  const std::optional<AlarmEntry> own = alarm_for(shipped, device, index.config);
  if (!own) return;
  const DeviceProfile* profile = index.config.profile_of(device);
  const Point* point = profile == nullptr ? nullptr : profile->find_meaning(shipped.signal);
  const bool above = shipped.when == AlarmWhen::above;
  for (std::size_t i = 0; i < own->stages.size(); ++i) {
    const Milli limit = own->stages[i].limit;
    const std::string of = cat(" of device \"", device.id.str(), "\"");
    if (point != nullptr && point->has_range &&
        (above ? limit >= point->range_max : limit <= point->range_min)) {
      refuse_override(one,
                      cat("expected a limit", of, " that its values can pass (", point->id.str(),
                          ": ", format_milli(point->range_min), " to ",
                          format_milli(point->range_max), "), came ", format_milli(limit)),
                      faults);
    }
    if (i == 0) continue;
    const Milli before = own->stages[i - 1].limit;
    if (above ? limit >= before : limit <= before) continue;
    refuse_override(one,
                    cat("expected the limit", of, " of stage ", i + 1, " to be no milder than ",
                        format_milli(before), ", came ", format_milli(limit)),
                    faults);
  }
}

// Nobody may make one of these quieter: whoever wants to, wants another instrument.
void check_guards(const AlarmOverride& one, const AlarmEntry& entry, Faults& faults) {
  if (!guards_people(entry)) return;
  if (one.off) refuse_override(one, "expected on: people's lives depend on it", faults);
  if (one.latch && *one.latch < entry.latch) {
    refuse_override(one,
                    cat("expected the latch \"", name_of(entry.latch), "\", came \"",
                        name_of(*one.latch), "\": a person has to end it"),
                    faults);
  }
  if (!one.stages) return;
  for (std::size_t i = 0; i < one.stages->size(); ++i) {
    const AlarmStage& stage = (*one.stages)[i];
    const AlarmStage& shipped = entry.stages[std::min(i, entry.stages.size() - 1)];
    if (stage.priority > shipped.priority) {
      refuse_override(one,
                      cat("expected ", name_of(shipped.priority), ", came ",
                          name_of(stage.priority), ": people's lives depend on it"),
                      faults);
    }
    // Below it, as below a room's own limits, people are called too late.
    if (is_oxygen(entry) && stage.limit_of.empty() && stage.limit < kOxygenLimit.low) {
      refuse_override(one,
                      cat("expected at least ", format_milli(kOxygenLimit.low), " %, came ",
                          format_milli(stage.limit)),
                      faults);
    }
  }
}

void alarm_overrides(const SiteIndex& index, Faults& faults) {
  for (const AlarmOverride& one : index.config.alarms) {
    check_target(index, one, faults);
    check_once(index, one, faults);
    std::set<DeviceKind> kinds;
    for (const DeviceConfig* device : meant_by(index, one)) {
      const AlarmEntry* entry = shipped_alarms().find(one.condition, device->kind);
      const bool first = kinds.insert(device->kind).second;
      if (entry == nullptr) {
        if (first && shipped_alarms().find(one.condition) != nullptr) {
          refuse_override(one, cat("expected a condition of a ", name_of(device->kind)), faults);
        }
        continue;
      }
      Faults of_kind;  // told once, not for each device
      if (check_limit_names(one, device->kind, of_kind)) {
        check_limits(index, one, *entry, *device, faults);
      }
      if (!first) continue;
      faults.append(of_kind);
      check_limit_is_judged(one, *entry, faults);
      check_deadband(one, *entry, device->kind, faults);
      check_guards(one, *entry, faults);
    }
  }
}

constexpr std::array<ValidationRule, 1> kAlarmRules{{{"alarm-overrides", alarm_overrides}}};

}  // namespace

std::span<const ValidationRule> alarm_rules() { return kAlarmRules; }

}  // namespace cryobank::config
