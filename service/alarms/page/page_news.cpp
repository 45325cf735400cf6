// What people are told of a call beside its pages: who answers, and the others who were called when
// somebody takes it. Nothing here sends a person into bad air.
#include <algorithm>

#include "base/text.hpp"
#include "service/alarms/page/page_ledger_parts.hpp"
#include "service/alarms/page/page_text.hpp"

namespace cryobank::alarms {
namespace {

constexpr Duration kNewsLasts = minutes(15);
constexpr std::size_t kWhyMax = 44;

}  // namespace

// Before all else, so that no cut takes it away.
std::string PageLedger::Parts::guarded(Now now, const AlarmId& about, std::string text) const {
  if (about.empty()) return text;
  const std::string why = board.words(now, about).keep_out;
  return why.empty() ? text : cat("DO NOT ENTER: ", clip(why, kWhyMax), ". ", text);
}

std::string PageLedger::Parts::not_coming_words(Now now, const Call& call, const UserId& by,
                                                bool calls_next) const {
  const std::string alarm = call.summons.alarm.str();
  const std::string noted = cat("NOTED ", by.str(), ": not coming. ");
  if (urgency_of(call) == Priority::p3) return cat(noted, alarm, " is back to normal");
  if (!call.coming.empty()) {
    const Coming& who = call.coming.back();
    if (is_overdue(now, call, who)) {
      return cat(noted, promise_words(now, who), ", NOBODY is known to be there: ", alarm);
    }
    const std::string eta = eta_of(who);
    return cat(noted, who.by.str(), " comes", eta.empty() ? "" : " ", eta, " for ", alarm);
  }
  const bool next = next_reaches(now, call);
  if (calls_next && next) return cat(noted, "The next are called now for ", alarm);
  if (next) return cat(noted, "Others are called for ", alarm);
  const auto targets = roster.targets(now.wall, call.tier, call.summons.priority);
  const bool others = std::ranges::any_of(
      targets, [&](const Target& target) { return !roster.carries(by, target.channel); });
  return cat(noted,
             others ? "All are called already, NOBODY comes yet: " : "NOBODY else is left: ", alarm,
             ". Find somebody");
}

// "02:40" of the site; empty: no time was said.
std::string PageLedger::Parts::eta_of(const Coming& one) const {
  return one.due.ms == 0 ? std::string() : format_minute(roster.zone().local(one.due).minute);
}

// Until then who comes is believed to. Whoever said no time is believed to be there after the way
// in, and not before an acknowledgement would be looked at.
WallTime PageLedger::Parts::believed_until(Now now, const Call& call, const Coming& one) const {
  if (one.due.ms != 0) return one.due + minutes(1);
  const Duration way = board.words(now, call.summons.alarm).travel;
  return one.at + std::max(config.paging.verify_after, way) + minutes(1);
}

bool PageLedger::Parts::is_overdue(Now now, const Call& call, const Coming& one) const {
  return one.past || now.wall > believed_until(now, call, one);
}

// "cai said 18:30", "cai said coming at 18:05".
std::string PageLedger::Parts::promise_words(Now now, const Coming& one) const {
  const bool when = one.due.ms != 0;
  const std::string at = local_time(when ? one.due : one.at, now.wall, roster.zone());
  return cat(one.by.str(), when ? " said " : " said coming at ", at);
}

// Who said so, as the board remembers it.
void PageLedger::Parts::name_coming(Now now, Call& call) {
  call.coming.clear();
  if (call.summons.coming) call.coming.push_back(*call.summons.coming);
  watch_promises(now, call);
}

// Those whose time is over are not shown as coming any more, once it is.
void PageLedger::Parts::watch_promises(Now now, Call& call) {
  const PageTimer timer{PageTimer::Kind::promise, call.summons.alarm.str()};
  timers.clear(timer);
  std::optional<WallTime> next;
  for (Coming& one : call.coming) {
    const WallTime until = believed_until(now, call, one);
    one.past = one.past || now.wall > until;
    if (!one.past && (!next || until < *next)) next = until;
  }
  if (next) timers.set(timer, now.mono + std::max(Duration{}, *next - now.wall) + milliseconds(1));
}

void PageLedger::Parts::promise_past(Now now, Call& call, LedgerOutputs& out) {
  watch_promises(now, call);
  mark(out, call.summons.alarm);
  for (const AlarmId& rider : index.riders_of(call.summons.alarm)) mark(out, rider);
}

// Each person once, over one channel on which a page of it arrived; what did not leave is
// withdrawn.
void PageLedger::Parts::tell_others(Now now, const Call& call, LedgerOutputs& out) {
  const AlarmId& alarm = call.summons.alarm;
  const UserId taker = call.taken_by.empty() ? board.taken_by(alarm) : call.taken_by;
  if (taker.empty()) return;
  std::string eta;
  for (const Coming& one : call.coming) {
    if (one.by == taker) eta = eta_of(one);
  }
  std::set<UserId> told{taker};
  for (const ChannelId& channel : call.reached) {
    std::vector<UserId> people = roster.carriers(channel);
    std::erase_if(people, [&](const UserId& user) {
      return told.contains(user) || call.declined.contains(user);
    });
    if (people.empty()) continue;
    told.insert(people.begin(), people.end());
    if (channel == call.taken_on) continue;  // all who carry it read that it was taken
    Page page;
    page.kind = PageKind::answer;
    page.channel = channel;
    page.priority = Priority::p2;
    page.text =
        clip(seven_bit(guarded(now, alarm,
                               cat("TAKEN: ", alarm.str(), " by ", taker.str(),
                                   eta.empty() ? "" : ", expected ", eta, ". You need not come"))),
             kPageHeadMax);
    page.expires_in = kNewsLasts;
    send(now, std::move(page), out);
  }
}

}  // namespace cryobank::alarms
