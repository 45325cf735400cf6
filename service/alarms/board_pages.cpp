// Who is told, and when again: rounds of pages, escalation by tiers, the check that an
// acknowledgement helped, shelves that end, and what pagers answer.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "config/duration.hpp"
#include "service/alarms/board_parts.hpp"
#include "service/alarms/page_text.hpp"

namespace cryobank::alarms {
namespace {

// A P2 that somebody took is looked at again after one shift.
constexpr Duration kVerifyP2 = hours(8);
// No timer of a page is shorter, whatever the site says: one round must not call for the next.
constexpr Duration kShortest = seconds(1);
// After a restart a page that was due meanwhile goes out at once, one that is further away than its
// own interval (the wall clock jumped) after that interval.
Duration remaining(WallTime at, WallTime now, Duration longest) {
  return std::clamp(at - now, Duration{}, longest);
}

bool wants_pages(const Alarm& alarm) {
  return (alarm.state == AlarmState::active_unacknowledged ||
          alarm.state == AlarmState::cleared_unacknowledged) &&
         alarm.priority != Priority::p3 && !alarm.shelf;
}

}  // namespace

Duration Board::Parts::repeat_after(Priority priority) const {
  const config::PagingConfig& paging = config.paging;
  return std::max(kShortest, priority == Priority::p1 ? paging.repeat_p1 : paging.repeat_p2);
}

Duration Board::Parts::tier_after(Priority priority, int tier) const {
  const config::PagingConfig& paging = config.paging;
  if (tier > tiers) return {};
  if (priority != Priority::p1) return tier == 2 ? paging.tier2_after_p2 : Duration{};
  if (tier == 2) return paging.tier2_after;
  return paging.tier3_after + (paging.tier3_after - paging.tier2_after) * (tier - 3);
}

void Board::Parts::begin_paging(Now now, Alarm& alarm, BoardOutputs& out) {
  if (!wants_pages(alarm) || tiers == 0) return;
  alarm.paging = Paging{};
  alarm.paging.tier = 1;
  const Duration next = tier_after(alarm.priority, 2);
  if (next.ns > 0) {
    alarm.paging.escalate_at = now.wall + next;
    alarm_timers.set({AlarmTimer::Kind::escalate, alarm.id}, now.mono + next);
  }
  send_round(now, alarm, out);
}

// An alarm that rose, or was taken back, is told at once to everybody it had reached.
void Board::Parts::go_on_paging(Now now, Alarm& alarm, BoardOutputs& out) {
  if (alarm.paging.tier == 0) return begin_paging(now, alarm, out);
  const Duration next = tier_after(alarm.priority, alarm.paging.tier + 1);
  const WallTime at = now.wall + next;
  const bool sooner = alarm.paging.escalate_at.ms == 0 || at < alarm.paging.escalate_at;
  if (next.ns > 0 && sooner) {
    alarm.paging.escalate_at = at;
    alarm_timers.set({AlarmTimer::Kind::escalate, alarm.id}, now.mono + next);
  }
  send_round(now, alarm, out);
}

void Board::Parts::stop_paging(Alarm& alarm) {
  alarm_timers.clear({AlarmTimer::Kind::repeat, alarm.id});
  alarm_timers.clear({AlarmTimer::Kind::escalate, alarm.id});
  alarm.paging = Paging{};
}

void Board::Parts::send_round(Now now, Alarm& alarm, BoardOutputs& out) {
  if (!wants_pages(alarm)) return stop_paging(alarm);
  const Duration repeat = repeat_after(alarm.priority);
  const std::string text = text_now(alarm);
  ++alarm.paging.attempt;
  Json channels = Json::array();
  for (const config::ChannelConfig& channel : config.channels) {
    if (channel.tier > alarm.paging.tier) continue;
    Page page;
    page.id = cat(alarm.id.str(), "/", alarm.occurrence, "/", channel.tier);
    page.channel = channel.id;
    page.alarm = alarm.id;
    page.occurrence = alarm.occurrence;
    page.priority = alarm.priority;
    page.tier = channel.tier;
    page.attempt = alarm.paging.attempt;
    page.device = alarm.device;
    page.text = page_text(alarm, text, alarm.paging.attempt, channel.tier);
    page.ack_code = ack_code(alarm);
    page.created = now.wall;
    page.expires_in = repeat;
    out.pages.push_back(std::move(page));
    channels.push(channel.id.str());
  }
  alarm.paging.repeat_at = now.wall + repeat;
  alarm_timers.set({AlarmTimer::Kind::repeat, alarm.id}, now.mono + repeat);
  add_fact(alarm, fact::kPageSent, now, out)
      .set("tier", alarm.paging.tier)
      .set("attempt", alarm.paging.attempt)
      .set("channels", std::move(channels));
  mark_changed(alarm, out);
}

void Board::Parts::escalate(Now now, Alarm& alarm, BoardOutputs& out) {
  if (!wants_pages(alarm) || alarm.paging.tier == 0 || alarm.paging.tier >= tiers) return;
  const int tier = ++alarm.paging.tier;
  const Duration here = tier_after(alarm.priority, tier);
  const Duration next = tier_after(alarm.priority, tier + 1);
  alarm.paging.escalate_at = WallTime{};
  alarm_timers.clear({AlarmTimer::Kind::escalate, alarm.id});
  if (next.ns > 0) {
    const Duration wait = std::max(kShortest, next - here);
    alarm.paging.escalate_at = now.wall + wait;
    alarm_timers.set({AlarmTimer::Kind::escalate, alarm.id}, now.mono + wait);
  }
  send_round(now, alarm, out);
}

void Board::Parts::begin_verify(Now now, Alarm& alarm) {
  if (alarm.priority == Priority::p3) return;
  const Duration after =
      alarm.priority == Priority::p1 ? std::max(kShortest, config.paging.verify_after) : kVerifyP2;
  alarm.verify_at = now.wall + after;
  alarm.verify_stage = alarm.stage;
  alarm.verify_value =
      alarm.rule < 0 ? std::optional<Milli>() : rules[static_cast<std::size_t>(alarm.rule)].value;
  alarm_timers.set({AlarmTimer::Kind::verify, alarm.id}, now.mono + after);
}

namespace {

// Has what was acknowledged become better since? Only a measured change counts.
bool is_better(const Alarm& alarm, const Rule& rule) {
  if (rule.stage < alarm.verify_stage) return true;
  if (rule.quality != Quality::good || !rule.value || !alarm.verify_value) return false;
  const Milli gained = rule.spec.kind == RuleKind::above ? *alarm.verify_value - *rule.value
                                                         : *rule.value - *alarm.verify_value;
  const bool measured = rule.spec.kind == RuleKind::above || rule.spec.kind == RuleKind::below;
  return measured && gained >= rule.spec.deadband;
}

}  // namespace

void Board::Parts::verify(Now now, Alarm& alarm, BoardOutputs& out) {
  alarm.verify_at = WallTime{};
  if (alarm.state != AlarmState::active_acknowledged) return;
  if (alarm.rule >= 0 && is_better(alarm, rules[static_cast<std::size_t>(alarm.rule)])) {
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
  alarm.shelf.reset();
  alarm_timers.clear({AlarmTimer::Kind::shelf, alarm.id});
  mark_changed(alarm, out);
}

void Board::Parts::end_shelf(Now now, Alarm& alarm, std::string_view why, BoardOutputs& out) {
  drop_shelf(now, alarm, why, out);
  if (alarm.paging.tier == 0) begin_paging(now, alarm, out);
}

void Board::Parts::resume(Now now, Alarm& alarm, BoardOutputs& out) {
  // Its rule, or its device, was taken out of the site: nobody would ever clear it.
  const bool orphan =
      alarm.rule < 0 &&
      (alarm.watched || (!alarm.device.empty() && !config.find_device(alarm.device)));
  if (orphan) ease(now, alarm, out);
  if (alarm.shelf) {
    const Duration left = remaining(alarm.shelf->until, now.wall, hours(72));
    alarm_timers.set({AlarmTimer::Kind::shelf, alarm.id}, now.mono + left);
  }
  if (alarm.state == AlarmState::active_acknowledged && alarm.verify_at.ms != 0) {
    const Duration longest =
        alarm.priority == Priority::p1 ? config.paging.verify_after : kVerifyP2;
    alarm_timers.set({AlarmTimer::Kind::verify, alarm.id},
                     now.mono + remaining(alarm.verify_at, now.wall, longest));
  }
  if (!wants_pages(alarm)) return;
  if (alarm.paging.tier == 0) return begin_paging(now, alarm, out);
  alarm_timers.set(
      {AlarmTimer::Kind::repeat, alarm.id},
      now.mono + remaining(alarm.paging.repeat_at, now.wall, repeat_after(alarm.priority)));
  if (alarm.paging.escalate_at.ms == 0) return;
  const Duration longest = tier_after(alarm.priority, alarm.paging.tier + 1);
  alarm_timers.set({AlarmTimer::Kind::escalate, alarm.id},
                   now.mono + remaining(alarm.paging.escalate_at, now.wall, longest));
}

namespace {

constexpr std::array<std::string_view, 6> kAnswers{"delivered", "failed", "read",
                                                   "coming",    "later",  "not-coming"};

// "{alarm}/{occurrence}/{tier}", as send_round wrote it.
struct PageName {
  AlarmId alarm;
  std::int64_t occurrence = 0;
};
Result<PageName> parse_page(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, '/');
  if (parts.size() == 3) {
    const Result<AlarmId> alarm = AlarmId::parse(parts[0]);
    const Result<std::int64_t> occurrence = parse_integer(parts[1]);
    if (alarm && occurrence) return PageName{*alarm, *occurrence};
  }
  return make_error(ErrorCode::malformed,
                    cat("expected page_id as it was sent, came \"", clip(text, 100), "\""));
}

bool is_person_of(const config::SiteConfig& config, const UserId& user, const ChannelId& channel) {
  const config::UserConfig* found = config.find_user(user);
  return found != nullptr &&
         std::count(found->channels.begin(), found->channels.end(), channel) > 0;
}

}  // namespace

Status Board::Parts::answer(Now now, const ChannelId& channel, const UserId& user, const Json& body,
                            BoardOutputs& out) {
  const std::string status = body.string_or("status", "");
  if (std::find(kAnswers.begin(), kAnswers.end(), status) == kAnswers.end()) {
    return make_error(ErrorCode::malformed,
                      cat("expected status delivered, failed, read, coming, later or not-coming, "
                          "came \"",
                          clip(status, 40), "\""));
  }
  const Result<PageName> page = parse_page(body.string_or("page_id", body.string_or("page", "")));
  if (!page) return page.error();
  Alarm* alarm = find(page->alarm);
  if (alarm == nullptr || static_cast<std::int64_t>(alarm->occurrence) != page->occurrence) {
    return make_error(ErrorCode::not_found, cat("expected a page of an open alarm, came ",
                                                page->alarm.str(), "/", page->occurrence));
  }
  const bool machine = status == "delivered" || status == "failed";
  if (!machine && !is_person_of(config, user, channel)) {
    return make_error(ErrorCode::not_authorised, cat("expected an answer of a person on channel ",
                                                     channel.str(), ", came \"", user.str(), "\""));
  }
  add_fact(*alarm, fact::kPageAnswered, now, out)
      .set("channel", channel.str())
      .set("by", user.str())
      .set("status", status);
  add_note(alarm->answers, {user, cat(status, " on ", channel.str()), now.wall});
  mark_changed(*alarm, out);
  // A page that reached nobody, or a person who cannot come, is the next tier's now.
  if (status == "failed" || status == "not-coming") escalate(now, *alarm, out);
  const bool takes = status == "coming" && body.string_or("code", "") == ack_code(*alarm);
  if (takes && (wants_pages(*alarm) || alarm->state == AlarmState::latched)) {
    add_fact(*alarm, fact::kAlarmAcknowledged, now, out)
        .set("by", user.str())
        .set("reason", "going")
        .set("comment", cat("by pager on ", channel.str()));
    acknowledge(now, *alarm, {user, "going", "", now.wall}, out);
  }
  return {};
}

Status Board::receipt(Now now, const ChannelId& channel, const UserId& user, const Json& body,
                      BoardOutputs& out) {
  return parts_->answer(now, channel, user, body, out);
}

}  // namespace cryobank::alarms
