// What belongs together: the cause of an alarm, and alarms that another one explains.
#include <algorithm>
#include <array>
#include <tuple>

#include "base/text.hpp"
#include "service/alarms/board_parts.hpp"

namespace cryobank::alarms {
namespace {

// So many alarms of one condition in one room within so long have one cause, whatever it is.
constexpr int kFlood = 3;
constexpr Duration kFloodWithin = minutes(10);
// Slow lines are found dark so long after quick ones.
constexpr Duration kOutageWithin = minutes(3);

}  // namespace

// A freezer whose supply or inlet is known to be shut does not fill because of that.
std::string Board::Parts::cut_off_cause(const config::DeviceConfig& freezer) const {
  const Alarm* found = nullptr;  // the first by its id of all that cut it off
  const auto take = [&found](const Alarm* alarm) {
    if (found == nullptr || alarm->id < found->id) found = alarm;
  };
  for (const auto& [id, alarm] : filed.of_device(freezer.supply)) {
    const config::AlarmEntry* entry = entry_of(*alarm);
    const bool supply = entry != nullptr && entry->group == "ln2" &&
                        alarm->priority == Priority::p1 && !freezer.supply.empty();
    if (supply && is_active(alarm->state)) take(alarm);
  }
  for (const auto& [id, alarm] : filed.of_condition("ln2-inhibited")) {
    const config::DeviceConfig* device = device_of(*alarm);
    const bool inlet = device != nullptr && device->room == freezer.room;
    if (inlet && is_active(alarm->state)) take(alarm);
  }
  return found == nullptr ? std::string() : found->cause;
}

// What is wrong with the liquid of one tank is one cause, whichever is seen first: a breach and the
// fills that do not help, a valve that stays open and the fill that does not end.
std::string Board::Parts::liquid_cause(const Alarm& alarm, std::string_view group) const {
  constexpr std::array<std::string_view, 3> kLiquid{"contents", "fill", "overfill"};
  const auto is_liquid = [&](std::string_view one) { return std::ranges::count(kLiquid, one) > 0; };
  if (!is_liquid(group)) return {};
  const Alarm* first = nullptr;
  for (const auto& [id, other] : filed.of_device(alarm.device)) {
    const config::AlarmEntry* entry = entry_of(*other);
    if (entry == nullptr || other == &alarm || !is_active(other->state)) continue;
    if (other->priority == Priority::p3 || !is_liquid(entry->group)) continue;
    const bool joins = entry->group == group || entry->group == "fill" || group == "fill";
    // Not what a supply or a flood has already explained.
    const bool own = std::ranges::any_of(kLiquid, [&](std::string_view one) {
      return other->cause == alarm_id(alarm.device.str(), one).str();
    });
    if (!joins || !own) continue;
    if (first == nullptr || other->occurrence < first->occurrence) first = other;
  }
  return first == nullptr ? std::string() : first->cause;
}

// Of what the catalogue says it is a part of, as long as that stands: a warm vapour of the lid, no
// number of any sensor of the silence of their device.
std::string Board::Parts::joined_cause(const Alarm& alarm, const config::AlarmEntry& entry) const {
  for (const std::string& condition : entry.joins) {
    const Alarm* other = find(alarm_id(alarm.device.str(), condition));
    if (other != nullptr && is_active(other->state)) return other->cause;
  }
  return {};
}

// Lines that go dark together have one cause, whatever it is: that of the first. Not one that
// somebody has taken already, who knows nothing of this line.
std::string Board::Parts::outage_cause(const Alarm& alarm) const {
  const Alarm* first = nullptr;
  for (const auto& [id, other] : filed.of_condition(alarm.condition)) {
    if (other == &alarm || other->state != AlarmState::active_unacknowledged) continue;
    if (alarm.since - other->since > kOutageWithin) continue;
    if (first == nullptr || other->occurrence < first->occurrence) first = other;
  }
  return first == nullptr ? std::string() : first->cause;
}

std::string Board::Parts::cause_of(const Alarm& alarm) const {
  const config::AlarmEntry* entry = entry_of(alarm);
  const config::DeviceConfig* device = device_of(alarm);
  if (entry == nullptr || entry->scope == config::AlarmScope::alarm) return alarm.id.str();
  const auto named = [&](std::string_view place) { return alarm_id(place, entry->group).str(); };
  if (entry->scope == config::AlarmScope::site) return named("site");
  if (device == nullptr) {
    // What is wrong with one channel is one cause, in however many ways it shows.
    return entry->group == "channel" ? named(alarm.source) : alarm.id.str();
  }
  std::string cause = entry->group == "fill" ? cut_off_cause(*device) : std::string();
  if (cause.empty()) cause = liquid_cause(alarm, entry->group);
  if (cause.empty()) cause = joined_cause(alarm, *entry);
  if (cause.empty() && entry->scope == config::AlarmScope::line) cause = outage_cause(alarm);
  if (!cause.empty()) return cause;
  if (entry->scope == config::AlarmScope::room) return named(device->room);
  if (entry->scope == config::AlarmScope::line) return named(cat("line-", device->line.str()));
  // A flood of one kind: fourteen probes that die together are one page. Never of P1s, each of
  // which is a tank, and never two rooms.
  int others = 0;
  if (alarm.priority == Priority::p1) return named(device->id.str());
  for (const auto& [other_id, other] : filed.of_condition(alarm.condition)) {
    if (!is_active(other->state) || other == &alarm) continue;
    if (other->priority == Priority::p1 || alarm.since - other->since > kFloodWithin) continue;
    const config::DeviceConfig* there = device_of(*other);
    if (there == nullptr || there->room != device->room) continue;
    if (++others >= kFlood) return alarm_id(device->room, alarm.condition).str();
  }
  return named(device->id.str());
}

// Its value is back within the limit, and only its off-delay keeps it.
bool Board::Parts::is_easing(const Alarm& alarm) const {
  if (alarm.rule < 0) return false;
  const Rule& rule = rules[static_cast<std::size_t>(alarm.rule)];
  return rule.stage > 0 && rule.hold == 0;
}

// Who speaks for the cause: the most urgent that is still true, one that goes on before one that is
// on its way back, of those the catalogue's rank, then who came first.
const Alarm* Board::Parts::leader_of(const Alarm& alarm) const {
  const Alarm* leader = &alarm;
  const auto order = [&](const Alarm& one) {
    const config::AlarmEntry* entry = entry_of(one);
    return std::tuple(!is_active(one.state), one.priority, is_easing(one),
                      entry == nullptr ? 0 : -entry->rank, one.occurrence);
  };
  for (const auto& [member_id, member] : filed.of_cause(alarm.cause)) {
    if (order(*member) < order(*leader)) leader = member;
  }
  return leader;
}

// An alarm that explains others keeps their pages back while it stands; it never hides a P1.
void Board::Parts::judge_suppression(Now now, const Alarm& by, BoardOutputs& out) {
  const config::AlarmEntry* entry = entry_of(by);
  if (entry == nullptr || entry->suppresses.empty() || by.device.empty()) return;
  const bool holds = is_active(by.state);
  for (const std::string& condition : entry->suppresses) {
    Rule* rule = rule_of(by.device.str(), condition);
    Alarm* alarm = rule == nullptr ? nullptr : find(rule->alarm);
    if (alarm == nullptr) continue;
    const bool held = alarm->by_design == by.id.str();
    if (holds && !held && alarm->priority != Priority::p1) {
      alarm->by_design = by.id.str();
      if (alarm->open()) mark_changed(*alarm, out);
    } else if (!holds && held) {
      release(now, *alarm, out);
    }
  }
}

// What is over and nobody heard of asks nobody to confirm it: on record as closed.
void Board::Parts::close_unheard(Now now, Alarm& alarm, BoardOutputs& out) {
  if (handle(now, alarm, AlarmEvent::acknowledge, out)) {
    add_fact(alarm, fact::kAlarmCleared, now, out);
  }
}

// What another alarm explained and is still there when that is over is told now. One that is on its
// way back goes unheard, unless it turns round.
void Board::Parts::release(Now now, Alarm& alarm, BoardOutputs& out) {
  const Result<AlarmId> by = AlarmId::parse(alarm.by_design);
  const Alarm* holds = by ? find(*by) : nullptr;
  if ((holds != nullptr && is_active(holds->state)) || is_easing(alarm)) return;
  alarm.by_design.clear();
  if (alarm.state == AlarmState::cleared_unacknowledged) return close_unheard(now, alarm, out);
  ++alarm.telling;
  if (alarm.open()) mark_changed(alarm, out);
}

// What every open alarm of it shows has changed: how long it lasts, what it holds, who works on it.
void Board::Parts::mark_device(const DeviceId& device, BoardOutputs& out) const {
  for (const auto& [id, alarm] : filed.of_device(device)) mark_changed(*alarm, out);
}

}  // namespace cryobank::alarms
