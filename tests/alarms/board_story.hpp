// A board on virtual time, and the words in which the stories of these tests are told. One step is
// one line; `check` compares the whole of what a person would see of one alarm.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "service/alarms/board.hpp"
#include "service/alarms/page/page_ledger.hpp"
#include "tests/base/fact_form.hpp"

namespace cryobank::alarms {

// One freezer, one room, one supply, one robot; three tiers with a channel each.
inline config::SiteConfig story_site() {
  config::SiteConfig site;
  site.site = SiteId("story");
  const auto add = [&](const std::string& id, config::DeviceKind kind) {
    config::DeviceConfig device;
    device.id = DeviceId(id);
    device.kind = kind;
    device.room = "cold-room";
    if (kind == config::DeviceKind::freezer) device.supply = DeviceId("supply-1");
    device.limits.level_low_warn = whole(102);
    device.limits.level_low_critical = whole(77);
    device.limits.level_high_warn = whole(228);
    device.limits.level_high_critical = whole(253);
    site.devices.push_back(device);
  };
  add("freezer-1", config::DeviceKind::freezer);
  add("room-1", config::DeviceKind::room);
  add("supply-1", config::DeviceKind::supply);
  add("robot-1", config::DeviceKind::robot);
  for (int tier = 1; tier <= 3; ++tier) {
    config::ChannelConfig channel;
    channel.id = ChannelId(cat("pager-", tier));
    channel.tier = tier;
    site.channels.push_back(channel);
  }
  const auto person = [&](const std::string& id, const std::vector<std::string>& channels) {
    config::UserConfig user;
    user.id = UserId(id);
    user.roles = {"operator"};
    for (const std::string& channel : channels) user.channels.emplace_back(channel);
    site.users.push_back(user);
  };
  config::GatewayConfig gateway;
  gateway.user = UserId("pager");
  site.gateways.push_back(gateway);
  person("anna", {"pager-1"});
  person("ben", {"pager-2", "pager-3"});
  return site;
}

class Story {
 public:
  Story() : Story(story_site()) {}
  explicit Story(config::SiteConfig site) : site_(std::move(site)) {
    begin();
    start();
  }

  Board& board() { return *board_; }
  Now now() const { return now_; }
  BoardOutputs& out() { return out_; }
  PageLedger& ledger() { return *ledger_; }

  // The pager gateway beats, and delivers every page at once.
  bool gateway = true;
  bool delivers = true;
  std::string evidence = "delivered";
  std::string failing;  // a channel that the gateway says to fail

  // Time goes on, stopping at every deadline on the way, as the core does.
  void wait(Duration duration) {
    const Instant end = now_.mono + duration;
    for (;;) {
      const Instant next = std::min({board_->next_deadline(), ledger_->next_deadline(), beat_at_});
      if (next > end) break;
      go_to(std::max(now_.mono, next));
      if (now_.mono >= beat_at_) beat();
      board_->on_deadline(now_, out_);
      settle();
      ledger_->on_deadline(now_, told_);
      settle();
    }
    go_to(end);
  }

  void reads(std::string_view point, Milli value, std::string_view device = "freezer-1") {
    observe(device, point, Quality::good, value);
  }
  void reads_badly(std::string_view point, Quality quality, std::string_view device = "freezer-1") {
    observe(device, point, quality, std::nullopt);
  }
  void device_is(DeviceState state, std::string_view device = "freezer-1") {
    board_->device_state(now_, DeviceId(std::string(device)), state, out_);
    settle();
  }
  // A detector of a device says so, or no longer.
  void tells(std::string_view device, std::string_view condition, int stage,
             std::string_view text = "seen") {
    Condition told;
    told.source = std::string(device);
    told.device = DeviceId(std::string(device));
    told.condition = std::string(condition);
    told.text = std::string(text);
    told.stage = stage;
    if (stage > 0) {
      board_->raise(now_, told, out_);
    } else {
      board_->clear(now_, device, condition, out_);
    }
    settle();
  }
  // Another part of the service says so.
  void tells(const Condition& told) {
    board_->raise(now_, told, out_);
    settle();
  }
  void lasts(std::string_view device, Duration low, bool losing = true) {
    const Prognosis time{losing, low.seconds(), low.seconds() * 3 / 2, low.seconds() * 2};
    board_->prognosis(now_, DeviceId(std::string(device)), time, out_);
    settle();
  }
  void raise(Priority priority, std::string_view condition = "commit-failed") {
    Condition told;
    told.source = "store";
    told.condition = std::string(condition);
    told.priority = priority;
    told.text = cat("told as ", name_of(priority));
    board_->raise(now_, told, out_);
    settle();
  }
  void clear(std::string_view condition = "commit-failed") {
    board_->clear(now_, "store", condition, out_);
    settle();
  }

