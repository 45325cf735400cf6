#include "service/alarms/rule.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "config/duration.hpp"

namespace cryobank::alarms {
namespace {

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

bool passes(const RuleSpec& spec, Milli value, Milli limit) {
  switch (spec.kind) {
    case RuleKind::above:
      return value > limit;
    case RuleKind::below:
      return value < limit;
    case RuleKind::equals:
      return value == limit;
    case RuleKind::unusable:
    case RuleKind::lost:
      return false;
  }
  return false;
}

Milli held_limit(const RuleSpec& spec, Milli limit) {
  if (spec.kind == RuleKind::above) return limit - spec.deadband;
  if (spec.kind == RuleKind::below) return limit + spec.deadband;
  return limit;
}

}  // namespace

Reach evaluate(const RuleSpec& spec, Quality quality, std::optional<Milli> value) {
  const int top = static_cast<int>(spec.stages.size());
  if (spec.kind == RuleKind::unusable) {
    if (is_unusable(quality)) return {true, top, top};
    return {quality == Quality::good, 0, 0};
  }
  if (quality != Quality::good || !value) return {};
  Reach reach{true, 0, 0};
  for (int stage = 1; stage <= top; ++stage) {
    const Milli limit = spec.stages[static_cast<std::size_t>(stage - 1)].limit;
    if (passes(spec, *value, limit)) reach.up = stage;
    if (passes(spec, *value, held_limit(spec, limit))) reach.hold = stage;
  }
  reach.hold = std::max(reach.hold, reach.up);
  return reach;
}

Reach evaluate_link(std::string_view state) {
  if (state == "lost") return {true, kStagesMax, kStagesMax};
  if (state == "online" || state == "degraded") return {true, 0, 0};
  return {};  // stale: not yet lost, not yet back; maintenance: a person has it
}

std::string describe(const Rule& rule, int stage) {
  const RuleSpec& spec = rule.spec;
  const std::size_t at = static_cast<std::size_t>(std::max(stage, 1) - 1);
  const Stage& limits = spec.stages[std::min(at, spec.stages.size() - 1)];
  switch (spec.kind) {
    case RuleKind::above:
    case RuleKind::below: {
      const std::string value = rule.value ? cat(format_milli(*rule.value), " ", spec.unit)
                                           : std::string(name_of(rule.quality));
      return cat(spec.title, " ", value, ", limit ", format_milli(limits.limit));
    }
    case RuleKind::equals:
      return limits.on_delay.ns == 0
                 ? spec.title
                 : cat(spec.title, " for ", config::format_duration(limits.on_delay));
    case RuleKind::unusable:
      return cat(spec.title, " cannot be trusted: ", name_of(rule.quality));
    case RuleKind::lost:
      return limits.on_delay.ns == 0
                 ? spec.title
                 : cat(spec.title, " for ", config::format_duration(limits.on_delay));
  }
  return {};
}

std::vector<RuleSpec> site_rules(const config::SiteConfig& config) {
  std::vector<RuleSpec> rules;
  for (const config::DeviceConfig& device : config.devices) {
    switch (device.kind) {
      case config::DeviceKind::freezer:
        add_freezer_rules(device, rules);
        break;
      case config::DeviceKind::room:
        add_room_rules(device, rules);
        break;
      case config::DeviceKind::supply:
        add_supply_rules(device, rules);
        break;
      case config::DeviceKind::robot:
        break;
    }
    add_link_rule(device, rules);
  }
  return rules;
}

RuleSpec unusable_rule(const config::DeviceConfig& device, std::string_view point,
                       std::string_view title) {
  // Two slow polls: a single bad answer is not yet a broken sensor.
  constexpr Duration kOnDelay = seconds(60);
  constexpr Duration kOffDelay = seconds(60);
  RuleSpec spec;
  spec.device = device.id;
  spec.point = std::string(point);
  spec.condition = cat(point, "-unusable");
  spec.kind = RuleKind::unusable;
  spec.stages = {{Priority::p2, Milli{}, kOnDelay}};
  spec.off_delay = kOffDelay;
  spec.title = std::string(title);
  spec.action = "Read it by hand and write it down; repair or replace the sensor";
  return spec;
}

}  // namespace cryobank::alarms
