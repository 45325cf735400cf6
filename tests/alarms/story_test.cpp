// Stories of alarms, one line per step: what happens, then what is seen and who is paged.
#include "tests/alarms/board_story.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::string_view kLevel = "freezer-1.level-low";
constexpr std::string_view kTop = "freezer-1.temperature-top-high";

TEST(Story, LevelFallsIsAcknowledgedRecoversAndCloses) {
  Story s;
  s.reads("level", whole(150));
  check(s, kLevel, "closed", "");
  s.reads("level", whole(100));
  check(s, kLevel, "closed", "");  // the on-delay runs
  s.wait(seconds(59));
  check(s, kLevel, "closed", "");
  s.wait(seconds(1));
  check(s, kLevel, "p2 active-unacknowledged", "pager-1");
  s.wait(minutes(15));
  check(s, kLevel, "p2 active-unacknowledged", "pager-1");  // it repeats
  EXPECT_EQ(s.acknowledge(kLevel), "done");
  check(s, kLevel, "p2 active-acknowledged", "");
  s.wait(hours(2));
  check(s, kLevel, "p2 active-acknowledged", "");
  s.reads("level", whole(106));
  s.wait(minutes(6));
  check(s, kLevel, "p2 active-acknowledged", "");  // within the deadband
  s.reads("level", whole(140));
  s.wait(minutes(5));
  check(s, kLevel, "closed", "");
  EXPECT_TRUE(s.rows().count("r/alarm/freezer-1.level-low") == 0);
}

TEST(Story, ValueThatComesBackWithinTheDelayPagesNobody) {
  Story s;
  s.reads("level", whole(100));
  s.wait(seconds(50));
  s.reads("level", whole(103));
  s.wait(minutes(10));
  check(s, kLevel, "closed", "");
}

TEST(Story, FortyCrossingsAnHourAreOneAlarm) {
  Story s;
  s.reads("level", whole(100));
  s.wait(minutes(2));
  EXPECT_EQ(s.acknowledge(kLevel), "done");
  s.paged();
  for (int crossing = 0; crossing < 40; ++crossing) {
    s.reads("level", whole(crossing % 2 == 0 ? 120 : 100));
    s.wait(seconds(90));
  }
  check(s, kLevel, "p2 active-acknowledged", "");
}

// The off-delay of the milder limit begins when that limit is left, not when the worse one was.
TEST(Story, ValueThatEasesSlowlyClearsOnlyAfterTheWholeOffDelayOfTheMildestLimit) {
  Story s;
  s.reads("level", whole(60));
  s.wait(minutes(1));
  check(s, kLevel, "p1 active-unacknowledged", "pager-1");
  EXPECT_EQ(s.acknowledge(kLevel), "done");
  s.reads("level", whole(90));
  s.wait(minutes(5) - seconds(1));
  s.reads("level", whole(140));
  s.wait(seconds(2));
  check(s, kLevel, "p1 active-acknowledged", "");
  s.wait(minutes(5) - seconds(2));
  check(s, kLevel, "p1 active-acknowledged", "");
  s.wait(seconds(2));
  check(s, kLevel, "p1 latched", "");
}

TEST(Story, RisingSeverityTakesTheAcknowledgementBack) {
  Story s;
  s.reads("level", whole(100));
  s.wait(minutes(1));
  EXPECT_EQ(s.acknowledge(kLevel), "done");
  check(s, kLevel, "p2 active-acknowledged", "pager-1");
  s.reads("level", whole(70));
  s.wait(minutes(1));
  check(s, kLevel, "p1 active-unacknowledged", "pager-1");
}