  Result<Decision> decide(std::string_view verb, const Json& body,
                          const std::string& user = "anna") const {
    CommandContext context;
    context.now = now_;
    context.actor.user = UserId(user);
    return board_->decide(verb, body, context);
  }
  // A command, its commit, and its facts applied.
  std::string command(std::string_view verb, const Json& body, const std::string& user = "anna") {
    const Result<Decision> decided = decide(verb, body, user);
    if (!decided) return std::string(name_of(decided.error().code));
    for (const Fact& fact : decided->facts) {
      EXPECT_TRUE(board_->apply(now_, fact, out_).ok());
      EXPECT_EQ(form_fault(fact), "") << fact.data.dump();
    }
    settle();
    return "done";
  }
  std::string acknowledge(std::string_view alarm, std::string_view reason = "going") {
    return command("alarm/acknowledge", Json::object().set("alarm", alarm).set("reason", reason));
  }
  std::string shelve(std::string_view alarm, std::string_view duration) {
    return command("alarm/shelve", Json::object()
                                       .set("alarm", alarm)
                                       .set("for", duration)
                                       .set("reason", "known, part ordered"));
  }
  Status answers(std::string_view channel, std::string_view user, std::string_view status,
                 std::string_view page, std::string_view code = "") {
    const Json body = Json::object().set("page_id", page).set("status", status).set("code", code);
    return receives(channel, user, body);
  }
  Status receives(std::string_view channel, std::string_view user, const Json& body) {
    const auto anybody_may = [](const config::UserConfig& person) {
      return std::ranges::find(person.roles, "operator") != person.roles.end();
    };
    const Status ended =
        ledger_->receipt(now_, ChannelId(std::string(channel)), UserId(std::string(user)), body,
                         anybody_may, *board_, out_, told_);
    settle();
    return ended;
  }

  // A test page to this person.
  void tests(std::string_view user) {
    EXPECT_TRUE(ledger_->test(now_, UserId(std::string(user)), UserId("ben"), told_).ok());
    settle();
  }

  void link(bool up) {
    ledger_->on_link(now_, up, told_);
    settle();
  }
  void beat() {
    beat_at_ = now_.mono + seconds(5);
    if (!gateway) return;
    Json channels = Json::array();
    for (const config::ChannelConfig& channel : site_.channels) {
      Json one = Json::object().set("channel", channel.id.str()).set("evidence", evidence);
      if (channel.id.str() == failing) one.set("failing", "HTTP 503");
      channels.push(std::move(one));
    }
    const Json state = Json::object()
                           .set("state", "online")
                           .set("site", "story")
                           .set("channels", std::move(channels));
    EXPECT_TRUE(ledger_->gateway(now_, UserId("pager"), GatewayWord::state, state, false, told_));
    settle();
  }

  // The process dies and starts again `away` later; only the rows are left.
  void restart(Duration away = Duration{}) {
    now_.wall = now_.wall + away;
    now_.mono = Instant{};  // another boot: monotonic time begins anew
    begin();
    for (const auto& [key, value] : rows_) {
      const bool call = key.starts_with("m/call/");
      EXPECT_TRUE(call ? ledger_->load_row(key, value) : board_->load_row(key, value)) << key;
    }
    start();
  }
  // As restart(), but the disk never got what was told since `rows` were taken.
  void die_untold(std::map<std::string, std::string> rows) {
    rows_ = std::move(rows);
    restart(seconds(10));
  }
  // False: it cannot be read.
  bool remembers(std::string_view alarm, const Json& shown) {
    const Status read = board_->remember(now_, AlarmId(std::string(alarm)), shown, out_);
    settle();
    return read.ok();
  }
  void set_site(config::SiteConfig site) { site_ = std::move(site); }
  // The site's limits change while it runs.
  void reload(const std::function<void(config::SiteConfig&)>& edit) {
    edit(site_);
    keep(board_->reload(now_, out_));
    settle();
  }
  const std::map<std::string, std::string>& rows() const { return rows_; }

  // "p2 active-unacknowledged", "closed", with " shelved" behind it.
  std::string seen(std::string_view alarm) const {
    const Json shown = board_->render(AlarmId(std::string(alarm)));
    if (shown.is_null()) return "closed";
    return cat(shown.string_or("priority", "?"), " ", shown.string_or("state", "?"),
               shown["shelved"].is_null() ? "" : " shelved");
  }
  // Channels paged since the last call, in order: "pager-1 pager-2".
  std::string paged() {
    std::string list;
    for (const Page& page : pages_) list += cat(list.empty() ? "" : " ", page.channel.str());
    last_pages_ = std::move(pages_);
    pages_.clear();
    return list;
  }
  // Pages that the last paged() told of.
  const std::vector<Page>& last_pages() const { return last_pages_; }
  // Texts of answers, lists and tests sent since the last call.
  std::vector<Page> others() { return std::exchange(others_, {}); }
  // A condition of the ledger's own, as it was told last.
  bool in_trouble(std::string_view alarm) const {
    return !board_->render(AlarmId(std::string(alarm))).is_null() &&
           board_->render(AlarmId(std::string(alarm))).bool_or("active", false);
  }
  const std::vector<Fact>& facts() const { return facts_; }

