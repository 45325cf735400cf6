// What a restart keeps: everything that a person was promised.
#include "service/alarms/page/old_codes.hpp"
#include "tests/alarms/board_story.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::string_view kLevelAlarm = "freezer-1.level-low";
constexpr std::string_view kStoreAlarm = "store.commit-failed";

TEST(Restart, KeepsTheAcknowledgementAndItsVerifyTime) {
  Story s;
  s.raise(Priority::p1);
  EXPECT_EQ(s.acknowledge(kStoreAlarm), "done");
  s.paged();
  s.wait(minutes(5));
  s.restart(minutes(1));
  check(s, kStoreAlarm, "p1 active-acknowledged", "");
  s.wait(minutes(9) - seconds(1));
  check(s, kStoreAlarm, "p1 active-acknowledged", "");
  s.wait(seconds(1));
  check(s, kStoreAlarm, "p1 active-unacknowledged", "pager-1");
}

// Whoever answers late was told "no such code" by the next run, which might give it to another
// alarm.
TEST(Restart, KnowsTheCodesThatWereUsedBefore) {
  Story s;
  s.raise(Priority::p2);
  s.paged();
  const Page page = s.last_pages().at(0);
  EXPECT_EQ(s.acknowledge(kStoreAlarm), "done");
  s.clear();
  ASSERT_EQ(s.seen(kStoreAlarm), "closed");
  s.restart(minutes(1));
  s.others();
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", "", page.ack_code));
  EXPECT_NE(s.others().back().text.find(cat(page.ack_code, " is over: ", kStoreAlarm)),
            std::string::npos);
  s.raise(Priority::p2);
  s.paged();
  EXPECT_NE(s.last_pages().at(0).ack_code, page.ack_code);
  s.restart(minutes(1));
  s.others();
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", "", page.ack_code));
  EXPECT_NE(s.others().back().text.find("is used up"), std::string::npos);
  EXPECT_EQ(s.seen(kStoreAlarm), "p2 active-unacknowledged") << "an old code takes nothing";
}

// A code that the next run does not know tells a person that the pager is broken.
TEST(Restart, KnowsTheTestPageThatIsOut) {
  Story s;
  s.others();
  s.tests("anna");
  const std::string code = s.others().at(0).ack_code;
  const auto answer = [&] {
    s.others();
    EXPECT_TRUE(s.answers("pager-1", "anna", "coming", "", code));
    const std::vector<Page> told = s.others();
    return told.empty() ? std::string() : told.back().text;
  };
  s.restart(minutes(1));
  EXPECT_EQ(answer(), "OK anna: test answered, thank you");
  s.wait(minutes(10));
  s.restart(minutes(1));
  EXPECT_EQ(answer(), cat(code, " was of a test. Nothing to do"));
}

TEST(Restart, JudgesTheWeeklyProofThatWasRunning) {
  Story s;
  s.wait(minutes(1));
  std::string code;
  for (int hour = 0; hour < 8 * 24 && code.empty(); ++hour) {
    s.wait(hours(1));
    for (const Page& page : s.others()) {
      if (page.tier == 1 && page.text.find("weekly") != std::string::npos) code = page.ack_code;
    }
  }
  ASSERT_FALSE(code.empty());
  s.restart(minutes(5));
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", "", code));
  s.restart(minutes(5));
  s.wait(hours(4));
  EXPECT_FALSE(s.in_trouble("tier-1.proof-unanswered")) << "anna answered";
  EXPECT_TRUE(s.in_trouble("tier-2.proof-unanswered"));
  EXPECT_FALSE(s.in_trouble("pager-1.proof-of-page-failed")) << "it had arrived";
}

// What had not left when the daemon died is sent once more, as the same page.
TEST(Restart, SendsATestPageAgainThatNobodyHadTaken) {
  Story s;
  s.wait(minutes(1));
  s.delivers = false;
  s.tests("anna");
  const Page sent = s.others().at(0);
  s.delivers = true;
  s.restart(seconds(10));
  EXPECT_EQ(s.ledger().state_of(sent.id), PageState::delivered);
}