TEST(Story, NobodyAnswersSoEveryTierIsPagedInTheEnd) {
  Story s;
  s.reads("temperature-top", whole(-130));
  check(s, kTop, "p1 active-unacknowledged", "pager-1");  // far out: no delay
  s.wait(minutes(3));
  check(s, kTop, "p1 active-unacknowledged", "pager-1");
  s.wait(minutes(2));
  check(s, kTop, "p1 active-unacknowledged", "pager-1 pager-2");
  s.wait(minutes(5));
  check(s, kTop, "p1 active-unacknowledged", "pager-1 pager-2 pager-1 pager-2 pager-3");
  s.wait(minutes(3));
  check(s, kTop, "p1 active-unacknowledged", "pager-1 pager-2 pager-3");
  s.wait(hours(1));
  EXPECT_EQ(s.seen(kTop), "p1 active-unacknowledged");
  EXPECT_EQ(s.paged().size(), 20 * std::string("pager-1 pager-2 pager-3 ").size() - 1);
}

TEST(Story, AcknowledgementWithoutEffectIsOverturned) {
  Story s;
  s.reads("temperature-top", whole(-130));
  s.paged();
  EXPECT_EQ(s.acknowledge(kTop, "false"), "done");
  s.wait(minutes(15));
  check(s, kTop, "p1 active-unacknowledged", "pager-1");
}

TEST(Story, AcknowledgementThatHelpsIsLeftAlone) {
  Story s;
  s.reads("temperature-top", whole(-130));
  s.paged();
  EXPECT_EQ(s.acknowledge(kTop), "done");
  s.reads("temperature-top", whole(-134));
  s.wait(minutes(15));
  check(s, kTop, "p1 active-acknowledged", "");
  s.wait(minutes(15));  // no better than at the last look
  check(s, kTop, "p1 active-unacknowledged", "pager-1");
}

TEST(Story, P1LatchesUntilAPersonConfirmsTheReturn) {
  Story s;
  s.reads("temperature-top", whole(-130));
  EXPECT_EQ(s.acknowledge(kTop), "done");
  s.paged();
  s.reads("temperature-top", whole(-180));
  s.wait(minutes(10));
  check(s, kTop, "p1 latched", "");
  s.wait(hours(3));
  check(s, kTop, "p1 latched", "");  // quiet, and still on the list
  EXPECT_EQ(s.acknowledge(kTop, "handed-over"), "done");
  check(s, kTop, "closed", "");
}

// It went on at the rate of what stands, over all tiers, only to be confirmed.
TEST(Story, P1ThatWentAwayUnseenIsToldOnceAsOverAndThenStandsInTheList) {
  Story s;
  s.reads("temperature-top", whole(-130));
  s.wait(minutes(6) + seconds(30));
  s.reads("temperature-top", whole(-180));
  s.wait(minutes(10) - seconds(1));
  EXPECT_EQ(s.seen(kTop), "p1 active-unacknowledged") << "it eases";
  s.wait(seconds(1));
  EXPECT_EQ(s.seen(kTop), "p1 cleared-unacknowledged");
  s.paged();
  EXPECT_EQ(s.ledger().status(s.now())["urgent"], Json(0)) << "no page of it is missed";
  s.wait(minutes(3));
  check(s, kTop, "p1 cleared-unacknowledged", "pager-1 pager-2 pager-3");
  const std::string text = s.last_pages()[0].text;
  EXPECT_TRUE(text.starts_with("P2 freezer-1 back to normal, was: top temperature")) << text;
  EXPECT_NE(text.find(" confirm ack "), std::string::npos) << text;
  s.others();
  s.wait(hours(24));
  check(s, kTop, "p1 cleared-unacknowledged", "");
  int lists = 0;
  for (const Page& page : s.others()) {
    if (page.kind != PageKind::standing) continue;
    ++lists;
    EXPECT_EQ(page.text, "P2 STANDING, 1 over, to confirm: freezer-1.temperature-top-high");
  }
  EXPECT_EQ(lists, 4) << "08:00 and 20:00, two tiers";
  EXPECT_EQ(s.acknowledge(kTop, "false"), "done");
  check(s, kTop, "closed", "");
  s.wait(hours(24));
  check(s, kTop, "closed", "");
}

TEST(Story, WhatIsOverCallsNoFurtherTier) {
  Story s;
  s.raise(Priority::p1);
  s.wait(minutes(4));
  s.clear();
  s.paged();
  s.wait(hours(2));
  check(s, "store.commit-failed", "p1 cleared-unacknowledged", "pager-1");
  EXPECT_EQ(s.ledger().face(AlarmId("store.commit-failed"))["standing"], Json(true));
}

