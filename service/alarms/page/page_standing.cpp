// The list that is told at shift times: a P2 that every tier was told of often enough, what is over
// and nobody confirmed, and what came and went while nobody could be told.
#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "service/alarms/page/page_ledger_parts.hpp"
#include "service/alarms/page/page_text.hpp"

namespace cryobank::alarms {
namespace {

using Kind = PageTimer::Kind;

constexpr Duration kListLasts = hours(12);

}  // namespace

// It goes on as a line of a list.
void PageLedger::Parts::stand(Now now, Call& call, LedgerOutputs& out) {
  call.standing = true;
  call.waits = false;
  call.said = urgency_of(call);
  call.repeat_at = WallTime{};
  timers.clear({Kind::repeat, call.summons.alarm.str()});
  timers.clear({Kind::escalate, call.summons.alarm.str()});
  page_fact(out, fact::kPageStanding, now, call.summons.alarm);
  out.status_changed = true;
  mark(out, call.summons.alarm);
  plan_standing(now);
}

void PageLedger::Parts::plan_standing(Now now) {
  const PageTimer timer{Kind::standing, {}};
  const bool any = !unseen.empty() || std::ranges::any_of(calls, [](const auto& item) {
    return item.second.standing;
  });
  if (timers.has(timer) || !any) return;
  const WallTime next = roster.next_of(config.paging.standing_at, now.wall + seconds(1));
  if (next.ms != 0) timers.set(timer, now.mono + (next - now.wall));
}

// The list of what stands, of what is over and nobody confirmed, and of what nobody could be told.
std::string PageLedger::Parts::standing_words(LedgerOutputs& out) {
  std::string stands;
  std::string over;
  int standing = 0;
  int confirms = 0;
  for (auto& [alarm, call] : calls) {
    if (!call.standing) continue;
    if (urgency_of(call) != Priority::p3) {
      stands += cat(standing++ == 0 ? ": " : ", ", alarm.str());
      continue;
    }
    over += cat(confirms++ == 0 ? ": " : ", ", alarm.str());
    // The shift knows: what is true again later begins as if it were new.
    call.said = Priority::p3;
    call.tier = 1;
    call.escalate_at = WallTime{};
    mark(out, alarm);
  }
  std::string text;
  if (standing > 0) text += cat(", ", standing, " nobody took", stands);
  if (confirms > 0) text += cat(", ", confirms, " over, to confirm", over);
  std::string gone;
  for (const std::string& one : std::exchange(unseen, {})) {
    gone += cat(gone.empty() ? ", came and went while nobody could be told: " : ", ", one);
  }
  return text + gone;
}

void PageLedger::Parts::tell_standing(Now now, LedgerOutputs& out) {
  const std::string words = standing_words(out);
  if (words.empty()) return;
  for (const Target& target : roster.targets(now.wall, 2, Priority::p2)) {
    Page page;
    page.kind = PageKind::standing;
    page.channel = target.channel;
    page.tier = target.tier;
    page.text = seven_bit(cat("P2 STANDING", words));
    if (page.text.size() > kPageLengthMax)
      page.text = page.text.substr(0, kPageLengthMax - 2) + "..";
    page.expires_in = kListLasts;
    send(now, std::move(page), out);
  }
  plan_standing(now);
}

}  // namespace cryobank::alarms
