// Daemon, broker, gateway or all three, killed at random instants of a P1 with the real programs: a
// page or MONITOR DEAD reaches people in its time, no acknowledgement, shelf, latch or pending
// escalation is lost, and no tier is jumped. CRYOBANK_PAGE_KILLS sets how many kills,
// CRYOBANK_PAGE_KILL_SEED which ones. All times of paging are the shortest that a site may set: a
// silence of 10 s stands for the usual 60, so a page must come within 40 s instead of 90.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <thread>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "tests/programs/pager_program.hpp"

namespace cryobank::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kKills = 8;
constexpr std::int64_t kSeed = 20'261'130;
constexpr seconds kTier2After{10};
constexpr seconds kTier3After{20};
// 90 s with the usual silence of 60 s: what is beyond the silence stays as it is.
constexpr seconds kToldWithin{10 + 30};
// After everything runs again, what was due meanwhile is due at once.
constexpr seconds kDueWithin{8};
constexpr seconds kOnlineWithin{30};

// Besides lids_at_once(): that of freezer-2 is a P2.
constexpr std::string_view kSettings = R"(
[paging]
repeat_p1 = "10s"
tier2_after = "10s"
tier3_after = "20s"
verify_after = "4h"
proof_at = "never"

[[alarm]]
condition = "lid-open"
device = "freezer-2"
stages = [{ priority = "p2", limit = 1, after = "1s" }]
clears_after = "1s"
by = "test"
reason = "kills"
)";

std::int64_t number_of(const char* name, std::int64_t usual) {
  const char* text = std::getenv(name);
  const auto number = text == nullptr ? Result<std::int64_t>(usual) : parse_integer(text);
  CHECK(number.ok());
  return *number;
}

std::string alarm_of(int freezer) { return cat("freezer-", freezer, ".lid-open"); }

bool has(const std::string& what, std::string_view part) {
  return what.find(part) != std::string::npos;
}

// What is known of one alarm: its state as told last, or nothing while a command is in doubt.
struct Known {
  std::optional<std::string> state;
  std::optional<bool> shelved;
  std::int64_t occurrence = 0;
};

class PageKillTest : public ::testing::Test {
 protected:
  PageKillTest()
      : bank_("page-kill"),
        pager_(bank_, "10s"),
        prng_(static_cast<std::uint64_t>(number_of("CRYOBANK_PAGE_KILL_SEED", kSeed))) {
    bank_.add_config(cat(kSettings, lids_at_once()));
    bank_.start_all();
    pager_.start();
  }

  Json look(int freezer) { return bank_.retained(cat("alarm/", alarm_of(freezer))); }

  static std::string state_of(const Json& alarm) {
    return alarm.is_null() ? "closed" : alarm.string_or("state", "closed");
  }

  bool comes_to(int freezer, std::string_view state) {
    return eventually(kOnlineWithin, [&] { return state_of(look(freezer)) == state; });
  }

  void lid(int freezer, bool open) {
    bank_.sim().ask(
        Json::object().set("do", "lid").set("device", cat("freezer-", freezer)).set("open", open));
  }

  // The status of the reply; empty: none came, and nobody knows whether it was done.
  std::string say(const std::string& verb, int freezer, const Json& more) {
    ctl::Access access;
    access.port = bank_.broker_port();
    access.site = "demo";
    access.user = "supervisor";
    const auto session = ctl::Session::open(access);
    if (!session) return {};
    Json body = more;
    body.set("alarm", alarm_of(freezer));
    const auto reply = (*session)->request(verb, Json::object().set("body", std::move(body)),
                                           seconds(4), true, [](const Json&) {});
    return reply ? reply->string_or("status", "") : std::string();
  }

  void must(const std::string& verb, int freezer, const Json& more) {
    EXPECT_EQ(say(verb, freezer, more), "done") << verb << " " << freezer;
  }