// The dose was harvested and given; half an hour later the second tier was called for it.
TEST(Story, P2ThatIsOverIsNotPagedAgainNorClimbs) {
  Story s;
  s.raise(Priority::p2);
  s.wait(minutes(10));
  s.clear();
  s.paged();
  s.wait(minutes(5));
  check(s, "store.commit-failed", "p2 cleared-unacknowledged", "pager-1");
  s.restart(minutes(1));
  s.wait(hours(3));
  check(s, "store.commit-failed", "p2 cleared-unacknowledged", "");
}

// True again before anybody read that it was over: the tiers keep their times.
TEST(Story, ChatterSetsNoTierBack) {
  Story s;
  s.raise(Priority::p1);
  s.wait(minutes(4));
  s.clear();
  s.wait(seconds(90));  // the second tier was due after five minutes
  EXPECT_EQ(s.paged(), "pager-1 pager-1");
  s.raise(Priority::p1);
  s.wait(Duration{});
  EXPECT_EQ(s.paged(), "pager-1 pager-2");
}

// And over a restart: what was over meanwhile makes no tier late.
TEST(Story, ChatterOverARestartJumpsNoTier) {
  Story s;
  s.raise(Priority::p1);
  s.wait(minutes(4));
  s.clear();
  s.wait(seconds(30));
  s.restart(minutes(20));
  s.wait(seconds(1));
  s.paged();
  s.raise(Priority::p1);
  s.wait(Duration{});
  const std::string called = s.paged();
  EXPECT_NE(called.find("pager-2"), std::string::npos) << "it was due";
  s.wait(minutes(4));
  EXPECT_EQ(s.paged().find("pager-3"), std::string::npos) << "its own time is not over";
  s.wait(minutes(1) + seconds(1));
  EXPECT_NE(s.paged().find("pager-3"), std::string::npos);
}

TEST(Story, WhatIsTrueAgainAfterItWasToldAsOverIsPagedAtOnce) {
  Story s;
  s.raise(Priority::p1);
  s.wait(minutes(6));
  s.clear();
  s.wait(minutes(4));
  s.paged();
  EXPECT_NE(s.last_pages().back().text.find("back to normal"), std::string::npos);
  s.raise(Priority::p1);
  check(s, "store.commit-failed", "p1 active-unacknowledged", "pager-1 pager-2");
  const std::string code = s.last_pages().front().ack_code;
  s.clear();
  s.wait(hours(24));  // the shift was told
  s.paged();
  s.raise(Priority::p1);
  check(s, "store.commit-failed", "p1 active-unacknowledged", "pager-1");
  EXPECT_EQ(s.last_pages().front().ack_code, code) << "what they were sent still takes it";
  s.wait(minutes(5));
  EXPECT_EQ(s.paged(), "pager-1 pager-1 pager-2");
}

// A P1 is over and a P2 of its cause stands: it goes on as a P2, with the same code.
TEST(Story, WhatIsLeftOfACauseIsPagedAsUrgentlyAsItIs) {
  Story s;
  s.tells("freezer-1", "level-falling-fast", 1);
  s.tells("freezer-1", "evaporation-doubled", 1);
  s.wait(minutes(1));
  s.paged();
  const std::string code = s.last_pages().front().ack_code;
  s.tells("freezer-1", "level-falling-fast", 0);
  s.wait(minutes(10));
  EXPECT_EQ(s.seen("freezer-1.level-falling-fast"), "p1 cleared-unacknowledged");
  s.paged();
  s.wait(minutes(3));
  s.paged();
  ASSERT_FALSE(s.last_pages().empty());
  EXPECT_TRUE(s.last_pages().back().text.starts_with("P2 freezer-1 seen"))
      << s.last_pages().back().text;
  EXPECT_EQ(s.last_pages().back().ack_code, code);
  s.wait(minutes(13));
  EXPECT_EQ(s.paged(), "") << "at the rate of a P2";
  s.wait(minutes(2));
  EXPECT_NE(s.paged(), "");
  s.wait(hours(3));
  s.paged();
  s.wait(hours(3));
  EXPECT_EQ(s.paged(), "") << "and in the list after its rounds";
}