TEST(OldCodes, GiveWayToNewerOnesAndComeBackFromTheirRows) {
  OldCodes codes;
  const auto code_of = [](std::size_t i) { return cat(1'000 + i); };
  const auto alarm_of = [](std::size_t i) {
    return AlarmId(cat("freezer-", i % 100, ".level-low"));
  };
  for (std::size_t i = 0; i < kOldCodesMax; ++i) {
    const WallTime at{1'795'500'000'000 + static_cast<std::int64_t>(i)};
    EXPECT_EQ(codes.keep(code_of(i), {alarm_of(i), i % 2 == 0, at}).size(), 1u);
  }
  const WallTime later{1'795'600'000'000};
  const auto changed = codes.keep("0042", {AlarmId("supply-1.level-low"), false, later});
  ASSERT_EQ(changed.size(), 2u);
  EXPECT_EQ(changed[1], alarm_of(0)) << "the oldest gives way";
  EXPECT_EQ(codes.find(code_of(0)), nullptr);
  std::vector<RowChange> rows;
  for (std::size_t i = 0; i < 100; ++i) codes.add_row(alarm_of(i), rows);
  codes.add_row(AlarmId("supply-1.level-low"), rows);
  codes.add_row(AlarmId("room-1.oxygen-1-low"), rows);
  EXPECT_EQ(rows.size(), 101u) << "nothing of one that has none";
  OldCodes next;
  for (const RowChange& row : rows) {
    const Result<Json> value = parse_json(*row.value);
    ASSERT_TRUE(value);
    EXPECT_TRUE(next.load_row(row.key, *value)) << row.key;
  }
  for (std::size_t i = 1; i < kOldCodesMax; ++i) {
    const OldCode* code = next.find(code_of(i));
    ASSERT_NE(code, nullptr) << i;
    EXPECT_EQ(code->alarm, alarm_of(i));
    EXPECT_EQ(code->joined, i % 2 == 0);
  }
  for (std::size_t i = 0; i < 2 * kOldCodesOfOne; ++i) {
    next.keep(cat(5'000 + i), {AlarmId("room-1.oxygen-1-low"), false, later + seconds(1)});
  }
  EXPECT_EQ(next.find("5000"), nullptr) << "one alarm leaves room for the others";
  EXPECT_NE(next.find("5099"), nullptr);
}

TEST(Restart, GoesOnEscalatingWhereItWas) {
  Story s;
  s.raise(Priority::p1);
  s.wait(minutes(4));
  s.paged();
  s.restart(seconds(30));
  EXPECT_EQ(s.paged(), "");
  s.wait(seconds(30));
  check(s, kStoreAlarm, "p1 active-unacknowledged", "pager-1 pager-2");
}

// Dead from the fourth minute to the twelfth: both tiers were due, and are called one by one.
TEST(Restart, TiersThatWereDueMeanwhileAreCalledOneAfterTheOtherAtOnce) {
  Story s;
  s.raise(Priority::p1);
  s.paged();
  s.wait(minutes(4));
  s.restart(minutes(8));
  s.wait(Duration{});
  const std::string first = s.paged();
  EXPECT_NE(first.find("pager-2"), std::string::npos) << first;
  EXPECT_EQ(first.find("pager-3"), std::string::npos) << first;
  s.wait(seconds(5));
  EXPECT_NE(s.paged().find("pager-3"), std::string::npos);
}

// Dead for a minute after the second tier was due: the third keeps its time.
TEST(Restart, TierAfterALateOneKeepsItsOwnTime) {
  Story s;
  s.raise(Priority::p1);
  s.wait(minutes(4));
  s.restart(minutes(2));
  s.wait(Duration{});
  s.paged();
  s.wait(minutes(4) - seconds(1));
  EXPECT_EQ(s.paged().find("pager-3"), std::string::npos);
  s.wait(seconds(2));
  EXPECT_NE(s.paged().find("pager-3"), std::string::npos);
}

TEST(Restart, PagesAtOnceWhatWasDueMeanwhile) {
  Story s;
  s.raise(Priority::p1);
  s.paged();
  s.restart(hours(1));
  s.wait(milliseconds(1));
  EXPECT_NE(s.paged().find("pager-2"), std::string::npos);
}

config::SiteConfig site_with_a_meter() {
  config::SiteConfig site = story_site();
  config::DeviceProfile profile;
  profile.id = ProfileId("room-profile");
  config::Point point;
  point.id = PointId("oxygen-1");
  profile.points.push_back(point);
  site.profiles.push_back(profile);
  for (config::DeviceConfig& device : site.devices) {
    if (device.kind == config::DeviceKind::room) device.profile = profile.id;
  }
  return site;
}

// "DO NOT ENTER: oxygen unknown" was on each page that a restart repeated, before the first poll.
TEST(Restart, APageThatWasDueWaitsAMomentForTheAirOfItsRoom) {
  for (const auto priority : {Priority::p1, Priority::p2}) {
    for (const bool read : {true, false}) {
      Story s(site_with_a_meter());
      s.reads("oxygen-1", Milli{20'900}, "room-1");
      s.tells("freezer-1", priority == Priority::p1 ? "level-falling-fast" : "evaporation-doubled",
              1);
      s.paged();
      s.restart(hours(1));
      s.wait(seconds(1));
      EXPECT_EQ(s.paged(), "") << "nothing is read yet";
      if (read) s.reads("oxygen-1", Milli{20'900}, "room-1");
      s.wait(read ? seconds(1) : seconds(priority == Priority::p1 ? 4 : 20));
      EXPECT_NE(s.paged(), "");
      ASSERT_FALSE(s.last_pages().empty());
      const std::string text = s.last_pages().back().text;
      EXPECT_EQ(text.find("DO NOT ENTER: oxygen unknown") == std::string::npos, read) << text;
    }
  }
}

TEST(Restart, WallClockThatWentBackDelaysNoPageBeyondItsInterval) {
  Story s;
  s.raise(Priority::p1);
  s.paged();
  s.restart(hours(-5));
  s.wait(minutes(3));
  EXPECT_NE(s.paged(), "");
}

TEST(Restart, KeepsTheShelfAndItsEnd) {
  Story s;
  s.raise(Priority::p2);
  s.paged();
  EXPECT_EQ(s.shelve(kStoreAlarm, "2h"), "done");
  s.restart(minutes(30));
  check(s, kStoreAlarm, "p2 active-unacknowledged shelved", "");
  s.wait(minutes(89));
  check(s, kStoreAlarm, "p2 active-unacknowledged shelved", "");
  s.wait(minutes(1));
  check(s, kStoreAlarm, "p2 active-unacknowledged", "pager-1");
}

TEST(Restart, AlarmOfARuleStandsUntilAReadingSaysOtherwise) {
  Story s;
  s.reads("level", whole(60));
  s.wait(minutes(1));
  EXPECT_EQ(s.acknowledge(kLevelAlarm), "done");
  s.restart(minutes(1));
  EXPECT_EQ(s.seen(kLevelAlarm), "p1 active-acknowledged");
  s.reads("level", whole(150));
  s.wait(minutes(5));
  EXPECT_EQ(s.seen(kLevelAlarm), "p1 latched");
  s.restart();
  EXPECT_EQ(s.seen(kLevelAlarm), "p1 latched");
}

TEST(Restart, NeverGivesAnOccurrenceNumberTwice) {
  Story s;
  s.raise(Priority::p2);
  s.paged();
  const std::uint64_t before = s.last_pages()[0].occurrence;
  EXPECT_EQ(s.acknowledge(kStoreAlarm), "done");
  s.clear();
  EXPECT_EQ(s.seen(kStoreAlarm), "closed");
  s.restart();
  s.raise(Priority::p2);
  s.paged();
  EXPECT_GT(s.last_pages()[0].occurrence, before);
}

// People are told before the disk is: what they were told and the disk never got must not vanish
// from their screens and wait for its delay again.
TEST(Restart, AlarmThatOnlyTheBrokerStillKnowsStandsAgainAtOnce) {
  Story s;
  const auto durable = s.rows();
  s.reads("level", whole(60));
  s.wait(minutes(1));
  const Json shown = s.board().render(AlarmId(std::string(kLevelAlarm)));
  ASSERT_EQ(s.seen(kLevelAlarm), "p1 active-unacknowledged");
  s.paged();
  s.die_untold(durable);
  check(s, kLevelAlarm, "closed", "");
  s.remembers(kLevelAlarm, shown);
  check(s, kLevelAlarm, "p1 active-unacknowledged", "pager-1");
  EXPECT_EQ(s.board().render(AlarmId(std::string(kLevelAlarm)))["occurrence"], shown["occurrence"]);
  s.reads("level", whole(150));
  s.wait(minutes(5));
  EXPECT_EQ(s.seen(kLevelAlarm), "p1 cleared-unacknowledged");
}

TEST(Restart, AlarmThatTheRecordKnowsToBeOverIsNotBroughtBackByAnOldBroker) {
  Story s;
  s.reads("level", whole(60));
  s.wait(minutes(1));
  const Json shown = s.board().render(AlarmId(std::string(kLevelAlarm)));
  EXPECT_EQ(s.acknowledge(kLevelAlarm), "done");
  s.reads("level", whole(150));
  s.wait(minutes(5));
  EXPECT_EQ(s.acknowledge(kLevelAlarm), "done");
  ASSERT_EQ(s.seen(kLevelAlarm), "closed");
  s.remembers(kLevelAlarm, shown);
  EXPECT_EQ(s.seen(kLevelAlarm), "closed");
  s.restart();
  s.remembers(kLevelAlarm, shown);
  EXPECT_EQ(s.seen(kLevelAlarm), "closed");
}

TEST(Restart, OnlyWhatARuleJudgesAndTheBrokerShowsActiveIsBroughtBack) {
  Story s;
  Json shown = Json::object().set("active", true).set("occurrence", 1).set("priority", "p2");
  s.remembers("store.commit-failed", shown);
  EXPECT_EQ(s.seen(kStoreAlarm), "closed");
  s.remembers(kLevelAlarm, Json(shown).set("active", false));
  s.remembers(kLevelAlarm, Json(shown).set("occurrence", 0));
  s.remembers(kLevelAlarm, Json(shown).set("occurrence", std::int64_t{1} << 60));
  EXPECT_FALSE(s.remembers(kLevelAlarm, Json("active")));
  EXPECT_FALSE(s.remembers(kLevelAlarm, Json(shown).set("occurrence", "1")));
  EXPECT_FALSE(s.remembers(kLevelAlarm, Json(shown).set("active", "true")));
  EXPECT_EQ(s.seen(kLevelAlarm), "closed");
  // A priority that nobody knows is no mild one: what it stood for is not guessed.
  EXPECT_FALSE(s.remembers(kLevelAlarm, Json(shown).set("priority", "p9")));
  EXPECT_FALSE(s.remembers(kLevelAlarm, Json(shown).set("priority", "")));
  EXPECT_EQ(s.seen(kLevelAlarm), "closed");
  EXPECT_TRUE(s.remembers(kLevelAlarm, Json(shown).set("priority", "p1")));
  EXPECT_EQ(s.seen(kLevelAlarm), "p1 active-unacknowledged");
}

TEST(Restart, AlarmWhoseDeviceLeftTheSiteIsCleared) {
  Story s;
  s.reads("level", whole(60));
  s.wait(minutes(1));
  EXPECT_EQ(s.acknowledge(kLevelAlarm), "done");
  config::SiteConfig site = story_site();
  site.devices.erase(site.devices.begin());
  s.set_site(site);
  s.restart();
  EXPECT_EQ(s.seen(kLevelAlarm), "p1 latched");
}

// Whatever happens, a board made from the rows shows the same as the one that wrote them.
TEST(Restart, RowsHoldEverythingThatIsShown) {
  Story s;
  s.reads("level", whole(100));
  s.reads("oxygen-1", whole(15), "room-1");
  s.raise(Priority::p2, "one");
  s.raise(Priority::p1, "two");
  s.wait(minutes(2));
  EXPECT_EQ(s.shelve("store.one", "1h"), "done");
  EXPECT_EQ(s.acknowledge("store.two", "remote-fix"), "done");
  s.command("alarm/comment", Json::object().set("alarm", kLevelAlarm).set("text", "seen"));
  // Except whether it was judged since. The room's air is in no row: it is read anew.
  const auto shown_of = [&](const AlarmId& id) {
    Json shown = s.board().render(id);
    shown.members().erase("activity");
    return shown.dump();
  };
  std::map<std::string, std::string> before;
  for (const AlarmId& id : s.board().open_alarms()) before[id.str()] = shown_of(id);
  EXPECT_EQ(before.size(), 4u);
  s.restart();
  s.reads("oxygen-1", whole(15), "room-1");
  for (const auto& [id, shown] : before) EXPECT_EQ(shown_of(AlarmId(id)), shown);
}

TEST(Rows, RefuseWhatNoBoardWrote) {
  const config::SiteConfig site = story_site();
  Board board(site);
  EXPECT_FALSE(board.load_row("r/alarm/x.y", "no json"));
  EXPECT_FALSE(board.load_row("r/alarm/x.y", "{}"));
  EXPECT_FALSE(board.load_row("r/alarm/~next", "0"));
  EXPECT_FALSE(board.load_row("r/alarm/~other", "1"));
  EXPECT_FALSE(board.load_row("r/course/x", "{}"));
  EXPECT_TRUE(board.load_row("r/alarm/~next", "12"));
}

// After a restart nothing was read yet, and "good" is not what was read.
TEST(Restart, AProbeThatCouldNotBeTrustedIsNotCalledGood) {
  Story s;
  s.reads_badly("temperature-top", Quality::out_of_range);
  s.wait(hours(2));
  const AlarmId alarm("freezer-1.temperature-top-unusable");
  ASSERT_EQ(s.board().render(alarm).string_or("text", ""),
            "top temperature cannot be trusted: out-of-range");
  s.restart(minutes(1));
  EXPECT_EQ(s.board().render(alarm).string_or("text", ""), "top temperature could not be trusted");
}

}  // namespace
}  // namespace cryobank::alarms