  static Json going() { return Json::object().set("reason", "going"); }
  static Json mistake() { return Json::object().set("reason", "a mistake"); }
  static Json an_hour() { return Json::object().set("for", "1h").set("reason", "cleaning"); }

  // One thing that somebody does while the plug is pulled.
  struct Act {
    std::string verb;
    int freezer = 0;
    Json more;
  };
  Act draw_act() {
    switch (prng_.between(0, 3)) {
      case 0:
        return {
            *known_[3].state == "active-acknowledged" ? "alarm/unacknowledge" : "alarm/acknowledge",
            3, *known_[3].state == "active-acknowledged" ? mistake() : going()};
      case 1:
        return {*known_[2].shelved ? "alarm/unshelve" : "alarm/shelve", 2,
                *known_[2].shelved ? Json::object() : an_hour()};
      case 2:
        if (*known_[4].state == "latched") return {"alarm/acknowledge", 4, going()};
        return {"alarm/comment", 4, Json::object().set("text", "looked at it")};
      default:
        return {"alarm/comment", 1, Json::object().set("text", "nobody is there")};
    }
  }

  void learn(int freezer) {
    const Json alarm = look(freezer);
    known_[freezer].state = state_of(alarm);
    known_[freezer].shelved = !alarm["shelved"].is_null();
    known_[freezer].occurrence = alarm.integer_or("occurrence", 0);
  }

  void set_the_stage();
  void renew_call();
  void renew_latch();
  void pull_the_plug(std::string& what);
  void put_back();
  void expect_nothing_lost(const std::string& what);
  void expect_told(const std::string& what, Clock::time_point killed);
  void expect_tiers(const std::string& what);
  std::vector<PrintedPage> pages_of_the_call() const;
  void expect_recount();

  Bank bank_;
  PagerProgram pager_;
  Prng prng_;
  std::map<int, Known> known_;
  Clock::time_point call_from_;  // of freezer-1, which nobody takes
  Clock::time_point whole_at_;   // everything runs since
  bool carried_ = true;          // gateway and broker were never away for long in this round
  milliseconds latest_{};
};

void PageKillTest::set_the_stage() {
  ASSERT_TRUE(bank_.wait_online(kOnlineWithin));
  for (int freezer = 1; freezer <= 4; ++freezer) lid(freezer, true);
  for (int freezer = 1; freezer <= 4; ++freezer) {
    ASSERT_TRUE(comes_to(freezer, "active-unacknowledged")) << freezer;
  }
  must("alarm/shelve", 2, an_hour());
  must("alarm/acknowledge", 3, going());
  must("alarm/acknowledge", 4, going());
  for (int freezer = 1; freezer <= 4; ++freezer) learn(freezer);
}

// Nobody has freezer-1 from now on: tier 1 at once, tier 2 after 10 s, tier 3 after 20.
void PageKillTest::renew_call() {
  if (state_of(look(1)) == "active-unacknowledged") must("alarm/acknowledge", 1, going());
  call_from_ = Clock::now();
  must("alarm/unacknowledge", 1, mistake());
  ASSERT_TRUE(comes_to(1, "active-unacknowledged"));
  learn(1);
}

// freezer-4 was repaired, and nobody confirmed it yet.
void PageKillTest::renew_latch() {
  if (state_of(look(4)) == "latched") return;
  lid(4, true);
  ASSERT_TRUE(eventually(kOnlineWithin, [&] { return state_of(look(4)).starts_with("active"); }));
  if (state_of(look(4)) == "active-unacknowledged") must("alarm/acknowledge", 4, going());
  lid(4, false);
  // The machine may be killed before, while or after it comes back.
  if (prng_.chance(3, 4)) {
    ASSERT_TRUE(comes_to(4, "latched"));
  }
  learn(4);
}