// Two alarms of a cause are over; a new one of it takes them along: one cause, one code.
TEST(Story, WhatIsOverRidesWithWhatComesNew) {
  Story s;
  s.tells("freezer-1", "level-falling-fast", 1);
  s.wait(minutes(1));
  s.tells("freezer-1", "level-falling-fast", 0);
  s.wait(minutes(14));
  s.paged();
  s.tells("freezer-1", "evaporation-doubled", 1);
  check(s, "freezer-1.evaporation-doubled", "p2 active-unacknowledged", "pager-1");
  const Page page = s.last_pages().front();
  EXPECT_EQ(s.ledger().face(AlarmId("freezer-1.level-falling-fast"))["with"],
            Json("freezer-1.evaporation-doubled"));
  s.tells("freezer-1", "level-falling-fast", 1);
  check(s, "freezer-1.level-falling-fast", "p1 active-unacknowledged", "pager-1 pager-2 pager-3");
  EXPECT_NE(s.last_pages().front().ack_code, page.ack_code) << "a worse one has its own";
}

TEST(Story, SilentDeviceIsAnAlarmAtOnceAndP1AfterAQuarterOfAnHour) {
  constexpr std::string_view kLost = "freezer-1.comm-lost";
  Story s;
  s.device_is(DeviceState::stale);
  check(s, kLost, "closed", "");
  s.device_is(DeviceState::lost);
  check(s, kLost, "p2 active-unacknowledged", "pager-1");
  EXPECT_EQ(s.acknowledge(kLost), "done");
  s.wait(minutes(15));
  check(s, kLost, "p1 active-unacknowledged", "pager-1");
  s.device_is(DeviceState::online);
  s.wait(seconds(10));
  EXPECT_EQ(s.seen(kLost), "p1 cleared-unacknowledged");
}

// A controller that is busy for ever, or a printer that no longer prints its level: the device is
// there and says nothing of it.
TEST(Story, ValueThatGoesStaleOnALivingDeviceIsAnAlarm) {
  constexpr std::string_view kUnusable = "freezer-1.temperature-top-unusable";
  Story s;
  s.reads("temperature-top", whole(-180));
  s.reads_badly("temperature-top", Quality::stale);
  s.wait(seconds(59));
  check(s, kUnusable, "closed", "");
  s.wait(seconds(2));
  check(s, kUnusable, "p2 active-unacknowledged", "pager-1");
  s.reads("temperature-top", whole(-180));
  s.wait(seconds(60));
  EXPECT_EQ(s.seen(kUnusable), "p2 cleared-unacknowledged");
}

TEST(Story, SilentRobotStaysAP2) {
  Story s;
  s.device_is(DeviceState::lost, "robot-1");
  s.wait(hours(1));
  EXPECT_EQ(s.seen("robot-1.comm-lost"), "p2 active-unacknowledged");
}

// Unknown is not normal: no alarm clears on what nobody measured.
TEST(Story, AlarmDoesNotClearWhileTheDeviceIsSilent) {
  Story s;
  s.reads("level", whole(90));
  s.wait(minutes(1));
  EXPECT_EQ(s.acknowledge(kLevel), "done");
  s.reads("level", whole(150));
  s.wait(minutes(4));
  s.device_is(DeviceState::lost);
  s.wait(hours(1));
  EXPECT_EQ(s.seen(kLevel), "p2 active-acknowledged");
  s.device_is(DeviceState::online);
  s.reads("level", whole(150));
  s.wait(minutes(5));
  EXPECT_EQ(s.seen(kLevel), "closed");
}

