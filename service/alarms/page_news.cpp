// What people are told of a call beside its pages: who answers, and the others who were called when
// somebody takes it. Nothing here sends a person into bad air.
#include <algorithm>

#include "base/text.hpp"
#include "service/alarms/page_ledger_parts.hpp"
#include "service/alarms/page_text.hpp"

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
    return cat(noted, who.by.str(), " comes", who.eta.empty() ? "" : " ", who.eta, " for ", alarm);
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

// When who is coming said to be there; ms 0: not said. A time that is just past is of today.
WallTime PageLedger::Parts::due_at(const Coming& one) const {
  const std::vector<std::string_view> parts = split(one.eta, ':');
  if (parts.size() != 2) return {};
  const Result<std::int64_t> hour = parse_integer(parts[0]);
  const Result<std::int64_t> minute = parse_integer(parts[1]);
  if (!hour || !minute) return {};
  return roster.next_of({static_cast<int>(*hour * 60 + *minute)}, one.at - minutes(1));
}

// Whoever said no time is believed to be there after the way in, and not before an acknowledgement
// would be looked at.
bool PageLedger::Parts::is_overdue(Now now, const Call& call, const Coming& one) const {
  const WallTime due = due_at(one);
  if (due.ms != 0) return now.wall > due + minutes(1);
  const Duration way = board.words(now, call.summons.alarm).travel;
  return now.wall > one.at + std::max(config.paging.verify_after, way) + minutes(1);
}

// "cai said 18:30", "cai said coming at 18:05".
std::string PageLedger::Parts::promise_words(Now now, const Coming& one) const {
  const WallTime due = due_at(one);
  const std::string at = local_time(due.ms != 0 ? due : one.at, now.wall, roster.zone());
  return cat(one.by.str(), due.ms != 0 ? " said " : " said coming at ", at);
}

// Who said so, as the board remembers it.
void PageLedger::Parts::name_coming(Call& call) const {
  call.coming.clear();
  const Summons& summons = call.summons;
  if (summons.coming_by.empty()) return;
  call.coming.push_back({summons.coming_by, summons.coming_at, summons.coming_eta});
}

// Each person once, over one channel on which a page of it arrived; what did not leave is
// withdrawn.
void PageLedger::Parts::tell_others(Now now, const Call& call, LedgerOutputs& out) {
  const AlarmId& alarm = call.summons.alarm;
  const UserId taker = call.taken_by.empty() ? board.taken_by(alarm) : call.taken_by;
  if (taker.empty()) return;
  std::string eta;
  for (const Coming& one : call.coming) {
    if (one.by == taker) eta = one.eta;
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
