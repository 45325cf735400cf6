// Whether people must be told, the check that an acknowledgement helped, shelves that end, and what
// people answer by pager. Whom to tell, and when again, is the page ledger's.
#include <algorithm>

#include "base/text.hpp"
#include "service/alarms/board_parts.hpp"
#include "service/alarms/summons.hpp"

namespace cryobank::alarms {
namespace {

// A P2 that somebody took is looked at again after one shift.
constexpr Duration kVerifyP2 = hours(8);
// Nobody who says a later time is waited for any longer than so.
constexpr Duration kComingMost = hours(3);
// No timer is shorter, whatever the site says.
constexpr Duration kShortest = seconds(1);
// After a restart what was due meanwhile is due at once, what is further away than its own interval
// (the wall clock jumped) after that interval.
Duration remaining(WallTime at, WallTime now, Duration longest) {
  return std::clamp(at - now, Duration{}, longest);
}

}  // namespace

bool wants_pages(const Alarm& alarm) {
  return (alarm.state == AlarmState::active_unacknowledged ||
          alarm.state == AlarmState::cleared_unacknowledged) &&
         alarm.priority != Priority::p3 && !alarm.shelf && alarm.by_design.empty();
}

bool is_taken(const Alarm& alarm) {
  return alarm.state == AlarmState::active_acknowledged && alarm.priority != Priority::p3 &&
         !alarm.shelf && alarm.by_design.empty();
}

// Whoever said by when is waited for so long, and for the way in; never past the time at which
// somebody else has to leave for it.
Duration Board::Parts::coming_within(Now now, const Alarm& alarm) const {
  if (alarm.expected <= now.wall) return {};
  const config::DeviceConfig* device = device_of(alarm);
  const Duration travel = device == nullptr ? Duration{} : travel_to(*device);
  const Duration within = std::min(kComingMost, alarm.expected - now.wall + travel);
  const auto tank = tanks.find(alarm.device);
  if (tank == tanks.end() || !tank->second.lasts) return within;
  return std::min(within, seconds(tank->second.lasts->low_s) - travel);
}

Duration Board::Parts::travel_to(const config::DeviceConfig& device) const {
  Duration travel{};
  for (const config::DeviceConfig& other : config.devices) {
    if (other.kind != config::DeviceKind::room || other.room != device.room) continue;
    travel = std::max(travel, other.reach_within);
  }
  return travel.ns == 0 ? device.reach_within : travel;
}

void Board::Parts::begin_verify(Now now, Alarm& alarm) {
  if (alarm.priority == Priority::p3) return;
  Duration after =
      alarm.priority == Priority::p1 ? std::max(kShortest, config.paging.verify_after) : kVerifyP2;
  after = std::max(after, coming_within(now, alarm));
  alarm.verify_at = now.wall + after;
  alarm.verify_stage = alarm.stage;
  alarm.verify_value =
      alarm.rule < 0 ? std::optional<Milli>() : rules[static_cast<std::size_t>(alarm.rule)].value;
  alarm.expected = WallTime{};
  const auto tank = tanks.find(alarm.device);
  const bool lasts = tank != tanks.end() && tank->second.lasts;
  alarm.verify_loss_s = lasts ? tank->second.lasts->mid_s : -1;
  alarm_timers.set({AlarmTimer::Kind::verify, alarm.id}, now.mono + after);
}

namespace {

// Of the time that was left when somebody took it, less what went by since, half is suddenly gone:
// it was taken for something milder. Only where a person could still hurry.
constexpr std::int64_t kHurryS = 12 * 3600;
bool is_half_gone(const Alarm& alarm, const Prognosis& lasts, WallTime now) {
  if (alarm.verify_loss_s <= 0 || !lasts.losing || lasts.mid_s >= kHurryS) return false;
  const std::int64_t gone = std::max<std::int64_t>(0, (now - alarm.acknowledged->at).seconds());
  return lasts.mid_s * 2 < alarm.verify_loss_s - gone;
}

}  // namespace

// The contents of a tank may last for a shorter time than was known when somebody took its alarms:
// they are looked at again before somebody else has to leave, and the acknowledgement is taken back
// at once where it was for something milder.
void Board::Parts::judge_taken(Now now, const DeviceId& device, BoardOutputs& out) {
  const auto tank = tanks.find(device);
  if (tank == tanks.end() || !tank->second.lasts) return;
  const Prognosis& lasts = *tank->second.lasts;
  std::vector<AlarmId> worse;
  for (const auto& [id, seen] : filed.of_device(device)) {
    const config::AlarmEntry* entry = entry_of(*seen);
    const bool taken = seen->state == AlarmState::active_acknowledged && seen->acknowledged &&
                       seen->verify_at.ms != 0;
    if (!taken || entry == nullptr || entry->group != "contents") continue;
    Alarm& alarm = alarms.at(seen->id);
    if (is_half_gone(alarm, lasts, now.wall)) {
      worse.push_back(alarm.id);
      continue;
    }
    const config::DeviceConfig* own = device_of(alarm);
    const Duration travel = own == nullptr ? Duration{} : travel_to(*own);
    const WallTime leave = now.wall + seconds(lasts.low_s) - travel;
    const WallTime soonest = alarm.acknowledged->at + config.paging.verify_after;
    const WallTime latest = std::max({leave, soonest, now.wall + kShortest});
    if (!lasts.losing || latest >= alarm.verify_at) continue;
    alarm.verify_at = latest;
    alarm_timers.set({AlarmTimer::Kind::verify, alarm.id}, now.mono + (latest - now.wall));
  }
  for (const AlarmId& id : worse) handle(now, alarms.at(id), AlarmEvent::unacknowledge, out);
}

namespace {

// A tenth more time than there was: somebody filled it, or it cools.
constexpr std::int64_t kBetterPercent = 110;

// Has what was acknowledged become better since? Only what is measured counts.
bool is_better(const Alarm& alarm, const Rule& rule) {
  if (rule.stage < alarm.verify_stage) return true;
  if (rule.quality != Quality::good || !rule.value || !alarm.verify_value) return false;
  const bool above = rule.spec.entry.when == config::AlarmWhen::above;
  const Milli gained =
      above ? *alarm.verify_value - *rule.value : *rule.value - *alarm.verify_value;
  const bool measured = above || rule.spec.entry.when == config::AlarmWhen::below;
  return measured && gained >= rule.spec.entry.deadband && gained.v > 0;
}

}  // namespace

void Board::Parts::verify(Now now, Alarm& alarm, BoardOutputs& out) {
  alarm.verify_at = WallTime{};
  if (alarm.state != AlarmState::active_acknowledged) return;
  const auto tank = tanks.find(alarm.device);
  const bool longer = tank != tanks.end() && tank->second.lasts && alarm.verify_loss_s > 0 &&
                      tank->second.lasts->mid_s * 100 > alarm.verify_loss_s * kBetterPercent;
  const bool better =
      alarm.rule >= 0 && is_better(alarm, rules[static_cast<std::size_t>(alarm.rule)]);
  if (better || longer) {
    begin_verify(now, alarm);
    mark_changed(alarm, out);
    return;
  }
  handle(now, alarm, AlarmEvent::unacknowledge, out);
}

void Board::Parts::drop_shelf(Now now, Alarm& alarm, std::string_view why, BoardOutputs& out) {
  if (!alarm.shelf) return;
  add_fact(alarm, fact::kAlarmShelfEnded, now, out)
      .set("by", alarm.shelf->by.str())
      .set("why", why);
  alarm.silenced = alarm.shelf->first.ms != 0 ? alarm.shelf->first : now.wall;
  alarm.unsilenced = now.wall;
  alarm.shelf.reset();
  filed.file(alarm);
  alarm_timers.clear({AlarmTimer::Kind::shelf, alarm.id});
  substitute(now, alarm.device, out);
  mark_changed(alarm, out);
}

void Board::Parts::end_shelf(Now now, Alarm& alarm, std::string_view why, BoardOutputs& out) {
  drop_shelf(now, alarm, why, out);
  ++alarm.telling;
  mark_changed(alarm, out);
}

void Board::Parts::resume(Now now, Alarm& alarm, BoardOutputs& out) {
  // Its rule, or its device, was taken out of the site: nobody would ever clear it.
  const bool orphan =
      alarm.rule < 0 &&
      (alarm.watched || (!alarm.device.empty() && device_at(alarm.device) == nullptr));
  if (orphan) ease(now, alarm, out);
  if (alarm.shelf) {
    const Duration left = remaining(alarm.shelf->until, now.wall, hours(72));
    alarm_timers.set({AlarmTimer::Kind::shelf, alarm.id}, now.mono + left);
  }
  if (alarm.state == AlarmState::active_acknowledged && alarm.verify_at.ms != 0) {
    Duration longest = alarm.priority == Priority::p1 ? config.paging.verify_after : kVerifyP2;
    // Somebody said by when; by the clock of the wall then.
    if (alarm.acknowledged) {
      const Duration planned = alarm.verify_at - alarm.acknowledged->at;
      longest = std::max(longest, std::min(planned, kComingMost));
    }
    alarm_timers.set({AlarmTimer::Kind::verify, alarm.id},
                     now.mono + remaining(alarm.verify_at, now.wall, longest));
  }
}

void note_going(Alarm& alarm, const UserId& by, WallTime at) {
  if (alarm.coming && alarm.coming->by == by) return;  // by pager, which may have said when
  alarm.coming = Coming{by, at, {}};
  add_note(alarm.answers, {by, "coming on screen", at});
}

void forget_going(Alarm& alarm, const UserId& by) {
  if (alarm.coming && alarm.coming->by == by) alarm.coming.reset();
}

std::optional<Summons> Board::summons(const AlarmId& id) const {
  const Alarm* alarm = parts_->find(id);
  if (alarm == nullptr || (!wants_pages(*alarm) && !is_taken(*alarm))) return std::nullopt;
  Summons summons;
  summons.taken = is_taken(*alarm);
  summons.alarm = id;
  summons.occurrence = alarm->occurrence;
  summons.priority = alarm->priority;
  summons.device = alarm->device;
  summons.telling = alarm->telling;
  summons.cause = alarm->cause;
  summons.over = !is_active(alarm->state);
  summons.danger = parts_->danger_of(*alarm);
  summons.coming = alarm->coming;
  return summons;
}

UserId Board::taken_by(const AlarmId& id) const {
  const Alarm* alarm = parts_->find(id);
  const bool taken = alarm != nullptr && alarm->state == AlarmState::active_acknowledged &&
                     alarm->acknowledged.has_value();
  return taken ? alarm->acknowledged->by : UserId();
}

Status Board::answered(Now now, const AlarmId& id, const PagerAnswer& answer, BoardOutputs& out) {
  Alarm* alarm = parts_->find(id);
  if (alarm == nullptr) {
    return make_error(ErrorCode::not_found, cat("expected an open alarm, came ", id.str()));
  }
  const std::string eta = answer.eta.empty() ? std::string() : cat(", expected ", answer.eta);
  const std::string said = cat(answer.status, " on ", answer.channel.str(), eta);
  // Said again is said once: a device that repeats itself pushes nobody's answer out.
  std::erase_if(alarm->answers,
                [&](const Note& note) { return note.by == answer.by && note.text == said; });
  add_note(alarm->answers, {answer.by, said, now.wall});
  if (answer.status == "coming") {
    const WallTime due = answer.eta.empty() ? WallTime{} : now.wall + answer.eta_in;
    alarm->coming = Coming{answer.by, now.wall, due};
  } else if (answer.status == "not-coming") {
    forget_going(*alarm, answer.by);
  }
  mark_changed(*alarm, out);
  if (answer.status == "not-coming" && taken_by(id) == answer.by) {
    parts_->handle(now, *alarm, AlarmEvent::unacknowledge, out);
    return {};
  }
  if (!answer.takes || (!wants_pages(*alarm) && alarm->state != AlarmState::latched)) return {};
  add_fact(*alarm, fact::kAlarmAcknowledged, now, out)
      .set("by", answer.by.str())
      .set("reason", "going")
      .set("comment", cat("by pager on ", answer.channel.str()));
  if (answer.eta_in.ns > 0) alarm->expected = now.wall + answer.eta_in;
  parts_->acknowledge(now, *alarm, {answer.by, "going", "", now.wall}, out);
  return {};
}

}  // namespace cryobank::alarms
