// Whom to tell and when again: rounds of pages.
#include <algorithm>
#include <utility>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "service/alarms/page/page_ledger_parts.hpp"
#include "service/alarms/page/page_text.hpp"

namespace cryobank::alarms {
namespace {

using Kind = PageTimer::Kind;

// No page waits longer for the first reading of its room's air after a start.
constexpr Duration kAirWaitP1 = seconds(4);
constexpr Duration kAirWait = seconds(20);
constexpr Duration kAirAgain = milliseconds(500);
// More pages of one cause than this in ten minutes are a flood: nothing is told before its round.
constexpr std::int64_t kFloodRounds = 10;
constexpr Duration kFloodSpan = minutes(10);

// After a restart what was due meanwhile is due at once, and what lies further away than its own
// interval (the wall clock jumped) comes after that interval.
Duration time_left(WallTime at, WallTime now, Duration longest) {
  return std::clamp(at - now, Duration{}, longest);
}

}  // namespace

void mark(LedgerOutputs& out, const AlarmId& alarm) {
  if (alarm.empty()) return;
  if (std::ranges::find(out.changed, alarm) == out.changed.end()) out.changed.push_back(alarm);
}

Json& page_fact(LedgerOutputs& out, const FactName& type, Now now, const AlarmId& alarm) {
  Json data = Json::object();
  data.set("alarm", alarm.empty() ? Json() : Json(alarm.str())).set("at", format_utc(now.wall));
  out.facts.push_back({type, std::move(data)});
  return out.facts.back().data;
}

Duration PageLedger::Parts::repeat_after(Priority priority) const {
  const config::PagingConfig& paging = config.paging;
  return std::max(kRoundMin, priority == Priority::p1 ? paging.repeat_p1 : paging.repeat_p2);
}

// Four digits that no open call has, nor any that people may still answer with.
std::string PageLedger::Parts::draw_code() {
  constexpr std::uint32_t kCodes = 10'000;
  for (int tries = 0;; ++tries) {
    std::string code = cat(fnv1a32(cat("code/", epoch.value, "/", ++draws)) % kCodes);
    while (code.size() < 4) code.insert(code.begin(), '0');
    const auto open = [&code](const auto& item) { return item.second.code == code; };
    const bool used = index.has_code(code) || std::ranges::any_of(proofs, open) ||
                      old_codes.find(code) != nullptr;
    if (!used || tries > static_cast<int>(kCodes)) return code;
  }
}

// One that no page was written with is known to nobody.
void PageLedger::Parts::keep_code(Now now, const Call& call, bool joined, LedgerOutputs& out) {
  if (call.round == 0) return;
  for (const AlarmId& alarm : old_codes.keep(call.code, {call.summons.alarm, joined, now.wall})) {
    mark(out, alarm);
  }
}

void PageLedger::Parts::open(Now now, const Summons& summons, LedgerOutputs& out) {
  if (roster.tiers() == 0 || calls.size() >= kCallsMax) return;
  Call& call = calls[summons.alarm];
  call.summons = summons;
  call.since = now.wall;
  name_coming(now, call);
  mark(out, summons.alarm);
  if (const AlarmId first = leader_for(summons); !first.empty()) {
    Call& leader = calls.at(first);
    ride(now, call, leader, out);
    if (!speak_up(now, call, leader, out)) tell_soon(now, call, leader);
    return;
  }
  call.code = draw_code();
  file(call);
  call.told = summons.danger;
  gather(now, call, out);
  if (summons.taken) return;
  if (summons.over) return stand(now, call, out);  // its cause was told, and is over
  set_escalation(now, call, tier_after(summons.priority, 2));
  send_round(now, call, out);
}

// A P1, or another machine of the same cause, is named to people soon, in one page with all that
// follow; no sooner than a flood may be paged.
void PageLedger::Parts::tell_soon(Now now, const Call& rider, Call& leader) {
  const bool urgent = rider.summons.priority == Priority::p1;
  const bool tells = urgent || rider.summons.device != leader.summons.device;
  if (leader.summons.taken || rider.summons.over || !tells) return;
  const std::int64_t spans =
      std::max<std::int64_t>(0, (now.wall - leader.since).seconds() / kFloodSpan.seconds());
  if (leader.round >= kFloodRounds * (spans + 1)) return;
  // Those that go on coming are gathered for ever longer.
  const Duration within =
      urgent ? kNewP1Within : kNewMachineWithin * std::clamp(leader.round, 1, 4);
  const bool soon = leader.repeat_at.ms != 0 && leader.repeat_at - now.wall <= within;
  if (!soon) set_repeat(now, leader, within);
}

void PageLedger::Parts::set_repeat(Now now, Call& call, Duration after) {
  call.repeat_at = now.wall + after;
  timers.set({Kind::repeat, call.summons.alarm.str()}, now.mono + after);
}

// It rose, was taken back or is true again: told at once to everybody it had reached, and to the
// next one sooner.
void PageLedger::Parts::go_on(Now now, Call& call, bool taken_back, LedgerOutputs& out) {
  if (taken_back) name_coming(now, call);
  if (rides_on(now, call, taken_back, out)) return;
  gather(now, call, out);
  if (urgency_of(call) != Priority::p3) return speak(now, call, out);
  // Nobody was called for it: nobody need hear that it is over.
  return call.round == 0 ? stand(now, call, out) : next_round(now, call, out);
}

void PageLedger::Parts::speak(Now now, Call& call, LedgerOutputs& out) {
  call.standing = false;
  const Duration next = tier_after(urgency_of(call), call.tier + 1);
  const bool sooner = call.escalate_at.ms == 0 || now.wall + next < call.escalate_at;
  if (next.ns > 0 && sooner) set_escalation(now, call, next);
  keep_escalation(now, call);
  send_round(now, call, out);
}

// A round is due. Of what is over there is one, which says so; then it stands in the list, as a P2
// does that every tier was told of often enough.
void PageLedger::Parts::next_round(Now now, Call& call, LedgerOutputs& out) {
  const Priority urgent = urgency_of(call);
  const bool over = urgent == Priority::p3;
  const bool often =
      urgent != Priority::p1 && call.round >= kRoundsP2 && call.tier >= tier_limit(urgent);
  // People have read what it would say.
  const bool said = urgent == call.said;
  if (said && (over || often)) return stand(now, call, out);
  send_round(now, call, out);
  if (over && !call.waits) stand(now, call, out);
}

Sheet& PageLedger::Parts::send(Now now, Page page, LedgerOutputs& out) {
  page.id = cat(epoch.value, "-", ++numbers);
  page.created = now.wall;
  Sheet& sheet = sheets[page.id];
  sheet.page = std::move(page);
  sheet.at = now.wall;
  const std::string& id = sheet.page.id;
  out.pages.push_back(sheet.page);
  timers.set({Kind::again, id}, now.mono + kAgainFirst);
  timers.set({Kind::overdue, id}, now.mono + within(sheet.page.channel));
  out.status_changed = true;
  return sheet;
}

// Whoever is on the way into a room hears that its air is bad, on duty or not.
void PageLedger::Parts::add_who_comes(const Call& call, std::vector<Target>& targets) const {
  const config::DeviceConfig* here = config.find_device(call.summons.device);
  if (here == nullptr || danger_of(call) == 0) return;
  for (const auto& [alarm, other] : calls) {
    const config::DeviceConfig* there = config.find_device(other.summons.device);
    if (there == nullptr || there->room != here->room) continue;
    for (const Coming& one : other.coming) {
      for (const Target& own : roster.channels_of(one.by)) {
        const bool has = std::ranges::find(targets, own.channel, &Target::channel) != targets.end();
        if (!has) targets.push_back({own.channel, call.tier});
      }
    }
  }
}

// Whoever was paged hears that it is over, on duty or not; of what nobody was paged for, the first
// tier.
std::vector<Target> PageLedger::Parts::who_was_called(Now now, const Call& call) const {
  std::vector<Target> targets;
  for (const auto& [channel, id] : call.newest) targets.push_back({channel, call.tier});
  return targets.empty() ? roster.targets(now.wall, 1, Priority::p2) : targets;
}

std::vector<Target> PageLedger::Parts::targets_of(Now now, Call& call, LedgerOutputs& out) {
  const Priority urgent = urgency_of(call);
  if (urgent == Priority::p3) return who_was_called(now, call);
  std::vector<Target> targets = roster.targets(now.wall, call.tier, urgent);
  while (targets.empty() && call.tier < roster.tiers()) {
    targets = roster.targets(now.wall, ++call.tier, urgent);
  }
  trouble(targets.empty(), "pager", "nobody-on-duty", Priority::p1,
          "Nobody is on duty on any tier: no page can be sent", "Look after the roster at once",
          out);
  add_who_comes(call, targets);
  return targets;
}

// Just after a start every room's oxygen is unknown, until its first poll a moment later.
bool PageLedger::Parts::awaits_air(Now now, const Call& call) const {
  const Duration most = urgency_of(call) == Priority::p1 ? kAirWaitP1 : kAirWait;
  return now.mono - started < most && board.awaits_air(call.summons.alarm);
}

void PageLedger::Parts::send_round(Now now, Call& call, LedgerOutputs& out) {
  const AlarmId alarm = call.summons.alarm;
  const Priority urgent = urgency_of(call);
  const Duration repeat = repeat_after(urgent);
  const bool air = awaits_air(now, call);
  call.waits = !link_up || air;
  if (call.waits) {
    // A page that waits is old when it leaves: it is written when it can.
    set_repeat(now, call, air ? kAirAgain : repeat);
    return mark(out, alarm);
  }
  const std::vector<Target> targets = targets_of(now, call, out);
  call.told = danger_of(call);
  call.said = urgent;
  ++call.round;
  PageFace face{call.code, call.round, 1, {}, riders_of(alarm)};
  if (!call.coming.empty()) {
    const Coming& last = call.coming.back();
    face.overdue = is_overdue(now, call, last);
    const std::string eta = eta_of(last);
    face.coming =
        face.overdue ? promise_words(now, last) : cat(last.by.str(), eta.empty() ? "" : " ", eta);
  }
  PageFace spoken = face;
  spoken.code.clear();  // each channel says it in its own way
  const std::string spoken_ja = board.spoken_text(now, alarm, spoken, true);
  const Priority priority = std::min(urgent, Priority::p2);
  Json channels = Json::array();
  for (const Target& target : targets) {
    Page page;
    page.channel = target.channel;
    page.alarm = alarm;
    page.occurrence = call.summons.occurrence;
    page.priority = priority;
    page.tier = face.tier = target.tier;
    page.attempt = call.round;
    page.device = call.summons.device;
    page.text = board.page_text(now, alarm, face);
    page.text_ja = spoken_ja;
    page.ack_code = call.code;
    page.expires_in = repeat;
    std::string& newest = call.newest[target.channel];
    if (!newest.empty()) {
      page.withdraws.push_back(newest);
      forget(newest);
    }
    newest = send(now, std::move(page), out).page.id;
    channels.push(target.channel.str());
  }
  set_repeat(now, call, repeat);
  page_fact(out, fact::kPageSent, now, alarm)
      .set("occurrence", call.summons.occurrence)
      .set("priority", name_of(priority))
      .set("tier", call.tier)
      .set("attempt", call.round)
      .set("channels", std::move(channels));
  mark(out, alarm);
}

void PageLedger::Parts::close(Now now, const AlarmId& alarm, LedgerOutputs& out) {
  const auto found = calls.find(alarm);
  if (found == calls.end()) return;
  const AlarmId rode_with = found->second.leader;
  const bool rode = !rode_with.empty();
  if (rode) leave(found->second, out);
  Call call = std::move(found->second);
  index.drop(alarm);
  calls.erase(found);
  if (const auto head = calls.find(rode_with); head != calls.end()) ease_told(head->second);
  timers.clear({Kind::repeat, alarm.str()});
  timers.clear({Kind::escalate, alarm.str()});
  timers.clear({Kind::promise, alarm.str()});
  if (!rode && !call.summons.taken) tell_others(now, call, out);
  end_pages(now, call, out);
  mark(out, alarm);
  out.status_changed = true;
  if (!rode) keep_code(now, call, false, out);
  // What was told with it and still stands is told on its own from here on: the most urgent first,
  // and what somebody has before what nobody has, so that the others ride with it.
  std::vector<Summons> left;
  const std::set<AlarmId> riders = index.riders_of(alarm);
  for (const AlarmId& other : riders) {
    if (auto summons = board.summons(other)) left.push_back(std::move(*summons));
    index.drop(other);
    calls.erase(other);
  }
  std::ranges::stable_sort(left, {},
                           [](const Summons& one) { return std::pair(one.priority, !one.taken); });
  for (const Summons& summons : left) open(now, summons, out);
}

void PageLedger::Parts::resume(Now now, Call& call, LedgerOutputs& out) {
  const std::string name = call.summons.alarm.str();
  if (!call.leader.empty() && call.repeat_at.ms != 0) {
    timers.set({Kind::repeat, name}, now.mono + time_left(call.repeat_at, now.wall, kRideMost));
  }
  if (!call.leader.empty() || call.summons.taken) return;
  if (call.standing) return plan_standing(now);
  timers.set({Kind::repeat, name},
             now.mono + time_left(call.repeat_at, now.wall, repeat_after(urgency_of(call))));
  // Nobody answers for the pages of an earlier run: what had not arrived is told again now.
  const bool reached = std::ranges::any_of(call.newest, [this](const auto& item) {
    const auto sheet = sheets.find(item.second);
    return sheet != sheets.end() && arrived(sheet->second.state, wanted(item.first));
  });
  if (!reached) timers.set({Kind::repeat, name}, now.mono);
  if (call.escalate_at.ms == 0) return;
  // Of what is over no tier is late.
  const bool over = urgency_of(call) == Priority::p3;
  call.late = over ? Duration{} : std::max(Duration{}, now.wall - call.escalate_at);
  const Duration longest = tier_after(call.summons.priority, call.tier + 1);
  timers.set({Kind::escalate, name}, now.mono + time_left(call.escalate_at, now.wall, longest));
  mark(out, call.summons.alarm);
}

}  // namespace cryobank::alarms
