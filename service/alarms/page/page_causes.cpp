// Which calls are told together: one cause, one page, one code. A call rides with the first of its
// cause that is as urgent, or is told on its own; it joins and leaves another in two places only,
// and both calls are shown anew each time.
#include <algorithm>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "service/alarms/page/page_ledger_parts.hpp"

namespace cryobank::alarms {
namespace {

// No shorter than a round of pages may be.
constexpr Duration kRideMin = seconds(1);

// A worse danger to people than whoever has read its pages, or took it, knows of.
bool outdoes(const Summons& summons, const Call& head) { return summons.danger > head.told; }

// People have read of something milder, or that all is well again, and it is not.
bool belies(const Summons& summons, const Call& head) {
  return !summons.over && !head.summons.taken && summons.priority < head.said;
}

}  // namespace

int PageLedger::Parts::riders_of(const AlarmId& leader) const {
  return static_cast<int>(index.riders_of(leader).size());
}

void PageLedger::Parts::file(const Call& call) {
  index.file(call.summons.alarm, call.leader, call.summons.cause, call.code);
}

// One cause, one page, one code: the call of the same cause that was first and is as urgent, also
// one that a person has taken. That one rather than another, since nobody need be called.
AlarmId PageLedger::Parts::leader_for(const Summons& summons) const {
  AlarmId first;
  if (summons.cause.empty()) return first;
  for (const AlarmId& alarm : index.heads_of(summons.cause)) {
    const Call& call = calls.at(alarm);
    if (alarm == summons.alarm || call.standing) continue;
    if (call.summons.priority > summons.priority && !summons.over) continue;
    if (call.summons.taken && outdoes(summons, call)) continue;
    if (call.summons.taken) return alarm;
    if (first.empty()) first = alarm;
  }
  return first;
}

Call& PageLedger::Parts::head_of(Call& call) {
  const auto leader = calls.find(call.leader);
  return leader == calls.end() ? call : leader->second;
}

// The worst that is true now of all that is told with it.
int PageLedger::Parts::danger_of(const Call& head) const {
  int worst = head.summons.danger;
  for (const AlarmId& rider : index.riders_of(head.summons.alarm)) {
    worst = std::max(worst, calls.at(rider).summons.danger);
  }
  return worst;
}

// All that it tells of is back to normal, `but` one left aside.
bool PageLedger::Parts::is_over(const Call& head, const AlarmId& but) const {
  const std::set<AlarmId>& riders = index.riders_of(head.summons.alarm);
  return head.summons.over && std::ranges::all_of(riders, [&](const AlarmId& rider) {
           return rider == but || calls.at(rider).summons.over;
         });
}

// The most urgent of what it tells of and still stands: by that its rounds and tiers go. P3: all of
// it is over.
Priority PageLedger::Parts::urgency_of(const Call& head) const {
  Priority most = head.summons.over ? Priority::p3 : head.summons.priority;
  for (const AlarmId& rider : index.riders_of(head.summons.alarm)) {
    const Summons& summons = calls.at(rider).summons;
    if (!summons.over) most = std::min(most, summons.priority);
  }
  return most;
}

// What whoever took the cause knows of fades with the danger itself.
void PageLedger::Parts::ease_told(Call& head) const {
  if (head.summons.taken) head.told = std::min(head.told, danger_of(head));
}

// It is true again, or over, and no occurrence that people must hear of for itself: it is told
// before its next round when it belies what they know.
void PageLedger::Parts::follow(Now now, Call& call, LedgerOutputs& out) {
  Call& head = head_of(call);
  ease_told(head);
  if (call.summons.taken || call.summons.over) return;
  if (!outdoes(call.summons, head) && !belies(call.summons, head)) {
    if (!head.summons.taken && !head.standing) keep_escalation(now, head);
    return;
  }
  const bool on_its_own =
      head.summons.taken || head.standing || call.summons.priority < head.summons.priority;
  if (on_its_own) return go_on(now, call, false, out);
  keep_escalation(now, head);
  send_round(now, head, out);
}

void PageLedger::Parts::ride(Now now, Call& call, const Call& leader, LedgerOutputs& out) {
  const std::string name = call.summons.alarm.str();
  if (!call.code.empty() && call.leader.empty()) {
    end_pages(now, call, out);
    keep_code(now, call, true, out);  // whoever still answers with it is told the other
  }
  timers.clear({PageTimer::Kind::repeat, name});
  timers.clear({PageTimer::Kind::escalate, name});
  call.repeat_at = call.escalate_at = WallTime{};
  call.standing = false;
  call.leader = leader.summons.alarm;
  call.code = leader.code;
  file(call);
  if (leader.summons.taken) bound_ride(now, call);
  mark(out, call.summons.alarm);
  mark(out, call.leader);  // it tells one more
}

// Nobody took just this, but its cause: it rides as long as what is taken is believed to be cared
// for, and is told if it stands then.
void PageLedger::Parts::bound_ride(Now now, Call& call) {
  if (call.summons.taken) return;
  const bool urgent = call.summons.priority == Priority::p1;
  set_repeat(now, call, std::max(kRideMin, urgent ? config.paging.verify_after : kRideMost));
}

void PageLedger::Parts::end_ride(Now now, Call& call, LedgerOutputs& out) {
  call.repeat_at = WallTime{};
  const auto leader = calls.find(call.leader);
  const bool silent = leader != calls.end() && leader->second.summons.taken;
  if (silent && !call.summons.taken) go_on(now, call, true, out);
}

// It is told on its own from here on, with a code of its own.
void PageLedger::Parts::leave(Call& call, LedgerOutputs& out) {
  mark(out, call.summons.alarm);
  mark(out, std::exchange(call.leader, AlarmId{}));  // it tells one less
  call.code = draw_code();
  file(call);
}

// Something about it must be heard: does the call that it rides with, or another of its cause, say
// so already? Not when a person had taken just this and that was no help, nor when it is a worse
// danger to people than that person knows of: then it is told although the cause is somebody's.
bool PageLedger::Parts::rides_on(Now now, Call& call, bool taken_back, LedgerOutputs& out) {
  const auto tells = [&](const Call& other) {
    const bool silent = taken_back || outdoes(call.summons, other);
    return other.summons.priority <= call.summons.priority && !(silent && other.summons.taken);
  };
  if (!call.leader.empty()) {
    const auto leader = calls.find(call.leader);
    if (leader != calls.end() && tells(leader->second)) {
      if (leader->second.summons.taken) bound_ride(now, call);  // it may be worse than it was
      speak_up(now, call, leader->second, out);
      return true;
    }
    leave(call, out);
  }
  const AlarmId other = leader_for(call.summons);
  if (other.empty() || !tells(calls.at(other))) return false;
  ride(now, call, calls.at(other), out);
  speak_up(now, call, calls.at(other), out);
  return true;
}

// What rides from now on waits for no round of a call that speaks of what is over, is milder, or is
// a lesser danger to people. True: it was told.
bool PageLedger::Parts::speak_up(Now now, const Call& rider, Call& head, LedgerOutputs& out) {
  if (head.summons.taken || rider.summons.over) return false;
  const bool news = is_over(head, rider.summons.alarm) || belies(rider.summons, head) ||
                    outdoes(rider.summons, head);
  if (news) speak(now, head, out);
  return news;
}

// What is as urgent or milder of the same cause, or over, and was told on its own, is told with
// this one.
void PageLedger::Parts::gather(Now now, Call& leader, LedgerOutputs& out) {
  if (leader.summons.cause.empty()) return;
  const std::set<AlarmId> heads = index.heads_of(leader.summons.cause);
  for (const AlarmId& alarm : heads) {
    Call& call = calls.at(alarm);
    if (alarm == leader.summons.alarm) continue;
    const bool milder = call.summons.priority >= leader.summons.priority && !call.standing;
    if (!milder && urgency_of(call) != Priority::p3) continue;
    for (const Coming& one : call.coming) {
      const bool known =
          std::ranges::find(leader.coming, one.by, &Coming::by) != leader.coming.end();
      if (call.summons.taken && !known) leader.coming.push_back(one);  // comes for this as well
    }
    watch_promises(now, leader);
    const std::set<AlarmId> riders = index.riders_of(alarm);
    ride(now, call, leader, out);
    for (const AlarmId& rider : riders) ride(now, calls.at(rider), leader, out);
  }
}

// A person has it: nobody is called any more, and its code is used up. It stays a call, so that
// what joins its cause has somebody already.
void PageLedger::Parts::take(Now now, Call& call, LedgerOutputs& out) {
  const std::string name = call.summons.alarm.str();
  out.status_changed = true;
  mark(out, call.summons.alarm);
  call.standing = false;
  call.told = std::max(call.told, danger_of(call));
  call.declined.clear();
  timers.clear({PageTimer::Kind::repeat, name});
  timers.clear({PageTimer::Kind::escalate, name});
  call.repeat_at = call.escalate_at = WallTime{};
  if (call.coming.empty()) name_coming(now, call);
  if (!call.leader.empty()) return;
  tell_others(now, call, out);
  call.reached.clear();
  call.taken_by = UserId();
  call.taken_on = ChannelId();
  call.waits = false;
  end_pages(now, call, out);
  keep_code(now, call, false, out);
  call.tier = 1;
  call.round = 0;
  call.late = Duration{};
  call.code = draw_code();
  file(call);
  const std::set<AlarmId> riders = index.riders_of(call.summons.alarm);
  for (const AlarmId& rider : riders) {
    calls.at(rider).code = call.code;
    file(calls.at(rider));
    bound_ride(now, calls.at(rider));
    mark(out, rider);  // it shows who comes
  }
}

// Its newest pages are nobody's any more; what no carrier took yet need not be sent.
void PageLedger::Parts::end_pages(Now now, Call& call, LedgerOutputs& out) {
  constexpr Duration kWithdrawLasts = minutes(5);
  for (const auto& [channel, id] : call.newest) {
    const auto sheet = sheets.find(id);
    const bool waits = sheet != sheets.end() && sheet->second.state <= PageState::accepted;
    if (waits) {
      Page page;
      page.kind = PageKind::withdraw;
      page.channel = channel;
      page.alarm = call.summons.alarm;
      page.priority = call.summons.priority;
      page.withdraws.push_back(id);
      page.expires_in = kWithdrawLasts;
      page.id = cat(epoch.value, "-", ++numbers);
      page.created = now.wall;
      out.pages.push_back(std::move(page));  // needs no receipt
    }
    forget(id);
  }
  call.newest.clear();
}

// No page of it will come: a person has it, or what it rides with.
bool PageLedger::Parts::is_quiet(const Call& call) const {
  if (call.summons.taken || call.leader.empty()) return call.summons.taken;
  const auto leader = calls.find(call.leader);
  return leader != calls.end() && leader->second.summons.taken;
}

}  // namespace cryobank::alarms