void PageKillTest::pull_the_plug(std::string& what) {
  const Act act = draw_act();
  const std::int64_t wait = prng_.chance(1, 2) ? prng_.between(0, 300) : prng_.between(0, 12'000);
  const std::int64_t which = prng_.between(1, 7);
  std::string status;
  std::thread person([&] { status = say(act.verb, act.freezer, act.more); });
  std::this_thread::sleep_for(milliseconds(wait));
  if ((which & 1) != 0) bank_.kill_daemon();
  if ((which & 2) != 0) bank_.broker().kill();
  if ((which & 4) != 0) pager_.kill();
  whole_at_ = Clock::now();
  person.join();
  what = cat(act.verb, " ", act.freezer, " (", status, "), killed after ", wait,
             " ms:", (which & 1) != 0 ? " daemon" : "", (which & 2) != 0 ? " broker" : "",
             (which & 4) != 0 ? " gateway" : "");
  if (status == "done" || status.empty()) {
    // In doubt until it is looked at; what was confirmed must stand.
    Known& known = known_[act.freezer];
    const bool done = status == "done";
    if (act.verb == "alarm/shelve" || act.verb == "alarm/unshelve") {
      known.shelved = done ? std::optional(act.verb == "alarm/shelve") : std::nullopt;
    } else if (act.verb == "alarm/acknowledge" || act.verb == "alarm/unacknowledge") {
      known.state = std::nullopt;
      if (done && act.freezer == 4) known.state = "closed";
      if (done && act.freezer == 3) {
        known.state =
            act.verb == "alarm/acknowledge" ? "active-acknowledged" : "active-unacknowledged";
      }
    }
  }
}

// systemd starts what died within seconds; daemon and broker sometimes stay away for longer, so
// that the gateway has to speak for itself.
void PageKillTest::put_back() {
  carried_ = prng_.chance(3, 4);
  std::this_thread::sleep_for(milliseconds(prng_.between(0, 4'000)));
  if (!pager_.running()) pager_.start();
  if (!carried_) std::this_thread::sleep_for(seconds(prng_.between(11, 16)));
  if (!wait_for_port(bank_.broker_port(), milliseconds(1))) bank_.broker().start();
  if (!bank_.daemon_running()) bank_.start_daemon();
  ASSERT_TRUE(bank_.wait_online(kOnlineWithin));
  whole_at_ = Clock::now();
}

void PageKillTest::expect_nothing_lost(const std::string& what) {
  for (const auto& [freezer, known] : known_) {
    Json alarm;
    const bool same = eventually(seconds(15), [&, &known = known, freezer = freezer] {
      alarm = look(freezer);
      const bool state = !known.state || state_of(alarm) == *known.state ||
                         // It was closing when the plug was pulled.
                         (freezer == 4 && state_of(alarm) == "latched");
      return state && (!known.shelved || !alarm["shelved"].is_null() == *known.shelved);
    });
    EXPECT_TRUE(same) << what << "\nfreezer-" << freezer << ": expected "
                      << known.state.value_or("any state")
                      << (known.shelved && *known.shelved ? " and shelved" : "") << ", came "
                      << alarm.dump();
    if (!alarm.is_null() && known.state && *known.state == state_of(alarm)) {
      EXPECT_EQ(alarm.integer_or("occurrence", 0), known.occurrence) << what << " " << freezer;
    }
  }
}

void PageKillTest::expect_told(const std::string& what, Clock::time_point killed) {
  std::optional<Clock::time_point> told;
  eventually(kToldWithin, [&] {
    for (const PrintedPage& page : pager_.printed()) {
      const bool counts = has(page.text, "freezer-1") || has(page.text, "MONITOR DEAD");
      if (counts && page.at > killed && !told) told = page.at;
    }
    return told.has_value();
  });
  ASSERT_TRUE(told) << what << ": neither a page nor MONITOR DEAD";
  const auto took = std::chrono::duration_cast<milliseconds>(*told - killed);
  EXPECT_LE(took, kToldWithin) << what;
  latest_ = std::max(latest_, took);
}

std::vector<PrintedPage> PageKillTest::pages_of_the_call() const {
  std::vector<PrintedPage> pages = pager_.printed();
  std::erase_if(pages, [this](const PrintedPage& page) {
    return page.at < call_from_ || !has(page.text, "freezer-1 ");
  });
  return pages;
}

// Every tier is called, none before the one below it, none sooner than planned unless the one below
// could not be reached, and none later than planned or the return of everything.
void PageKillTest::expect_tiers(const std::string& what) {
  const auto first_on = [this](int tier) -> std::optional<Clock::time_point> {
    for (const PrintedPage& page : pages_of_the_call()) {
      if (page.channel == cat("pager-", tier)) return page.at;
    }
    return std::nullopt;
  };
  std::optional<Clock::time_point> before;
  for (int tier = 1; tier <= 3; ++tier) {
    const seconds planned = tier == 1 ? seconds(0) : tier == 2 ? kTier2After : kTier3After;
    const auto due = std::max(call_from_ + planned, whole_at_) + kDueWithin;
    eventually(std::chrono::duration_cast<milliseconds>(due - Clock::now()),
               [&] { return first_on(tier).has_value(); });
    const auto called = first_on(tier);
    ASSERT_TRUE(called) << what << ": tier " << tier << " was never called";
    if (tier > 1 && carried_) {
      EXPECT_GE(*called - call_from_, planned - seconds(1)) << what << ": tier " << tier;
    }
    if (before) {
      EXPECT_GE(*called, *before) << what << ": tier " << tier << " before the one below";
    }
    before = called;
  }
}

// What a month of these alarms is reported as equals an independent count of the journal.
void PageKillTest::expect_recount() {
  EXPECT_EQ(bank_.stop_daemon(), 0);
  const std::string folder = (bank_.directory() / "journal").string();
  const Bank::Ran out = bank_.ctl({"journal", "export", "--config", bank_.site_file(), folder});
  ASSERT_EQ(out.code, 0) << out.output;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::string month =
      format_utc(WallTime{std::chrono::duration_cast<milliseconds>(now).count()}).substr(0, 7);
  const Bank::Ran report = bank_.ctl({"--json", "alarm", "report", month, "--export", folder});
  ASSERT_EQ(report.code, 0) << report.output;
  const std::string told = (bank_.directory() / "report.json").string();
  std::ofstream(told) << report.output;
  const std::string log = (bank_.directory() / "recount.log").string();
  Process recount({"/usr/bin/python3", CRYOBANK_SOURCE_DIR "/scripts/recount-alarms",
                   cat(folder, "/journal.jsonl"), told},
                  log);
  EXPECT_EQ(recount.wait(seconds(60)), 0) << read_text(log);
  std::printf("%s", read_text(log).c_str());
}

TEST_F(PageKillTest, WhoeverIsKilledPeopleAreToldAndNothingIsForgotten) {
  set_the_stage();
  const std::int64_t kills = number_of("CRYOBANK_PAGE_KILLS", kKills);
  for (std::int64_t i = 0; i < kills && !HasFailure(); ++i) {
    renew_latch();
    renew_call();
    if (HasFatalFailure()) return;
    std::string what;
    pull_the_plug(what);
    what = cat("kill ", i + 1, ": ", what);
    std::printf("%s\n", what.c_str());
    std::fflush(stdout);
    const auto killed = whole_at_;
    put_back();
    if (HasFatalFailure()) return;
    expect_told(what, killed);
    expect_nothing_lost(what);
    expect_tiers(what);
    for (int freezer = 1; freezer <= 4; ++freezer) learn(freezer);
  }
  expect_recount();
  std::printf("%ld kills; the latest page came %.1f s after one\n", static_cast<long>(kills),
              static_cast<double>(latest_.count()) / 1000);
}

}  // namespace
}  // namespace cryobank::test
