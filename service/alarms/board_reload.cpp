// Other limits, delays and deadbands while it runs: every rule is made anew from the site, and what
// it judges is judged again.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "service/alarms/board_parts.hpp"

namespace cryobank::alarms {

void Board::Parts::limit_air() {
  for (const config::DeviceConfig& device : config.devices) {
    if (device.kind != config::DeviceKind::room) continue;
    air[device.room].limit(device.room_limits.oxygen_warn);
  }
}

std::vector<RowChange> Board::reload(Now now, BoardOutputs& out) {
  parts_->limit_air();
  for (std::uint32_t index = 0; index < parts_->rules.size(); ++index) {
    parts_->renew(now, index, out);
  }
  return note_settings(now, out);
}

void Board::Parts::renew(Now now, std::uint32_t index, BoardOutputs& out) {
  Rule& rule = rules[index];
  const config::DeviceConfig* device = config.find_device(rule.spec.device);
  if (device == nullptr) return;
  const config::AlarmEntry* shipped =
      config::shipped_alarms().find(rule.spec.entry.condition, device->kind);
  if (shipped == nullptr) return;
  std::optional<config::AlarmEntry> own = config::alarm_for(*shipped, *device, config);
  if (!own) return take_off(now, index, out);
  RuleSpec fresh{rule.spec.device, std::move(*own), rule.spec.point, false};
  if (setting_text(fresh) == setting_text(rule.spec)) return;
  const RuleSpec before = std::exchange(rule.spec, std::move(fresh));
  Alarm& alarm = alarm_of(rule, static_cast<int>(index));
  alarm.latch = rule.spec.entry.latch;
  if (!before.off) keep_delays(now, index, before.entry, out);
  const int top = static_cast<int>(rule.spec.entry.stages.size());
  rule.stage = std::min(rule.stage, top);
  rule.hold = std::min(rule.hold, top);
  if (rule.stage > 0 && is_active(alarm.state)) {
    // Its stage may be more urgent by now; what eased is left to judge_anew().
    const auto at = static_cast<std::size_t>(rule.stage - 1);
    const Priority priority = priority_of(rule.spec.entry.stages[at].priority);
    worsen(now, alarm, rule.stage, urgency_of(alarm, priority), out);
  }
  judge_anew(now, index, out);
}

// A delay goes on from when it began, with the length it has now.
void Board::Parts::keep_delays(Now now, std::uint32_t index, const config::AlarmEntry& before,
                               BoardOutputs& out) {
  Rule& rule = rules[index];
  const std::vector<config::AlarmStage>& stages = rule.spec.entry.stages;
  for (std::size_t at = 0; at < before.stages.size(); ++at) {
    const RuleTimer timer{index, static_cast<int>(at) + 1};
    if (at >= stages.size()) {
      rule_timers.clear(timer);
      rule.seen[at] = 0;
      rule.due[at] = false;
    } else {
      rule.seen[at] = std::min(rule.seen[at], stages[at].readings);
    }
    if (rule.pending[at].ms == 0) continue;
    note_pending(rule, out);
    if (at >= stages.size()) {
      rule.pending[at] = WallTime{};
      continue;
    }
    const Duration whole_delay = stages[at].after;
    rule.pending[at] = rule.pending[at] + (whole_delay - before.stages[at].after);
    if (!rule_timers.has(timer)) continue;
    rule_timers.set(timer,
                    now.mono + std::clamp(rule.pending[at] - now.wall, Duration{}, whole_delay));
  }
  // One that was easing eases by the new time, from now.
  if (before.clears_after != rule.spec.entry.clears_after) rule_timers.clear({index, 0});
}

// What was seen last, by the new limits.
void Board::Parts::judge_anew(Now now, std::uint32_t index, BoardOutputs& out) {
  Rule& rule = rules[index];
  switch (rule.spec.entry.when) {
    case config::AlarmWhen::event:
      return;  // each was judged when it came
    case config::AlarmWhen::told:
    case config::AlarmWhen::lost:
      if (rule.up > 0 || rule.stage > 0)
        feed(now, index, ReachedStages{true, rule.up, rule.up}, out);
      return;
    case config::AlarmWhen::above:
    case config::AlarmWhen::below:
    case config::AlarmWhen::equals:
    case config::AlarmWhen::unusable: {
      const auto place = place_of(rule.spec.device.str(), rule.spec.point);
      if (!place) return;
      WatchedPoint& point = watched[*place];
      point.settled = false;
      feed(now, index, evaluate(rule.spec, point.quality, point.value), out);
      return;
    }
  }
}

// Nobody judges it any more: what stood ends, and says so in the record as an alarm that cleared.
void Board::Parts::take_off(Now now, std::uint32_t index, BoardOutputs& out) {
  Rule& rule = rules[index];
  if (std::exchange(rule.spec.off, true)) return;
  for (int stage = 0; stage <= kStagesMax; ++stage) rule_timers.clear({index, stage});
  for (WallTime& pending : rule.pending) {
    if (pending.ms != 0) note_pending(rule, out);
    pending = WallTime{};
  }
  rule.stage = rule.up = rule.hold = rule.held = 0;
  rule.seen = {};
  rule.due = {};
  rule.times.clear();
  Alarm* alarm = find(rule.alarm);
  if (alarm != nullptr && is_active(alarm->state)) ease(now, *alarm, out);
}

}  // namespace cryobank::alarms
