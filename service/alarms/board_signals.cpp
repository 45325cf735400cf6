// How signals become events: delays of rules, rising and easing, and the state machine with all
// that follows from a transition.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "service/alarms/board_parts.hpp"

namespace cryobank::alarms {

Alarm& Board::Parts::alarm_of(const Rule& rule, int index) {
  Alarm& alarm = alarms[rule.alarm];
  const config::AlarmEntry& entry = rule.spec.entry;
  if (alarm.rule == index && !alarm.id.empty()) return alarm;
  alarm.id = rule.alarm;
  alarm.source = rule.spec.device.str();
  alarm.condition = entry.condition;
  alarm.device = rule.spec.device;
  alarm.rule = index;
  alarm.action = entry.action;
  alarm.latch = entry.latch;
  alarm.watched = true;
  return alarm;
}

// The row of a rule's delays is written again: one began or ended.
void Board::Parts::note_pending(const Rule& rule, BoardOutputs& out) {
  out.pending.push_back(rule.alarm);
}

// A detector's word: the same delays, counts and latches as for a value.
void Board::Parts::tell_device(Now now, std::uint32_t index, const Condition& condition,
                               bool stands, BoardOutputs& out) {
  Rule& rule = rules[index];
  if (rule.spec.off || rule.spec.entry.when != config::AlarmWhen::told) return;  // by the value
  const int top = static_cast<int>(rule.spec.entry.stages.size());
  const int stage = stands ? std::clamp(condition.stage, 1, top) : 0;
  if (stands) rule.told = clip(condition.text, 300);
  // A second stage with a delay of its own is reached by lasting, not by the detector's word.
  const bool by_lasting = stands && top > 1 && rule.spec.entry.stages.back().after.ns > 0;
  rule.said = ReachedStages{true, by_lasting ? top : stage, by_lasting ? top : stage};
  feed(now, index, rule.said, out);
  Alarm* alarm = find(rule.alarm);
  if (stands && alarm != nullptr && rule.stage > 0 && alarm->text != rule.told) {
    alarm->text = rule.told;
    if (alarm->open()) mark_changed(*alarm, out);
  }
}

// A detector's word about an alarm of the same device, which is none itself. False: it is not.
bool Board::Parts::explain(Now now, std::string_view device, std::string_view name, bool stands,
                           BoardOutputs& out) {
  const auto own = rules_of.find(device);
  if (own == rules_of.end()) return false;
  bool any = false;
  for (const std::uint32_t index : own->second) {
    Rule& rule = rules[index];
    if (rule.spec.entry.explained_by != name) continue;
    any = true;
    if (std::exchange(rule.explained, stands) == stands) continue;
    const std::optional<Milli> value = rule.quality == Quality::good ? rule.value : std::nullopt;
    const bool by_word = rule.spec.entry.when == config::AlarmWhen::told;
    feed(now, index, by_word ? rule.said : evaluate(rule.spec, rule.quality, value), out);
  }
  return any;
}

// Starts and stops the delays of a rule. A reading that changes nothing costs look-ups only.
void Board::Parts::feed(Now now, std::uint32_t index, ReachedStages reach, BoardOutputs& out) {
  Rule& rule = rules[index];
  if (rule.spec.off) return;
  const RuleTimer off{index, 0};
  if (!reach.known) {
    rule_timers.clear(off);  // nothing clears on what nobody measured
    return;
  }
  const std::vector<config::AlarmStage>& stages = rule.spec.entry.stages;
  const int top = static_cast<int>(stages.size());
  if (rule.explained) reach.up = unexplained(rule.spec.entry, std::min(reach.up, top));
  if (rule.stage > 0) {
    Alarm* alarm = find(rule.alarm);
    if (alarm != nullptr && !std::exchange(alarm->judged, true)) mark_changed(*alarm, out);
  }
  const bool passed = reach.up > 0 && rule.up == 0;
  rule.up = reach.up;
  rule.hold = std::min(reach.hold, top);
  if (rule.stage > 0 && rule.hold > 0) {
    Alarm* alarm = find(rule.alarm);
    if (alarm != nullptr && !alarm->by_design.empty()) release(now, *alarm, out);
  }
  if (passed && rule.spec.entry.count > 0) count_passing(now, index, out);
  for (int stage = top; stage > rule.stage; --stage) {
    const RuleTimer timer{index, stage};
    const auto at = static_cast<std::size_t>(stage - 1);
    if (stage > reach.up) {
      rule_timers.clear(timer);
      rule.seen[at] = 0;
      rule.due[at] = false;
      if (rule.pending[at].ms != 0) {
        rule.pending[at] = WallTime{};
        note_pending(rule, out);
      }
      continue;
    }
    rule.seen[at] = std::min(rule.seen[at] + 1, stages[at].readings);
    const bool enough = rule.seen[at] >= stages[at].readings;
    if ((stages[at].after.ns == 0 || rule.due[at]) && enough) {
      reach_stage(now, index, stage, out);
    } else if (!rule_timers.has(timer) && !rule.due[at]) {
      begin_delay(now, index, stage, out);
    }
  }
  if (rule.hold >= rule.stage) {
    rule_timers.clear(off);
  } else if (rule.spec.entry.clears_after.ns == 0) {
    rule.held = rule.hold;
    leave_stage(now, index, out);
  } else if (rule_timers.has(off)) {
    rule.held = std::max(rule.held, rule.hold);
  } else {
    begin_easing(now, index);
  }
}

// A delay that ran before a restart goes on from where it was, never from the beginning.
void Board::Parts::begin_delay(Now now, std::uint32_t index, int stage, BoardOutputs& out) {
  Rule& rule = rules[index];
  const auto at = static_cast<std::size_t>(stage - 1);
  const Duration whole_delay = rule.spec.entry.stages[at].after;
  Duration left = whole_delay;
  if (rule.pending[at].ms != 0) {
    left = std::clamp(rule.pending[at] - now.wall, Duration{}, whole_delay);
  } else {
    rule.pending[at] = now.wall + whole_delay;
    rule.pending_kept = true;
    note_pending(rule, out);
  }
  rule_timers.set({index, stage}, now.mono + left);
}

// It came so often within its time: told, however short each time was.
void Board::Parts::count_passing(Now now, std::uint32_t index, BoardOutputs& out) {
  Rule& rule = rules[index];
  const config::AlarmEntry& entry = rule.spec.entry;
  while (!rule.times.empty() && now.mono - rule.times.front() > entry.count_in) {
    rule.times.pop_front();
  }
  rule.times.push_back(now.mono);
  if (rule.times.size() > static_cast<std::size_t>(entry.count)) rule.times.pop_front();
  const bool often = rule.times.size() >= static_cast<std::size_t>(entry.count);
  if (often && rule.stage == 0) reach_stage(now, index, 1, out);
}

void Board::Parts::begin_easing(Now now, std::uint32_t index) {
  Rule& rule = rules[index];
  rule.held = rule.hold;
  rule_timers.set({index, 0}, now.mono + rule.spec.entry.clears_after);
}

void Board::Parts::reach_stage(Now now, std::uint32_t index, int stage, BoardOutputs& out) {
  Rule& rule = rules[index];
  for (int done = 1; done <= stage; ++done) {
    const auto at = static_cast<std::size_t>(done - 1);
    rule_timers.clear({index, done});
    rule.due[at] = false;
    if (rule.pending[at].ms == 0) continue;
    rule.pending[at] = WallTime{};
    note_pending(rule, out);
  }
  if (stage <= rule.stage) return;
  rule.stage = stage;
  Alarm& alarm = alarm_of(rule, static_cast<int>(index));
  alarm.value = rule.value;
  alarm.text = describe(rule, stage);
  const auto at = static_cast<std::size_t>(stage - 1);
  const Priority own = priority_of(rule.spec.entry.stages[at].priority);
  worsen(now, alarm, stage, urgency_of(alarm, own), out);
}

void Board::Parts::leave_stage(Now now, std::uint32_t index, BoardOutputs& out) {
  Rule& rule = rules[index];
  // A milder stage that was left only now has its own off-delay before it.
  rule.stage = std::min(rule.held, rule.stage);
  if (rule.hold < rule.stage) begin_easing(now, index);
  Alarm& alarm = alarm_of(rule, static_cast<int>(index));
  alarm.value = rule.value;
  alarm.stage = rule.stage;
  if (rule.stage == 0) {
    ease(now, alarm, out);
  } else {
    mark_changed(alarm, out);
  }
}

void Board::Parts::on_rule_timer(Now now, const RuleTimer& timer, BoardOutputs& out) {
  if (timer.stage == 0) return leave_stage(now, timer.rule, out);
  Rule& rule = rules[timer.rule];
  const auto at = static_cast<std::size_t>(timer.stage - 1);
  if (rule.seen[at] < rule.spec.entry.stages[at].readings) {
    rule.due[at] = true;  // the next value beyond the limit tells
    return;
  }
  reach_stage(now, timer.rule, timer.stage, out);
}

void Board::Parts::on_alarm_timer(Now now, const AlarmTimer& timer, BoardOutputs& out) {
  if (timer.kind == AlarmTimer::Kind::care) {
    return care(now, DeviceId(timer.alarm.str()), out);
  }
  Alarm* alarm = find(timer.alarm);
  if (alarm == nullptr) return;
  switch (timer.kind) {
    case AlarmTimer::Kind::verify:
      return verify(now, *alarm, out);
    case AlarmTimer::Kind::shelf:
      end_shelf(now, *alarm, "expired", out);
      return forget_if_closed(timer.alarm);
    case AlarmTimer::Kind::care:
      return;
  }
}

// The condition is true with this severity: a new occurrence, a worse one, or nothing new.
void Board::Parts::worsen(Now now, Alarm& alarm, int stage, Priority priority, BoardOutputs& out) {
  const bool was_active = is_active(alarm.state);
  const bool unseen = alarm.state != AlarmState::closed;
  const bool rises = stage > alarm.highest || (unseen && priority < alarm.priority);
  alarm.stage = stage;
  if (was_active && !rises) {
    mark_changed(alarm, out);
    return;
  }
  // What nobody has confirmed yet stays visible at its worst, also over a new occurrence.
  if (!unseen || rises) {
    alarm.highest = std::max(stage, unseen ? alarm.highest : 0);
    alarm.priority = unseen ? std::min(priority, alarm.priority) : priority;
  }
  if (alarm.priority == Priority::p1) drop_shelf(now, alarm, "rose to p1", out);
  const bool told = wants_pages(alarm);
  handle(now, alarm, was_active ? AlarmEvent::rise : AlarmEvent::occur, out);
  // It came back worse than anybody was told.
  if (!was_active && told && rises) ++alarm.telling;
}

void Board::Parts::ease(Now now, Alarm& alarm, BoardOutputs& out) {
  alarm.stage = 0;
  // A P1 latches whatever it is: somebody must see that it came and went.
  const bool latches = alarm.latch != config::AlarmLatch::none || alarm.priority == Priority::p1;
  handle(now, alarm, latches ? AlarmEvent::clear_latching : AlarmEvent::clear, out);
  if (!alarm.by_design.empty()) release(now, alarm, out);
}

bool Board::Parts::handle(Now now, Alarm& alarm, AlarmEvent event, BoardOutputs& out) {
  const Transition step = transition(alarm.state, event);
  if (!step.allowed) return false;
  const bool told = wants_pages(alarm);
  const std::string left = alarm.cause;
  const Alarm* const first_left = filed.first_of(left);
  alarm.state = step.next;
  if (step.new_occurrence) {
    alarm.occurrence = next_occurrence++;
    alarm.since = now.wall;
    alarm.began = now.mono;
    alarm.cleared_at = WallTime{};
    alarm.judged = true;
    if (!told) alarm.cause = cause_of(alarm);
    alarm.acknowledged.reset();
    alarm.comments.clear();
    alarm.answers.clear();
    alarm.coming.reset();
  }
  const Alarm* const first_joined = filed.first_of(alarm.cause);
  filed.file(alarm);
  switch (event) {
    case AlarmEvent::occur:
      add_fact(alarm, fact::kAlarmRaised, now, out)
          .set("text", alarm.text)
          .set("cause", alarm.cause);
      break;
    case AlarmEvent::rise:
      alarm.acknowledged.reset();
      add_fact(alarm, fact::kAlarmRisen, now, out).set("text", text_now(alarm));
      break;
    case AlarmEvent::clear:
    case AlarmEvent::clear_latching:
      alarm.cleared_at = now.wall;
      add_fact(alarm, fact::kAlarmCleared, now, out);
      break;
    case AlarmEvent::acknowledge:
    case AlarmEvent::confirm:
    case AlarmEvent::reset:
      break;  // the fact was made by the decision
    case AlarmEvent::unacknowledge:
      alarm.acknowledged.reset();
      add_fact(alarm, fact::kAlarmUnacknowledged, now, out).set("text", text_now(alarm));
      break;
  }
  if (step.quiet || step.page) {
    alarm_timers.clear({AlarmTimer::Kind::verify, alarm.id});
    alarm.verify_at = WallTime{};
  }
  // A condition that comes back before anybody saw it is paged on as it was: chatter must neither
  // multiply pages nor set an escalation back.
  const bool chatter = event == AlarmEvent::occur && told;
  if (step.page && !chatter) ++alarm.telling;
  if (step.verify) begin_verify(now, alarm);
  // Who was first of the cause may be another one now, also of the one that it left.
  for (const auto& [cause, before] :
       {std::pair(std::string_view(left), first_left), {alarm.cause, first_joined}}) {
    const Alarm* const first = filed.first_of(cause);
    if (first == before) continue;
    if (before != nullptr) mark_changed(*before, out);
    if (first != nullptr) mark_changed(*first, out);
  }
  judge_suppression(now, alarm, out);
  if (alarm.condition == "comm-lost" || alarm.shelf) substitute(now, alarm.device, out);
  mark_changed(alarm, out);
  return true;
}

}  // namespace cryobank::alarms
