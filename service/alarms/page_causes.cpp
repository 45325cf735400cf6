// Which calls are told together: one cause, one page, one code. A call rides with the first of its
// cause that is as urgent, or is told on its own; it joins and leaves another in two places only,
// and both calls are shown anew each time.
#include <algorithm>
#include <set>
#include <utility>

#include "base/text.hpp"
#include "service/alarms/page_ledger_parts.hpp"

namespace cryobank::alarms {
namespace {

// No shorter than a round of pages may be.
constexpr Duration kRideMin = seconds(1);

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
    if (call.summons.priority > summons.priority) continue;
    if (call.summons.taken) return alarm;
    if (first.empty()) first = alarm;
  }
  return first;
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
// so already? Not when a person had taken just this and that was no help: then it is told although
// the cause is somebody's.
bool PageLedger::Parts::rides_on(Now now, Call& call, bool taken_back, LedgerOutputs& out) {
  const auto tells = [&](const Call& other) {
    return other.summons.priority <= call.summons.priority && !(taken_back && other.summons.taken);
  };
  if (!call.leader.empty()) {
    const auto leader = calls.find(call.leader);
    if (leader != calls.end() && tells(leader->second)) {
      if (leader->second.summons.taken) bound_ride(now, call);  // it may be worse than it was
      return true;
    }
    leave(call, out);
  }
  const AlarmId other = leader_for(call.summons);
  if (other.empty() || !tells(calls.at(other))) return false;
  ride(now, call, calls.at(other), out);
  return true;
}

// What is as urgent or milder of the same cause, and was told on its own, is told with this one.
void PageLedger::Parts::gather(Now now, const Call& leader, LedgerOutputs& out) {
  if (leader.summons.cause.empty()) return;
  const std::set<AlarmId> heads = index.heads_of(leader.summons.cause);
  for (const AlarmId& alarm : heads) {
    Call& call = calls.at(alarm);
    if (alarm == leader.summons.alarm || call.standing) continue;
    if (call.summons.priority < leader.summons.priority) continue;
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
  call.declined.clear();
  timers.clear({PageTimer::Kind::repeat, name});
  timers.clear({PageTimer::Kind::escalate, name});
  call.repeat_at = call.escalate_at = WallTime{};
  if (call.coming.empty()) name_coming(call);
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