TEST(Story, BrokenSensorIsAnAlarmAndNeverClearsAnother) {
  Story s;
  s.reads("temperature-top", whole(-130));
  s.reads_badly("temperature-top", Quality::sensor_broken);
  s.wait(hours(1));
  EXPECT_EQ(s.seen(kTop), "p1 active-unacknowledged");
  EXPECT_EQ(s.seen("freezer-1.temperature-top-unusable"), "p2 active-unacknowledged");
}

TEST(Story, FrozenProbeIsAnAlarm) {
  Story s;
  s.reads_badly("temperature-top", Quality::frozen);
  s.wait(minutes(1));
  check(s, "freezer-1.temperature-top-unusable", "p2 active-unacknowledged", "pager-1");
}

TEST(Story, LidOfThreeMinutesIsNothingAndOfTenIsAPage) {
  constexpr std::string_view kLid = "freezer-1.lid-open";
  Story s;
  s.reads("lid", whole(1));
  s.wait(minutes(3));
  s.reads("lid", Milli{});
  s.wait(minutes(10));
  check(s, kLid, "closed", "");
  s.reads("lid", whole(1));
  s.wait(minutes(5));
  check(s, kLid, "p3 active-unacknowledged", "");  // shown, nobody is woken
  s.wait(minutes(5));
  check(s, kLid, "p2 active-unacknowledged", "pager-1");
}

