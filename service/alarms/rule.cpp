#include "service/alarms/rule.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/text.hpp"
#include "config/duration.hpp"

namespace cryobank::alarms {
namespace {

using config::AlarmWhen;

// Qualities of a point that say nothing although its device is not lost: a device that is, is the
// link rule's matter. One cause, one alarm; but no value for long is always one.
bool is_unusable(Quality quality) {
  switch (quality) {
    case Quality::sensor_broken:
    case Quality::out_of_range:
    case Quality::implausible_step:
    case Quality::frozen:
    case Quality::profile_mismatch:
    case Quality::stale:
      return true;
    case Quality::good:
    case Quality::comm_lost:
      return false;
  }
  return false;
}

bool passes(AlarmWhen when, Milli value, Milli limit) {
  switch (when) {
    case AlarmWhen::above:
      return value > limit;
    case AlarmWhen::below:
      return value < limit;
    case AlarmWhen::equals:
      return value == limit;
    case AlarmWhen::unusable:
    case AlarmWhen::lost:
    case AlarmWhen::event:
    case AlarmWhen::told:
      return false;
  }
  return false;
}

Milli held_limit(const config::AlarmEntry& entry, Milli limit) {
  if (entry.when == AlarmWhen::above) return limit - entry.deadband;
  if (entry.when == AlarmWhen::below) return limit + entry.deadband;
  return limit;
}

std::string for_so_long(const config::AlarmEntry& entry, std::size_t stage) {
  const Duration after = entry.stages[std::min(stage, entry.stages.size() - 1)].after;
  return after >= minutes(1) ? cat(" for over ", config::format_duration(after)) : std::string();
}

// As a person reads it: no more than a tenth of a degree or a millimetre, unless that would read as
// the limit itself.
std::string figure(Milli value, const std::string& unit, Milli limit) {
  if (unit != "Cel" && unit != "mm") return format_milli(value);
  constexpr std::int64_t kTenth = 100;
  const std::int64_t half = value.v < 0 ? -kTenth / 2 : kTenth / 2;
  const Milli rounded{(value.v + half) / kTenth * kTenth};
  return format_milli(rounded == limit ? value : rounded);
}

// With figures: the value, and the worst limit that it is beyond, or comes back from.
std::string measured(const Rule& rule, int stage) {
  const config::AlarmEntry& entry = rule.spec.entry;
  if (!rule.value && rule.quality == Quality::good) return entry.title;
  if (!rule.value) return cat(entry.title, " ", name_of(rule.quality));
  std::size_t named = static_cast<std::size_t>(std::max(stage, 1) - 1);
  named = std::min(named, entry.stages.size() - 1);
  while (named > 0 && !passes(entry.when, *rule.value, entry.stages[named].limit)) --named;
  const Milli limit = entry.stages[named].limit;
  const bool beyond = passes(entry.when, *rule.value, limit);
  return cat(entry.title, " ", figure(*rule.value, entry.unit, limit), " ", entry.unit,
             beyond ? " (limit " : " (back within ", format_milli(limit), ")");
}

}  // namespace

Priority priority_of(config::AlarmPriority priority) {
  switch (priority) {
    case config::AlarmPriority::p1:
      return Priority::p1;
    case config::AlarmPriority::p2:
      return Priority::p2;
    case config::AlarmPriority::p3:
      return Priority::p3;
  }
  CHECK(false);
}

ReachedStages evaluate(const RuleSpec& spec, Quality quality, std::optional<Milli> value) {
  const config::AlarmEntry& entry = spec.entry;
  const int top = static_cast<int>(entry.stages.size());
  if (entry.when == AlarmWhen::unusable) {
    if (is_unusable(quality)) return {true, top, top};
    return {quality == Quality::good, 0, 0};
  }
  if (quality != Quality::good || !value) return {};
  // An event is over the moment it was told.
  if (entry.when == AlarmWhen::event) return {true, value->v != 0 ? top : 0, 0};
  ReachedStages reach{true, 0, 0};
  for (int stage = 1; stage <= top; ++stage) {
    const Milli limit = entry.stages[static_cast<std::size_t>(stage - 1)].limit;
    if (passes(entry.when, *value, limit)) reach.up = stage;
    if (passes(entry.when, *value, held_limit(entry, limit))) reach.hold = stage;
  }
  reach.hold = std::max(reach.hold, reach.up);
  return reach;
}

int unexplained(const config::AlarmEntry& entry, int up) {
  while (up > 0 && entry.stages[static_cast<std::size_t>(up - 1)].after.ns > 0) --up;
  return up;
}

ReachedStages evaluate_link(DeviceState state) {
  switch (state) {
    case DeviceState::lost:
      return {true, kStagesMax, kStagesMax};
    case DeviceState::online:
    case DeviceState::degraded:
      return {true, 0, 0};
    case DeviceState::stale:        // not yet lost, not yet back
    case DeviceState::maintenance:  // a person has it
      return {};
  }
  CHECK(false);
}

std::string describe(const Rule& rule, int stage) {
  const config::AlarmEntry& entry = rule.spec.entry;
  const auto at = static_cast<std::size_t>(std::max(stage, 1) - 1);
  switch (entry.when) {
    case AlarmWhen::above:
    case AlarmWhen::below:
      return measured(rule, stage);
    case AlarmWhen::equals:
    case AlarmWhen::lost:
      return cat(entry.title, for_so_long(entry, at));
    case AlarmWhen::unusable:
      // After a restart, until the point is told again, only that much is known.
      if (rule.quality == Quality::good) return cat(entry.title, " could not be trusted");
      return cat(entry.title, " cannot be trusted: ", name_of(rule.quality));
    case AlarmWhen::event:
      return entry.title;
    case AlarmWhen::told:
      return rule.told.empty() ? entry.title : rule.told;
  }
  return {};
}

std::vector<RuleSpec> site_rules(const config::SiteConfig& config) {
  std::vector<RuleSpec> rules;
  for (const config::DeviceConfig& device : config.devices) {
    for (const config::AlarmEntry& entry : config::shipped_alarms().entries()) {
      if (!entry.is_of(device.kind)) continue;
      std::optional<config::AlarmEntry> own = config::alarm_for(entry, device, config);
      const bool off = !own;
      if (off) own = entry;
      std::string point = own->when == AlarmWhen::lost ? std::string(kLinkPoint) : own->signal;
      rules.push_back({device.id, std::move(*own), std::move(point), off});
    }
  }
  return rules;
}

}  // namespace cryobank::alarms
