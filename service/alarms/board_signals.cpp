// How signals become events: delays of rules, rising and easing, and the state machine with all
// that follows from a transition.
#include <algorithm>

#include "base/text.hpp"
#include "service/alarms/board_parts.hpp"

namespace cryobank::alarms {

Alarm& Board::Parts::alarm_of(const Rule& rule, int index) {
  Alarm& alarm = alarms[rule.alarm];
  alarm.id = rule.alarm;
  alarm.source = rule.spec.device.str();
  alarm.condition = rule.spec.condition;
  alarm.device = rule.spec.device;
  alarm.rule = index;
  alarm.action = rule.spec.action;
  alarm.watched = true;
  return alarm;
}

// Starts and stops the delays of a rule. A reading that changes nothing costs look-ups only.
void Board::Parts::feed(Now now, std::uint32_t index, Reach reach, BoardOutputs& out) {
  Rule& rule = rules[index];
  const RuleTimer off{index, 0};
  if (!reach.known) {
    rule_timers.clear(off);  // nothing clears on what nobody measured
    return;
  }
  const int top = static_cast<int>(rule.spec.stages.size());
  rule.hold = std::min(reach.hold, top);
  for (int stage = top; stage > rule.stage; --stage) {
    const RuleTimer timer{index, stage};
    if (stage > reach.up) {
      rule_timers.clear(timer);
      continue;
    }
    const Duration delay = rule.spec.stages[static_cast<std::size_t>(stage - 1)].on_delay;
    if (delay.ns == 0) {
      reach_stage(now, index, stage, out);
    } else if (!rule_timers.has(timer)) {
      rule_timers.set(timer, now.mono + delay);
    }
  }
  if (rule.hold >= rule.stage) {
    rule_timers.clear(off);
  } else if (rule.spec.off_delay.ns == 0) {
    rule.held = rule.hold;
    leave_stage(now, index, out);
  } else if (rule_timers.has(off)) {
    rule.held = std::max(rule.held, rule.hold);
  } else {
    begin_easing(now, index);
  }
}

void Board::Parts::begin_easing(Now now, std::uint32_t index) {
  Rule& rule = rules[index];
  rule.held = rule.hold;
  rule_timers.set({index, 0}, now.mono + rule.spec.off_delay);
}

void Board::Parts::reach_stage(Now now, std::uint32_t index, int stage, BoardOutputs& out) {
  Rule& rule = rules[index];
  for (int done = 1; done <= stage; ++done) rule_timers.clear({index, done});
  if (stage <= rule.stage) return;
  rule.stage = stage;
  Alarm& alarm = alarm_of(rule, static_cast<int>(index));
  alarm.value = rule.value;
  alarm.text = describe(rule, stage);
  worsen(now, alarm, stage, rule.spec.stages[static_cast<std::size_t>(stage - 1)].priority, out);
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
  if (timer.stage > 0) {
    reach_stage(now, timer.rule, timer.stage, out);
  } else {
    leave_stage(now, timer.rule, out);
  }
}

void Board::Parts::on_alarm_timer(Now now, const AlarmTimer& timer, BoardOutputs& out) {
  Alarm* alarm = find(timer.alarm);
  if (alarm == nullptr) return;
  switch (timer.kind) {
    case AlarmTimer::Kind::repeat:
      return send_round(now, *alarm, out);
    case AlarmTimer::Kind::escalate:
      return escalate(now, *alarm, out);
    case AlarmTimer::Kind::verify:
      return verify(now, *alarm, out);
    case AlarmTimer::Kind::shelf:
      end_shelf(now, *alarm, "expired", out);
      return forget_if_closed(timer.alarm);
  }
}

// The condition is true with this severity: a new occurrence, a worse one, or nothing new.
void Board::Parts::worsen(Now now, Alarm& alarm, int stage, Priority priority, BoardOutputs& out) {
  const bool was_active = is_active(alarm.state);
  const bool unseen = alarm.state != AlarmState::closed;
  const bool rises = stage > alarm.highest;
  alarm.stage = stage;
  if (was_active && !rises) {
    mark_changed(alarm, out);
    return;
  }
  // What nobody has confirmed yet stays visible at its worst, also over a new occurrence.
  if (!unseen || rises) {
    alarm.highest = stage;
    alarm.priority = priority;
  }
  if (alarm.priority == Priority::p1) drop_shelf(now, alarm, "rose to p1", out);
  const bool was_paging = alarm.paging.tier > 0;
  handle(now, alarm, was_active ? AlarmEvent::rise : AlarmEvent::occur, out);
  // It came back worse than anybody was told.
  if (!was_active && was_paging && rises) go_on_paging(now, alarm, out);
}

void Board::Parts::ease(Now now, Alarm& alarm, BoardOutputs& out) {
  alarm.stage = 0;
  const bool latches = alarm.priority == Priority::p1;
  handle(now, alarm, latches ? AlarmEvent::clear_latching : AlarmEvent::clear, out);
}

bool Board::Parts::handle(Now now, Alarm& alarm, AlarmEvent event, BoardOutputs& out) {
  const Transition step = transition(alarm.state, event);
  if (!step.allowed) return false;
  alarm.state = step.next;
  if (step.new_occurrence) {
    alarm.occurrence = next_occurrence++;
    alarm.since = now.wall;
    alarm.cleared_at = WallTime{};
    alarm.acknowledged.reset();
    alarm.comments.clear();
    alarm.answers.clear();
  }
  switch (event) {
    case AlarmEvent::occur:
      add_fact(alarm, fact::kAlarmRaised, now, out).set("text", alarm.text);
      break;
    case AlarmEvent::rise:
      alarm.acknowledged.reset();
      add_fact(alarm, fact::kAlarmRisen, now, out).set("text", alarm.text);
      break;
    case AlarmEvent::clear:
    case AlarmEvent::clear_latching:
      alarm.cleared_at = now.wall;
      add_fact(alarm, fact::kAlarmCleared, now, out);
      break;
    case AlarmEvent::acknowledge:
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
  if (step.quiet) stop_paging(alarm);
  // A condition that comes back before anybody saw it is paged on as it was: chatter must neither
  // multiply pages nor set an escalation back.
  const bool chatter = event == AlarmEvent::occur && alarm.paging.tier > 0;
  if (step.page && !chatter) go_on_paging(now, alarm, out);
  if (step.verify) begin_verify(now, alarm);
  mark_changed(alarm, out);
  return true;
}

}  // namespace cryobank::alarms
