#include "tests/scenarios/duty_stage.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "config/duration.hpp"

namespace cryobank::scenarios {
namespace {

constexpr Duration kSlice = milliseconds(500);
constexpr Duration kDelivers = seconds(2);
constexpr Duration kStateEvery = seconds(5);
constexpr Duration kMinute = minutes(1);

// Power that comes back leaves a latch: one that somebody confirms, one that takes a reset.
void latching(config::SiteConfig& site, const std::string& device, config::AlarmLatch latch) {
  config::AlarmOverride own;
  own.condition = "mains-lost";
  own.device = device;
  own.latch = latch;
  own.clears_after = seconds(10);
  own.by = "test";
  own.reason = "kills";
  site.alarms.push_back(own);
}

// A person on call has two ways to be reached, and so has the second; nobody else is far away.
void two_ways(config::SiteConfig& site) {
  latching(site, "freezer-3", config::AlarmLatch::confirm);
  latching(site, "freezer-4", config::AlarmLatch::reset);
  config::ChannelConfig mail = site.channels.front();
  mail.id = ChannelId("mail-1");
  mail.title = "Mail of the first";
  site.channels.push_back(mail);
  for (config::UserConfig& user : site.users) {
    const bool first =
        std::ranges::find(user.channels, ChannelId("pager-1")) != user.channels.end();
    if (first) user.channels.emplace_back("mail-1");
  }
}

std::set<std::string> channels_of(const config::SiteConfig& site) {
  std::set<std::string> out;
  for (const config::ChannelConfig& channel : site.channels) out.insert(channel.id.str());
  return out;
}

pager::WatchConfig watch_of(const config::SiteConfig& site) {
  pager::WatchConfig watch;
  watch.site = site.site.str();
  for (const config::ChannelConfig& channel : site.channels) {
    watch.channels.push_back({channel.id.str(), channel.tier});
  }
  return watch;
}

Duration time_of(const std::string& text) {
  const bool back = text.starts_with('-');
  const auto value = config::parse_duration(back ? text.substr(1) : text);
  EXPECT_TRUE(value.ok()) << text;
  if (!value) return {};
  return back ? Duration{} - *value : *value;
}

std::string with_spaces(std::string text) {
  std::ranges::replace(text, '_', ' ');
  return text;
}

}  // namespace

DutyStage::DutyStage(const Story& story, std::uint64_t seed)
    : story_(story), prng_(seed), world_(two_ways) {
  world_.gateway = false;  // its queue and watch are played here
  queue_ = std::make_unique<pager::PageQueue>(channels_of(world_.config()));
  watch_ = std::make_unique<pager::MonitorWatch>(watch_of(world_.config()));
  EXPECT_TRUE(watch_->start(world_.now(), Json()));
  watch_->on_link(pager::Link::up);
  for (const std::string& channel : channels_of(world_.config())) pagers_[channel] = "works";
  world_.start();
}

// A time, or one that this seed draws between two.
Duration DutyStage::drawn(const std::string& text) {
  const std::size_t dots = text.find("..");
  const Duration first = time_of(text.substr(0, dots));
  if (dots == text.npos) return first;
  const Duration last = time_of(text.substr(dots + 2));
  return milliseconds(prng_.between(first.ms(), last.ms()));
}

void DutyStage::play() {
  begun_ = world_.now().mono;
  state_at_ = {};
  while (since() < kMinute) slice();
  begun_ = world_.now().mono;
  state_at_ = {};
  offline_since_ = offline_most_ = {};
  heard_.clear();
  told_.clear();
  for (Event& event : story_.events) {
    if (event.latest > event.at) {
      event.at = milliseconds(prng_.between(event.at.ms(), event.latest.ms()));
    }
  }
  std::ranges::stable_sort(story_.events, {}, &Event::at);
  std::size_t next = 0;
  while (since() < story_.end) {
    while (next < story_.events.size() && story_.events[next].at <= since()) {
      happen(story_.events[next++]);
    }
    slice();
  }
}

void DutyStage::happen(const Event& event) {
  const auto& with = event.with;
  log_ += cat(since().ms() / 1000, " s ", event.word, " ", with.empty() ? "" : with[0], "\n");
  if (event.word == "fault") {
    Json order = Json::object().set("do", "fault").set("fault", with.at(0));
    order.set("device", with.at(1));
    for (std::size_t i = 2; i + 1 < with.size(); i += 2) {
      const auto number = parse_integer(with[i + 1]);
      order.set(with[i], number ? Json(*number) : Json(with[i + 1]));
    }
    const Result<Json> done = world_.hardware().control(order);
    EXPECT_TRUE(done.ok()) << done.error().context;
  } else if (event.word == "kill") {
    kill(with.at(0), drawn(with.at(1)));
  } else if (event.word == "store") {
    world_.store_fails = with.at(0) == "fails";
  } else if (event.word == "pager") {
    EXPECT_TRUE(pagers_.contains(with.at(0))) << with.at(0);
    pagers_[with.at(0)] = with.at(1);
  } else if (event.word == "answer") {
    answer(event);
  } else if (event.word == "take" || event.word == "shelve") {
    act(event);
  } else if (event.word == "latched") {
    kept_.push_back({"", with.at(0), Keeps::latched});
    EXPECT_TRUE(!daemon_ || keeps(kept_.back())) << with.at(0) << "\n" << log_;
  } else if (event.word == "clock") {
    world_.turn_clock(time_of(with.at(0)));
  } else if (event.word == "late-will") {
    world_.broker["service/state"] = R"({"schema":"service-state/1.0","state":"offline"})";
  } else {
    ADD_FAILURE() << "expected something that can happen to a bank, came " << event.word;
  }
}

void DutyStage::kill(const std::string& what, Duration span) {
  outages_.push_back({what, since(), since() + span});
  const bool all = what == "all";
  if ((all || what == "broker") && std::exchange(broker_, false) && daemon_) world_.link(false);
  if ((all || what == "daemon") && std::exchange(daemon_, false)) world_.kill();
  if ((all || what == "gateway") && std::exchange(gateway_, false)) {
    // What is not in its file is gone with it.
    for (std::string& line : queue_->take_lines()) queue_file_.push_back(std::move(line));
    watch_file_ = watch_->remembered();
    std::erase_if(events_, [](const auto& event) { return event.second.of_gateway; });
  }
  if (!all) return later(span, [this, what] { bring_back(what); });
  // Machines that were off together do not come back together.
  later(span, [this] { bring_back("broker"); });
  later(span, [this] { bring_back("gateway"); });
  later(span + seconds(1), [this] { bring_back("daemon"); });
}

void DutyStage::bring_back(const std::string& what) {
  log_ += cat(since().ms() / 1000, " s back: ", what, "\n");
  if (what == "broker" && !std::exchange(broker_, true) && daemon_) world_.link(true);
  if (what == "daemon" && !std::exchange(daemon_, true)) {
    world_.start();
    if (!broker_) world_.link(false);
  }
  if (what == "gateway" && !std::exchange(gateway_, true)) {
    queue_ = std::make_unique<pager::PageQueue>(channels_of(world_.config()));
    for (const std::string& line : queue_file_) EXPECT_TRUE(queue_->replay(line)) << line;
    queue_->replayed();
    watch_ = std::make_unique<pager::MonitorWatch>(watch_of(world_.config()));
    EXPECT_TRUE(watch_->start(world_.now(), watch_file_));
  }
  if (gateway_) watch_->on_link(broker_ ? pager::Link::up : pager::Link::down);
  state_at_ = {};
}

void DutyStage::later(Duration after, std::function<void()> what, bool of_gateway) {
  events_.emplace(since() + after, Later{std::move(what), of_gateway});
}

void DutyStage::slice() {
  if (daemon_) {
    world_.run(kSlice);
  } else {
    world_.rest(kSlice);
  }
  while (!events_.empty() && events_.begin()->first <= since()) {
    const Later event = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    event.what();
  }
  take_published();
  if (gateway_) run_gateway();
  look_at_kept();
  const bool shown = world_.retained("service/state").string_or("state", "") == "online";
  if (shown || !link_up()) offline_since_ = since();
  offline_most_ = std::max(offline_most_, since() - offline_since_);
}

// What left the daemon for the broker: pages and beats to the gateway, alarms to all.
void DutyStage::take_published() {
  const std::string root = cat("cryobank/v1/", world_.config().site.str(), "/");
  for (; seen_ < world_.published.size(); ++seen_) {
    const core::Publish& one = world_.published[seen_];
    const std::string_view topic = std::string_view(one.topic).substr(root.size());
    if (topic.starts_with("alarm/") && topic != "alarm/summary") {
      on_alarm(topic.substr(6), one.payload);
    }
    if (!gateway_ || !broker_) continue;
    const Result<Json> body = parse_json(one.payload);
    if (topic == "service/beat") {
      std::vector<pager::OwnPage> own;
      EXPECT_TRUE(watch_->on_beat(world_.now(), *body, own));
      for (const pager::OwnPage& page : own) {
        std::string why;
        queue_->take(world_.now(), page.channel, page.page, why);
      }
    } else if (topic.starts_with("page/")) {
      std::string why;
      queue_->take(world_.now(), topic.substr(5), *body, why);
      if ((*body).string_or("priority", "") == "p1") watch_->on_p1(world_.now());
    }
  }
}

void DutyStage::on_alarm(std::string_view alarm, const std::string& payload) {
  const Result<Json> shown = parse_json(payload);
  if (!shown || !shown->bool_or("active", false)) return;
  told_.push_back({since(), std::string(alarm), shown->string_or("priority", ""),
                   shown->bool_or("acknowledged", false)});
}

void DutyStage::run_gateway() {
  std::vector<pager::OwnPage> own;
  if (watch_->next_deadline() <= world_.now().mono) watch_->on_deadline(world_.now(), own);
  for (const pager::OwnPage& page : own) {
    std::string why;
    queue_->take(world_.now(), page.channel, page.page, why);
  }
  for (const auto& [channel, behaves] : pagers_) {
    while (const auto page = queue_->next(world_.now(), channel)) send(channel, *page);
  }
  for (std::string& line : queue_->take_lines()) queue_file_.push_back(std::move(line));
  watch_file_ = watch_->remembered();
  if (!link_up()) return;
  const std::string root = world_.parts().bank.topics.root();
  const auto tell = [&](const std::string& topic, std::string payload) {
    core::BrokerMessage message;
    message.topic = root + topic;
    message.payload = std::move(payload);
    world_.step(message);
  };
  if (since() >= state_at_) {
    state_at_ = since() + kStateEvery;
    Json channels = Json::array();
    for (const auto& [channel, behaves] : pagers_) {
      channels.push(Json::object().set("channel", channel).set("evidence", "delivered"));
    }
    tell("gateway/pager/state", Json::object()
                                    .set("state", "online")
                                    .set("site", world_.config().site.str())
                                    .set("channels", std::move(channels))
                                    .dump());
  }
  while (!queue_->receipts().empty()) {
    const pager::Receipt receipt = queue_->receipts().front();
    queue_->receipt_done(receipt.number);
    const bool of_page = receipt.topic.ends_with("/receipt");
    tell(of_page ? receipt.topic + "/pager" : receipt.topic, receipt.body);
  }
}

void DutyStage::send(const std::string& channel, const pager::Outgoing& page) {
  const std::string behaves = pagers_.at(channel);
  pager::Attempt attempt;
  attempt.handle = cat("h-", page.id);
  if (behaves == "dead") {
    attempt.why = "no battery";
    return queue_->tried(world_.now(), channel, page.id, attempt);
  }
  attempt.fate = pager::Fate::sent;  // the carrier has it; the device speaks later, if ever
  queue_->tried(world_.now(), channel, page.id, attempt);
  if (behaves == "silent") return;
  for (int i = 0; i < (behaves == "twice" ? 2 : 1); ++i) {
    const auto arrives = [this, channel, page, handle = attempt.handle, i] {
      pager::Heard report;
      report.handle = handle;
      report.page = page.id;
      report.fate = pager::Fate::delivered;
      queue_->report(world_.now(), channel, report);
      if (i > 0) return;
      HeardPage one{since(),   channel,   page.alarm,
                    page.text, page.code, page.alarm.starts_with("monitor.")};
      log_ += cat(since().ms() / 1000, " s ", channel, ": ", page.text, "\n");
      newest_[{channel, one.alarm}] = one.code;
      heard_.push_back(std::move(one));
    };
    later(kDelivers, arrives, true);
  }
}

void DutyStage::answer(const Event& event) {
  const std::string& channel = event.with.at(0);
  const std::string& what = event.with.at(3);
  const bool wrong = what == "wrong";
  const std::string code = wrong ? std::string("none") : newest_[{channel, what}];
  pager::Heard said;
  said.what = pager::Heard::What::answer;
  said.user = event.with.at(1);
  said.status = event.with.at(2);
  said.code = wrong ? "0000" : code;
  EXPECT_FALSE(code.empty()) << "nothing of " << what << " was heard on " << channel << "\n"
                             << log_;
  if (gateway_) queue_->answer(world_.now(), channel, said);
}

void DutyStage::act(const Event& event) {
  const bool shelves = event.word == "shelve";
  const std::string& alarm = event.with.at(1);
  Json body = Json::object().set("alarm", alarm).set("reason", "going");
  if (shelves) body.set("for", event.with.at(2));
  const std::string id = world_.send(
      event.with.at(0), shelves ? "alarm/shelve" : "alarm/acknowledge", std::move(body));
  kept_.push_back({id, alarm, shelves ? Keeps::shelved : Keeps::taken});
}

bool DutyStage::keeps(const Kept& one) const {
  const Json shown = world_.parts().bank.board.render(AlarmId(one.alarm));
  const std::string state = shown.string_or("state", "");
  switch (one.what) {
    case Keeps::taken:
      return state == "active-acknowledged" || state == "latched";
    case Keeps::shelved:
      return !shown["shelved"].is_null();
    case Keeps::latched:
      return state == "latched";
  }
  return false;
}

std::string DutyStage::rule_of(Keeps what) {
  return what == Keeps::latched ? "keeps-latches" : "keeps-acts";
}

bool DutyStage::done(const Kept& one) const {
  return one.command.empty() || world_.reply(one.command).string_or("status", "") == "done";
}

// What people were told is done stays so, whoever is killed, and what is latched stays latched.
void DutyStage::look_at_kept() {
  for (const Kept& one : kept_) {
    Duration& gone = forgotten_for_[one.alarm];
    gone = !daemon_ || !done(one) || keeps(one) ? Duration{} : gone + kSlice;
    Duration& most = forgotten_most_[rule_of(one.what)];
    most = std::max(most, gone);
  }
}

std::optional<Duration> DutyStage::heard(const std::string& words, const std::string& channel,
                                         Duration from) const {
  const std::string text = with_spaces(words);
  for (const HeardPage& one : heard_) {
    if (one.at < from || (channel != "any" && one.channel != channel)) continue;
    if (one.text.find(text) != std::string::npos || one.alarm == words) return one.at;
  }
  return std::nullopt;
}

std::optional<Duration> DutyStage::told(const std::string& alarm, const std::string& priority,
                                        Duration from) const {
  for (const Told& one : told_) {
    if (one.at >= from && one.alarm == alarm && one.priority <= priority) return one.at;
  }
  return std::nullopt;
}

std::string DutyStage::no_page_in_time(Duration within) const {
  const Duration repeat = world_.config().paging.repeat_p1;
  for (const Outage& outage : outages_) {
    const HeardPage* before = nullptr;
    const HeardPage* after = nullptr;
    for (const HeardPage& one : heard_) {
      if (one.at <= outage.from) before = &one;
      if (one.at > outage.from && after == nullptr) after = &one;
    }
    if (before == nullptr) continue;
    const Duration slack = seconds(5) + kDelivers + kSlice * 2;
    const Duration planned = std::max(before->at + repeat, outage.to) + slack;
    const Duration latest = std::max(outage.from + within, planned);
    // A long silence is told by the gateway, unless it is the one that is off.
    const bool silent =
        outage.to - outage.from >= within && outage.what != "gateway" && outage.what != "all";
    const Duration limit = silent ? outage.from + within : latest;
    if (limit >= story_.end || (after != nullptr && after->at <= limit)) continue;
    return cat("after ", outage.what, " was killed at ", outage.from.seconds(), " s for ",
               (outage.to - outage.from).seconds(), " s nobody heard anything until ",
               after == nullptr ? -1 : after->at.seconds(), " s, expected by ", limit.seconds());
  }
  return {};
}

// An outage that ended at most two minutes before: what was lost with it calls the next tier.
bool DutyStage::lately_out(Duration at) const {
  return std::ranges::any_of(
      outages_, [at](const Outage& one) { return one.from <= at && at <= one.to + minutes(2); });
}

std::string DutyStage::tier_before_its_time(Duration slack) const {
  const config::PagingConfig& paging = world_.config().paging;
  std::optional<Duration> first;
  bool second = false;
  for (const HeardPage& one : heard_) {
    if (one.own || !one.text.starts_with("P1 ") || lately_out(one.at)) continue;
    if (!first) first = one.at;
    const bool third = one.channel == "pager-3";
    const Duration due = third                      ? paging.tier3_after
                         : one.channel == "pager-2" ? paging.tier2_after
                                                    : Duration{};
    second = second || one.channel == "pager-2";
    if (one.at - *first + slack < due || (third && !second)) {
      return cat(one.channel, " was called ", (one.at - *first).seconds(), " s after the first");
    }
  }
  return {};
}

// A round comes so long after the one before, or when the next tier is called.
std::string DutyStage::round_at_the_wrong_time(Duration repeat) const {
  const config::PagingConfig& paging = world_.config().paging;
  std::optional<Duration> first, last;
  for (const HeardPage& one : heard_) {
    if (one.own || one.channel != "pager-1" || !one.text.starts_with("P1 supply-1")) continue;
    if (!first) first = one.at;
    Duration due = last ? *last + repeat : one.at;
    for (const Duration tier : {*first + paging.tier2_after, *first + paging.tier3_after}) {
      if (last && *last + seconds(2) < tier) due = std::min(due, tier);
    }
    const std::int64_t off = (one.at - due).ms();
    if (off > 2'000 || off < -2'000) {
      return cat("a page at ", one.at.seconds(), " s was due at ", due.seconds(), " s");
    }
    last = one.at;
  }
  return last ? std::string() : std::string("no page was heard");
}

std::string DutyStage::forgotten(const std::string& rule, Duration limit) const {
  const auto most = forgotten_most_.find(rule);
  if (most == forgotten_most_.end() ||
      !std::ranges::all_of(kept_, [this](const Kept& one) { return done(one); })) {
    return "expected acts that were done, or latches";
  }
  if (most->second <= limit) return {};
  return cat("something was forgotten for ", most->second.seconds(), " s");
}

std::string DutyStage::broken(const Rule& rule) const {
  if (rule.word == "page-or-dead") return no_page_in_time(rule.limit);
  if (rule.word == "keeps-tiers") return tier_before_its_time(rule.limit);
  if (rule.word.starts_with("keeps-")) return forgotten(rule.word, rule.limit);
  if (rule.word == "repeats") return round_at_the_wrong_time(rule.limit);
  if (rule.word != "state-online") return cat("expected a rule that is known, came ", rule.word);
  return offline_most_ <= rule.limit
             ? std::string()
             : cat("the broker said offline for ", offline_most_.seconds(), " s");
}

}  // namespace cryobank::scenarios