TEST(Story, OxygenPagesSayDoNotEnterAndRiseWhenItGetsWorse) {
  constexpr std::string_view kOxygen = "room-1.oxygen-2-low";
  Story s;
  s.reads("oxygen-2", Milli{19'400}, "room-1");
  s.wait(seconds(3));
  check(s, kOxygen, "p1 active-unacknowledged", "pager-1");
  EXPECT_EQ(s.last_pages()[0].text.substr(0, 51),
            "P1 room-1 DO NOT ENTER: oxygen 19.4 % (limit 19.5) ");
  EXPECT_EQ(s.last_pages()[0].text.find("GO ack"), std::string::npos);
  EXPECT_EQ(s.acknowledge(kOxygen), "done");
  s.reads("oxygen-2", Milli{17'900}, "room-1");
  check(s, kOxygen, "p1 active-unacknowledged", "pager-1");
  EXPECT_EQ(s.shelve(kOxygen, "1h"), "conflict");
}

TEST(Story, ClosedInletIsAP1OfItsOwn) {
  Story s;
  s.reads("inlet-closed", whole(1), "room-1");
  check(s, "room-1.ln2-inhibited", "p1 active-unacknowledged", "pager-1");
  s.reads("pressure", whole(500), "supply-1");
  s.wait(seconds(10));
  check(s, "supply-1.pressure-low", "p1 active-unacknowledged", "pager-1");
}

TEST(Story, ToldConditionRisesFallsAndClears) {
  constexpr std::string_view kStore = "store.commit-failed";
  Story s;
  s.raise(Priority::p3);
  check(s, kStore, "p3 active-unacknowledged", "");
  s.raise(Priority::p2);
  check(s, kStore, "p2 active-unacknowledged", "pager-1");
  EXPECT_EQ(s.acknowledge(kStore), "done");
  s.raise(Priority::p3);
  check(s, kStore, "p2 active-acknowledged", "");  // shown at its worst until it closes
  s.raise(Priority::p1);
  check(s, kStore, "p1 active-unacknowledged", "pager-1");
  EXPECT_EQ(s.acknowledge(kStore), "done");
  s.clear();
  check(s, kStore, "p1 latched", "");
  EXPECT_EQ(s.acknowledge(kStore), "done");
  check(s, kStore, "closed", "");
  EXPECT_EQ(s.acknowledge(kStore), "not-found");
}

TEST(Story, SameConditionToldAgainChangesNothing) {
  Story s;
  s.raise(Priority::p2);
  s.paged();
  const std::size_t facts = s.facts().size();
  s.raise(Priority::p2);
  EXPECT_EQ(s.facts().size(), facts);
  check(s, "store.commit-failed", "p2 active-unacknowledged", "");
}

// Every activation has a number of its own, and no number is used twice.
TEST(Story, EachOccurrenceHasItsOwnNumberAndKeepsTheCodeThatWasSent) {
  Story s;
  s.raise(Priority::p2);
  s.paged();
  const Page first = s.last_pages()[0];
  s.clear();
  s.raise(Priority::p2);
  s.wait(minutes(15));
  s.paged();
  const Page second = s.last_pages()[0];
  EXPECT_GT(second.occurrence, first.occurrence);
  EXPECT_NE(second.id, first.id);
  EXPECT_EQ(second.ack_code, first.ack_code);  // nobody has to look for the newest page
}

TEST(Story, ConditionOfARuleIsJudgedByTheRuleOnly) {
  Story s;
  Condition told;
  told.source = "freezer-1";
  told.condition = "fill-disabled";
  told.priority = Priority::p1;
  s.board().raise(s.now(), told, s.out());
  EXPECT_EQ(s.seen("freezer-1.fill-disabled"), "closed");
  s.reads("fill-disabled", whole(1));
  s.wait(minutes(1));
  EXPECT_EQ(s.seen("freezer-1.fill-disabled"), "p2 active-unacknowledged");
}

// A device model concludes; the catalogue says how urgent that is and whether a rule has it
// already.
TEST(Story, ConclusionsOfDevicesAreJudgedByTheCatalogue) {
  struct Case {
    std::string_view device;
    std::string_view condition;
    std::string_view seen;
  };
  for (const Case& each :
       {Case{"freezer-1", "level-falling-fast", "p1 active-unacknowledged"},
        Case{"freezer-1", "temperature-unusual", "p3 active-unacknowledged"},
        Case{"freezer-1", "something-new", "p2 active-unacknowledged"},
        Case{"freezer-1", "fill-disabled", "closed"}, Case{"supply-1", "supply-empty", "closed"},
        Case{"room-1", "oxygen-critical", "closed"},
        Case{"room-1", "oxygen-falling", "p1 active-unacknowledged"}}) {
    Story s;
    Condition told;
    told.source = std::string(each.device);
    told.device = DeviceId(std::string(each.device));
    told.condition = std::string(each.condition);
    told.text = "seen";
    s.board().raise(s.now(), told, s.out());
    EXPECT_EQ(s.seen(cat(each.device, ".", each.condition)), each.seen) << each.condition;
  }
}

TEST(Story, AlarmsWithoutEndAreToldAsOne) {
  const config::SiteConfig site = story_site();
  Board board(site);
  BoardOutputs out;
  const Now now{Instant{}, WallTime{1'795'500'000'000}};
  for (int i = 0; i < 11'000; ++i) {
    Condition told;
    told.source = cat("job-", i);
    told.condition = "job-failed";
    told.priority = Priority::p3;
    board.raise(now, told, out);
    out.clear();
  }
  EXPECT_LE(board.open_alarms().size(), 10'001u);
  EXPECT_EQ(board.render(AlarmId("service.alarms-full"))["priority"], Json("p1"));
}

TEST(Story, SummaryCountsAndNamesTheOldest) {
  Story s;
  EXPECT_EQ(s.board().summary(s.now())["highest"], Json());
  s.raise(Priority::p2, "first");
  s.wait(minutes(1));
  s.raise(Priority::p1, "second");
  s.raise(Priority::p2, "third");
  EXPECT_EQ(s.acknowledge("store.third"), "done");
  const Json summary = s.board().summary(s.now());
  EXPECT_EQ(summary["highest"], Json("p1"));
  EXPECT_EQ(summary["counts"]["p1"]["active-unacknowledged"], Json(1));
  EXPECT_EQ(summary["counts"]["p2"]["active-unacknowledged"], Json(1));
  EXPECT_EQ(summary["counts"]["p2"]["active-acknowledged"], Json(1));
  EXPECT_EQ(summary["oldest_unacknowledged"]["alarm"], Json("store.first"));
  EXPECT_EQ(summary["oldest_unacknowledged"]["age_s"], Json(60));
}

}  // namespace
}  // namespace cryobank::alarms
