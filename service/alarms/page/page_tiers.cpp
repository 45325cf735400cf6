// Who is next: when a further tier is called, sooner where nobody of those before it has got a
// page, and not for what is over.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "service/alarms/page/page_ledger_parts.hpp"

namespace cryobank::alarms {
namespace {

using Kind = PageTimer::Kind;

// A round of the last tier that reached nobody is tried again so soon.
constexpr Duration kNobodyAgain = seconds(60);

bool is_lost(PageState state) {
  return state == PageState::failed || state == PageState::overdue || state == PageState::dropped;
}

}  // namespace

// From the first page; 0: never.
Duration PageLedger::Parts::tier_after(Priority priority, int tier) const {
  const config::PagingConfig& paging = config.paging;
  if (tier > roster.tiers()) return {};
  if (priority != Priority::p1) return tier == 2 ? paging.tier2_after_p2 : Duration{};
  if (tier == 2) return paging.tier2_after;
  return paging.tier3_after + (paging.tier3_after - paging.tier2_after) * (tier - 3);
}

int PageLedger::Parts::tier_limit(Priority priority) const {
  return priority == Priority::p1 ? roster.tiers() : std::min(2, roster.tiers());
}

void PageLedger::Parts::set_escalation(Now now, Call& call, Duration after) {
  const PageTimer timer{Kind::escalate, call.summons.alarm.str()};
  timers.clear(timer);
  call.escalate_at = WallTime{};
  if (after.ns <= 0) return;
  call.escalate_at = now.wall + after;
  timers.set(timer, now.mono + after);
}

// A tier that came due while nothing stood is called when something stands again.
void PageLedger::Parts::keep_escalation(Now now, Call& call) {
  const PageTimer timer{Kind::escalate, call.summons.alarm.str()};
  if (call.escalate_at.ms == 0 || timers.has(timer)) return;
  timers.set(timer, now.mono + std::max(Duration{}, call.escalate_at - now.wall));
}

// The next tier's time has come: not for what is over, and for what is milder by now in its time.
void PageLedger::Parts::tier_due(Now now, Call& call, LedgerOutputs& out) {
  const Priority urgent = urgency_of(call);
  if (urgent == Priority::p3) return;  // kept until something of it stands again
  if (urgent != call.summons.priority) {
    const Duration after = tier_after(urgent, call.tier + 1);
    const Duration left = std::min(after, call.since + after - now.wall);
    if (after.ns <= 0 || left.ns > 0) return set_escalation(now, call, left);
  }
  escalate(now, call, out);
}

void PageLedger::Parts::escalate(Now now, Call& call, LedgerOutputs& out) {
  if (call.tier >= roster.tiers() || !call.leader.empty()) return;
  const int tier = ++call.tier;
  const Duration here = tier_after(call.summons.priority, tier);
  const Duration next = tier_after(call.summons.priority, tier + 1);
  // A tier that was called late, after a time without a daemon, makes the next one no later.
  const Duration step = next.ns > 0 ? next - here : Duration{};
  const Duration late = std::exchange(call.late, std::max(Duration{}, call.late - step));
  set_escalation(now, call, next.ns > 0 ? std::max(kRoundMin, step - late) : Duration{});
  send_round(now, call, out);
}

// Can anybody be reached who was not called yet?
bool PageLedger::Parts::next_reaches(Now now, const Call& call) const {
  const auto all = roster.targets(now.wall, roster.tiers(), call.summons.priority);
  return std::ranges::any_of(all, [&](const Target& target) {
    return target.tier > call.tier && can_reach(now, target.channel);
  });
}

// When nobody of the tiers called so far has got the newest round, the next tier is called now;
// when nobody of it can be reached either, the round is soon tried again.
void PageLedger::Parts::look_at_tier(Now now, Call& call, LedgerOutputs& out) {
  if (urgency_of(call) == Priority::p3) return;  // nobody need come for it
  bool all_lost = !call.newest.empty();
  for (const auto& [channel, id] : call.newest) {
    const auto sheet = sheets.find(id);
    all_lost = all_lost && (sheet == sheets.end() || is_lost(sheet->second.state));
  }
  if (!all_lost) return;
  if (next_reaches(now, call)) return escalate(now, call, out);
  // A gateway or broker that is gone is told as itself.
  const bool carried = std::ranges::any_of(
      call.newest, [&](const auto& item) { return can_reach(now, item.first); });
  trouble(carried || stands("pager", "nobody-reached"), "pager", "nobody-reached", Priority::p1,
          cat("No page of ", call.summons.alarm.str(), " was received by anybody"),
          "Tell people by other means, then look after gateway and channels", out);
  const WallTime soon = now.wall + kNobodyAgain;
  if (call.repeat_at.ms == 0 || soon < call.repeat_at) set_repeat(now, call, kNobodyAgain);
}

}  // namespace cryobank::alarms