 private:
  void begin() {
    ledger_.reset();
    board_ = std::make_unique<Board>(site_);
    ledger_ = std::make_unique<PageLedger>(site_, *board_, Epoch{++epoch_});
  }
  void start() {
    board_->start(now_, Epoch{epoch_}, out_);
    keep(board_->note_settings(now_, out_));
    ledger_->start(now_, told_);
    ledger_->on_link(now_, true, told_);
    beat();
    settle();
  }
  void go_to(Instant mono) {
    now_.wall = now_.wall + (mono - now_.mono);
    now_.mono = mono;
  }
  void observe(std::string_view device, std::string_view point, Quality quality,
               std::optional<Milli> value) {
    Observation observation;
    observation.device = DeviceId(std::string(device));
    observation.point = point;
    observation.quality = quality;
    observation.value = value;
    board_->observe(now_, observation, out_);
    settle();
  }
  // What the core does with the outputs: page, then commit the rows of what changed.
  void settle() {
    while (!out_.changed.empty() || !out_.facts.empty() || !out_.pending.empty() ||
           !out_.rows.empty() || !told_.pages.empty() || !told_.changed.empty() ||
           !told_.facts.empty() || !told_.troubles.empty() || !told_.again.empty() ||
           !told_.rows.empty()) {
      for (const AlarmId& alarm : out_.changed) ledger_->on_alarm(now_, alarm, told_);
      for (const auto* told : {&out_.facts, &told_.facts}) {
        for (const Fact& fact : *told) EXPECT_EQ(form_fault(fact), "") << fact.data.dump();
      }
      facts_.insert(facts_.end(), out_.facts.begin(), out_.facts.end());
      facts_.insert(facts_.end(), told_.facts.begin(), told_.facts.end());
      keep(board_->rows_of(out_.changed));
      keep(board_->rows_of(out_.pending));
      keep(out_.rows);
      keep(ledger_->rows_of(out_.changed));
      keep(ledger_->rows_of(told_.changed));
      keep(told_.rows);
      const LedgerOutputs told = std::exchange(told_, {});
      out_.clear();
      for (const Page& page : told.pages) carry(page);
      for (const Page& page : told.again) deliver(page);
      for (const Trouble& trouble : told.troubles) {
        const Condition& c = trouble.condition;
        if (trouble.stands) {
          board_->raise(now_, c, out_);
        } else if (!trouble.heard) {
          board_->clear_unheard(now_, c.source, c.condition, out_);
        } else {
          board_->clear(now_, c.source, c.condition, out_);
        }
      }
    }
    told_.clear();
  }
  void carry(const Page& page) {
    (page.kind == PageKind::page ? pages_ : others_).push_back(page);
    deliver(page);
  }
  void deliver(const Page& page) {
    if (!gateway || !delivers || page.kind == PageKind::withdraw) return;
    const auto nobody = [](const config::UserConfig&) { return false; };
    const Json body = Json::object().set("page", page.id).set("status", evidence);
    EXPECT_TRUE(
        ledger_->receipt(now_, page.channel, UserId("pager"), body, nobody, *board_, out_, told_));
  }
  void keep(const std::vector<RowChange>& rows) {
    for (const RowChange& row : rows) {
      if (row.value) {
        rows_[row.key] = *row.value;
      } else {
        rows_.erase(row.key);
      }
    }
  }

  config::SiteConfig site_;
  std::unique_ptr<Board> board_;
  std::unique_ptr<PageLedger> ledger_;
  std::uint32_t epoch_ = 0;
  Instant beat_at_{};
  // Monotonic and wall clock have nothing to do with each other.
  Now now_{Instant{5'000'000'000}, WallTime{1'795'500'000'000}};
  BoardOutputs out_;
  LedgerOutputs told_;
  std::vector<Page> pages_;
  std::vector<Page> last_pages_;
  std::vector<Page> others_;
  std::vector<Fact> facts_;
  std::map<std::string, std::string> rows_;
};

// One line of a story: what is seen of the alarm now, and who was paged since the last line.
#define check(story, alarm, state, pages)    \
  do {                                       \
    EXPECT_EQ((story).seen(alarm), (state)); \
    EXPECT_EQ((story).paged(), (pages));     \
  } while (false)

}  // namespace cryobank::alarms
