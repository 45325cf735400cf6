// What keeps pages from people, one cause as one: a page that was not received is told as itself
// only when neither its channel nor its gateway says why. What ended before anybody heard of it
// calls nobody any more.
#include <algorithm>

#include "base/text.hpp"
#include "service/alarms/alarm.hpp"
#include "service/alarms/page/page_ledger_parts.hpp"

namespace cryobank::alarms {
namespace {

using Kind = PageTimer::Kind;

// A channel says that it fails in the same breath as the receipt; it may come behind it.
constexpr Duration kUnreceivedAfter = seconds(3);
// Two beats that were missed: until it is heard or silent nobody knows whether its gateway lives.
constexpr Duration kHeardLately = seconds(12);
constexpr Duration kAskAgain = seconds(5);
constexpr Duration kUnreachedAgain = seconds(1);
constexpr std::size_t kUnseenMax = 20;
constexpr std::string_view kNobodyElse = "NOBODY else has it";

}  // namespace

bool PageLedger::Parts::stands(std::string_view source, std::string_view condition) const {
  const std::string key = cat(source, "/", condition);
  return standing_troubles.contains(key) || inherited_troubles.contains(key);
}

bool PageLedger::Parts::heard_lately(Now now, const ChannelId& channel) const {
  return std::ranges::any_of(gateways, [&](const auto& item) {
    return roster.serves(item.first, channel) && item.second.heard.ns != 0 &&
           now.mono - item.second.heard <= kHeardLately;
  });
}

bool PageLedger::Parts::can_reach(Now now, const ChannelId& channel) const {
  return link_up && can_page(channel) && heard_lately(now, channel);
}

// Says it once when it begins to stand, and once when it ends, also of an earlier run's.
void PageLedger::Parts::trouble(bool begins, std::string_view source, std::string_view condition,
                                Priority priority, std::string text, std::string action,
                                LedgerOutputs& out) {
  const std::string key = cat(source, "/", condition);
  const bool stood = standing_troubles.erase(key) > 0;
  const bool inherited = inherited_troubles.erase(key) > 0;
  if (begins) standing_troubles.insert(key);
  if (begins ? stood : !stood && !inherited) return;
  Trouble said;
  said.stands = begins;
  said.condition.source = std::string(source);
  said.condition.condition = std::string(condition);
  said.condition.priority = priority;
  said.condition.text = std::move(text);
  said.condition.action = std::move(action);
  if (!begins) said.heard = was_heard(alarm_id(source, condition));
  if (!said.heard) {
    unseen.push_back(cat(source, ".", condition));
    if (unseen.size() > kUnseenMax) unseen.pop_front();
  }
  out.troubles.push_back(std::move(said));
  out.status_changed = true;
}

// Did any page about it reach somebody? What nobody is called for any more was taken.
bool PageLedger::Parts::was_heard(const AlarmId& alarm) const {
  const auto call = calls.find(alarm);
  if (call == calls.end() || is_quiet(call->second)) return true;
  if (call->second.leader.empty()) return !call->second.reached.empty();
  const auto leader = calls.find(call->second.leader);
  return leader == calls.end() || !leader->second.reached.empty();
}

void PageLedger::Parts::suspect(Now now, const Page& page, std::string_view why) {
  const ChannelId& channel = page.channel;
  if (!unreceived.emplace(channel, Unreceived{page.alarm, clip(why, 120)}).second) return;
  timers.set({Kind::unreceived, channel.str()}, now.mono + kUnreceivedAfter);
}

// Whether anybody else was told of it, in words, as far as is known.
std::string PageLedger::Parts::told_instead(const Unreceived& page,
                                            const ChannelId& channel) const {
  const auto call = calls.find(page.alarm);
  if (call == calls.end() || is_quiet(call->second)) return "it is taken or over";
  const auto leader = calls.find(call->second.leader);
  const Call& told = leader == calls.end() ? call->second : leader->second;
  bool called = false;
  for (const auto& [other, id] : told.newest) {
    const auto sheet = sheets.find(id);
    if (other == channel || sheet == sheets.end() || sheet->second.lost) continue;
    if (arrived(sheet->second.state, wanted(other))) return "others have it";
    called = true;
  }
  return called ? "others are called" : std::string(kNobodyElse);
}

void PageLedger::Parts::judge_unreceived(Now now, const ChannelId& channel, LedgerOutputs& out) {
  const auto why = unreceived.find(channel);
  if (why == unreceived.end()) return;
  const std::string name = channel.str();
  const bool silent = std::ranges::any_of(roster.gateways(), [&](const UserId& login) {
    return roster.serves(login, channel) && stands(login.str(), "gateway-silent");
  });
  const bool explained =
      !link_up || silent || stands(name, "channel-failing") || stands(name, "channel-unserved");
  if (!explained && !heard_lately(now, channel)) {
    return timers.set({Kind::unreceived, name}, now.mono + kAskAgain);
  }
  if (!explained) {
    const std::string instead = told_instead(why->second, channel);
    trouble(true, name, "page-unreceived", Priority::p2,
            cat("A page over ", name, " was not received, ", instead, ": ", why->second.why),
            instead == kNobodyElse ? "Tell people by other means, then look after this channel"
                                   : "Look after this channel",
            out);
  }
  unreceived.erase(why);
}

// A gateway is back: what it did not take is sent again, and whom nobody could reach is called now,
// not at the next round.
void PageLedger::Parts::try_unreached(Now now, LedgerOutputs& out) {
  unreceived.clear();  // of the time without it
  for (auto& [id, sheet] : sheets) {
    if (sheet.lost || sheet.state >= PageState::accepted) continue;
    timers.set({Kind::overdue, id},
               now.mono + std::max(kReceiptWithin, within(sheet.page.channel)));
    send_again(now, sheet, out);
  }
  for (auto& [alarm, call] : calls) {
    const bool alone = call.leader.empty() && !call.standing && !call.newest.empty();
    if (!alone || call.summons.priority != Priority::p1) continue;
    const bool lost = std::ranges::all_of(call.newest, [this](const auto& item) {
      const auto sheet = sheets.find(item.second);
      return sheet == sheets.end() || sheet->second.lost;
    });
    if (lost) set_repeat(now, call, kUnreachedAgain);
  }
}

}  // namespace cryobank::alarms
