// What people decide about alarms. A decision only makes facts; apply() changes the board once they
// are durable, and looks again: an alarm that became worse meanwhile is not taken by what was
// decided about the milder one.
#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "config/duration.hpp"
#include "service/alarms/alarm_act.hpp"
#include "service/alarms/board_parts.hpp"
#include "service/alarms/command_table.hpp"

namespace cryobank::alarms {
namespace {

// Longest silence that one person may grant; a P1 grants none.
constexpr Duration kShelfP2 = hours(8);
constexpr Duration kShelfP3 = hours(72);
constexpr Duration kShelfMin = minutes(1);
// Shelves that follow each other within so long are one silence, and have one limit together.
constexpr Duration kShelfApart = hours(24);
// No silence longer than this share of the time that is left to the contents.
constexpr std::int64_t kShelfShare = 4;

Json base_data(const Alarm& alarm, const CommandContext& context) {
  Json data = Json::object();
  data.set("alarm", alarm.id.str())
      .set("occurrence", alarm.occurrence)
      .set("priority", name_of(alarm.priority))
      .set("by", context.actor.user.str())
      .set("at", format_utc(context.now.wall));
  return data;
}

Decision decision(const FactName& type, Json data, std::string message) {
  Decision out;
  out.reply = data;
  out.facts.push_back({type, std::move(data)});
  out.message = std::move(message);
  return out;
}

Result<std::string> short_text(const Json& body, std::string_view key, bool required) {
  if (!required && body[key].is_null()) return std::string();
  Result<std::string> text = body.get_string(key);
  TRY(text);
  if (text->size() > kNoteLengthMax || (required && trim(*text).empty())) {
    return make_error(ErrorCode::invalid_value, cat("expected \"", key, "\" of 1 to ",
                                                    kNoteLengthMax, " bytes, came ", text->size()));
  }
  return text;
}

Result<Decision> decide_acknowledge(const Alarm& alarm, const Json& body,
                                    const CommandContext& context, Duration verify_after) {
  TRY_ASSIGN(const std::string reason, body.get_string("reason"));
  TRY_ASSIGN(const std::string comment, short_text(body, "comment", false));
  if (alarm.state == AlarmState::latched && alarm.latch == config::AlarmLatch::reset) {
    return make_error(ErrorCode::conflict,
                      cat(alarm.id.str(), " is back: end it with alarm/reset and a reason"));
  }
  if (is_acknowledged(alarm.state)) {
    return make_error(ErrorCode::conflict, alarm.acknowledged
                                               ? cat(alarm.id.str(), " was acknowledged by ",
                                                     alarm.acknowledged->by.str(), " at ",
                                                     format_utc(alarm.acknowledged->at))
                                               : cat(alarm.id.str(), " is not active"));
  }
  Json data = base_data(alarm, context);
  data.set("severity", alarm.highest).set("reason", reason).set("comment", comment);
  std::string message = cat(alarm.id.str(), " acknowledged");
  if (alarm.state == AlarmState::active_unacknowledged && alarm.priority == Priority::p1) {
    message +=
        cat("; if it is no better in ", config::format_duration(verify_after), ", it pages again");
  }
  return decision(fact::kAlarmAcknowledged, std::move(data), std::move(message));
}

// What of one person's grant is left: shelves that follow each other share it.
Duration shelf_left(const Alarm& alarm, Duration longest, WallTime now) {
  WallTime first{};
  if (alarm.shelf) {
    first = alarm.shelf->first;
  } else if (alarm.silenced.ms != 0 && now - alarm.unsilenced < kShelfApart) {
    first = alarm.silenced;
  }
  return first.ms == 0 ? longest : std::max(Duration{}, longest - (now - first));
}

Result<Decision> decide_shelve(const Alarm& alarm, const Rule* rule, std::optional<Prognosis> lasts,
                               const Json& body, const CommandContext& context) {
  TRY_ASSIGN(const std::string text, body.get_string("for"));
  TRY_ASSIGN(const Duration wanted, config::parse_duration(text));
  TRY_ASSIGN(const std::string reason, short_text(body, "reason", true));
  const bool closed = alarm.state == AlarmState::closed;
  const Priority priority = closed && rule != nullptr
                                ? priority_of(rule->spec.entry.stages.front().priority)
                                : alarm.priority;
  const bool never = rule != nullptr && !rule->spec.entry.shelvable;
  if (priority == Priority::p1 || never) {
    return make_error(
        ErrorCode::conflict,
        cat(alarm.id.str(), " is ", never ? "an interlock" : "a P1", ": it is never shelved"));
  }
  const Duration most = priority == Priority::p2 ? kShelfP2 : kShelfP3;
  Duration longest = shelf_left(alarm, most, context.now.wall);
  std::string why;
  if (longest < most) why = ", since it has been silenced already";
  if (lasts && lasts->losing && seconds(lasts->low_s / kShelfShare) < longest) {
    longest = seconds(lasts->low_s / kShelfShare);
    why = ", a quarter of what is left of its contents";
  }
  if (wanted < kShelfMin || wanted > longest) {
    return make_error(
        ErrorCode::invalid_value,
        cat("expected \"for\" from ", config::format_duration(kShelfMin), " to ",
            config::format_duration(minutes(longest.seconds() / 60)), why, ", came ", text));
  }
  const WallTime until = context.now.wall + wanted;
  Json data = base_data(alarm, context);
  data.set("until", format_utc(until)).set("reason", reason);
  return decision(fact::kAlarmShelved, std::move(data),
                  cat(alarm.id.str(), " shelved until ", format_utc(until)));
}

// An acknowledgement by mistake is taken back; everybody hears it anew.
Result<Decision> decide_unacknowledge(const Alarm& alarm, const Json& body,
                                      const CommandContext& context) {
  TRY_ASSIGN(const std::string reason, short_text(body, "reason", true));
  if (alarm.state != AlarmState::active_acknowledged) {
    return make_error(ErrorCode::conflict, cat(alarm.id.str(), " is not active and acknowledged"));
  }
  Json data = base_data(alarm, context);
  data.set("reason", reason);
  return decision(fact::kAlarmUnacknowledged, std::move(data),
                  cat(alarm.id.str(), " is open again and pages"));
}

Result<Decision> decide_reset(const Alarm& alarm, const Json& body, const CommandContext& context) {
  TRY_ASSIGN(const std::string reason, short_text(body, "reason", true));
  if (is_active(alarm.state)) {
    return make_error(ErrorCode::conflict,
                      cat(alarm.id.str(), " is still true: it cannot be reset from here"));
  }
  if (alarm.state != AlarmState::latched) {
    return make_error(ErrorCode::conflict,
                      cat(alarm.id.str(), is_acknowledged(alarm.state)
                                              ? " is not latched"
                                              : " must be acknowledged before it is reset"));
  }
  Json data = base_data(alarm, context);
  data.set("reason", reason);
  return decision(fact::kAlarmReset, std::move(data), cat(alarm.id.str(), " is closed"));
}

Result<Decision> decide_unshelve(const Alarm& alarm, const CommandContext& context) {
  if (!alarm.shelf) {
    return make_error(ErrorCode::conflict, cat(alarm.id.str(), " is not shelved"));
  }
  return decision(fact::kAlarmUnshelved, base_data(alarm, context),
                  cat(alarm.id.str(), " is not shelved any more"));
}

Result<Decision> decide_comment(const Alarm& alarm, const Json& body,
                                const CommandContext& context) {
  TRY_ASSIGN(const std::string text, short_text(body, "text", true));
  if (!alarm.open()) return make_error(ErrorCode::conflict, cat(alarm.id.str(), " is closed"));
  Json data = base_data(alarm, context);
  data.set("text", text);
  return decision(fact::kAlarmCommented, std::move(data), "comment kept");
}

}  // namespace

void Board::Parts::set_shelf(Now now, Alarm& alarm, Shelf shelf, BoardOutputs& out) {
  if (is_active(alarm.state) && alarm.priority == Priority::p1) return;  // rose meanwhile
  const Duration left = std::max(Duration{}, shelf.until - now.wall);
  shelf.first = alarm.shelf ? alarm.shelf->first
                : alarm.silenced.ms != 0 && now.wall - alarm.unsilenced < kShelfApart
                    ? alarm.silenced
                    : now.wall;
  alarm.shelf = std::move(shelf);
  filed.file(alarm);
  alarm_timers.set({AlarmTimer::Kind::shelf, alarm.id}, now.mono + left);
  substitute(now, alarm.device, out);
  mark_changed(alarm, out);
}

void Board::Parts::acknowledge(Now now, Alarm& alarm, Acknowledgement taken, BoardOutputs& out) {
  // One that needs a reset is only confirmed by being taken.
  const bool confirms = alarm.latch == config::AlarmLatch::reset;
  const AlarmEvent event = confirms ? AlarmEvent::confirm : AlarmEvent::acknowledge;
  if (!handle(now, alarm, event, out)) return;
  if (taken.reason == "going") note_going(alarm, taken.by, now.wall);
  alarm.acknowledged = std::move(taken);
  const AlarmId id = alarm.id;  // the alarm itself may go
  forget_if_closed(id);
}

// As the verify timer does, without a second fact: the decision made it. Taken by mistake: nobody
// is on the way.
void Board::Parts::take_back(Now now, Alarm& alarm, BoardOutputs& out) {
  const std::size_t before = out.facts.size();
  if (alarm.acknowledged) forget_going(alarm, alarm.acknowledged->by);
  handle(now, alarm, AlarmEvent::unacknowledge, out);
  if (out.facts.size() > before) out.facts.pop_back();
}

bool Board::handles(std::string_view verb) const { return find_entry(schemas(), verb) != nullptr; }

Result<Decision> Board::decide(std::string_view verb, const Json& body,
                               const CommandContext& context) const {
  const CommandSchema* schema = find_entry(schemas(), verb);
  if (schema == nullptr) {
    return make_error(ErrorCode::unknown_key, cat("expected a verb of alarms, came ", verb));
  }
  TRY(check_command(*schema, body, context.expect_revision));
  if (handles_care(verb)) return decide_care(verb, body, context);
  TRY_ASSIGN(const std::string text, body.get_string("alarm"));
  TRY_ASSIGN(const AlarmId id, AlarmId::parse(text));
  const Alarm* alarm = parts_->find(id);
  if (alarm == nullptr) {
    return make_error(ErrorCode::not_found, cat("expected a known alarm, came ", id.str()));
  }
  if (!body["occurrence"].is_null()) {
    TRY_ASSIGN(const std::int64_t occurrence, body.get_integer("occurrence"));
    if (occurrence != static_cast<std::int64_t>(alarm->occurrence)) {
      return make_error(ErrorCode::conflict,
                        cat("expected occurrence ", alarm->occurrence, ", came ", occurrence));
    }
  }
  const Rule* rule =
      alarm->rule < 0 ? nullptr : &parts_->rules[static_cast<std::size_t>(alarm->rule)];
  if (verb == "alarm/acknowledge") {
    return decide_acknowledge(*alarm, body, context, parts_->config.paging.verify_after);
  }
  if (verb == "alarm/shelve") {
    const auto tank = parts_->tanks.find(alarm->device);
    const auto lasts = tank == parts_->tanks.end() ? std::nullopt : tank->second.lasts;
    return decide_shelve(*alarm, rule, lasts, body, context);
  }
  if (verb == "alarm/unacknowledge") return decide_unacknowledge(*alarm, body, context);
  if (verb == "alarm/reset") return decide_reset(*alarm, body, context);
  if (verb == "alarm/unshelve") return decide_unshelve(*alarm, context);
  CHECK(verb == "alarm/comment");
  return decide_comment(*alarm, body, context);
}

Status Board::readable(const Fact& fact) {
  if (is_care_act(fact.type)) {
    const Result<CareAct> care = read_care_act(fact);
    return care ? Status() : care.error();
  }
  if (!is_alarm_act(fact.type)) {
    return make_error(ErrorCode::corrupt,
                      cat("fact ", fact.type, ": expected what a person did to an alarm"));
  }
  const Result<AlarmAct> act = read_alarm_act(fact);
  return act ? Status() : act.error();
}

Status Board::apply(Now now, const Fact& fact, BoardOutputs& out) {
  TRY(readable(fact));
  if (is_care_act(fact.type)) {
    apply_care(now, fact.type, *read_care_act(fact), out);
  } else {
    apply_act(now, fact.type, *read_alarm_act(fact), out);
  }
  return {};
}

void Board::apply_act(Now now, const FactType& type, const AlarmAct& act, BoardOutputs& out) {
  Alarm* alarm = parts_->find(act.alarm);
  if (alarm == nullptr) return;  // closed between the decision and its commit
  const bool same = alarm->occurrence == act.occurrence;
  if (type == fact::kAlarmAcknowledged) {
    if (!same || alarm->highest > act.severity) return;
    parts_->acknowledge(now, *alarm, {act.by, act.reason, act.comment, now.wall}, out);
  } else if (type == fact::kAlarmShelved) {
    parts_->set_shelf(now, *alarm, {act.by, act.reason, act.until, {}}, out);
  } else if (type == fact::kAlarmUnshelved) {
    parts_->end_shelf(now, *alarm, "by hand", out);
    parts_->forget_if_closed(act.alarm);
  } else if (type == fact::kAlarmUnacknowledged && same) {
    parts_->take_back(now, *alarm, out);
  } else if (type == fact::kAlarmReset && same) {
    parts_->handle(now, *alarm, AlarmEvent::reset, out);
    parts_->forget_if_closed(act.alarm);
  } else if (type == fact::kAlarmCommented && same) {
    add_note(alarm->comments, {act.by, act.text, now.wall});
    mark_changed(*alarm, out);
  }
}

}  // namespace cryobank::alarms
