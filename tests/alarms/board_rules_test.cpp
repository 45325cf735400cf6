// What the catalogue makes of signals: counts, values that come seldom, delays over a restart,
// causes, time to loss, silence with limits, rooms that decide what a page says.
#include "tests/alarms/board_story.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::string_view kLowLevel = "freezer-1.level-low";
constexpr std::string_view kTopHigh = "freezer-1.temperature-top-high";

std::string page_of(Story& s, std::string_view alarm) {
  return s.board().page_text(s.now(), AlarmId(std::string(alarm)), {"4471", 1, 1, "", 0});
}

TEST(Values, WarmthThatASlowProbeSaidOnceWaitsForItsSecondWord) {
  Story s;
  s.reads("temperature-top", whole(-158));
  s.wait(hours(2));
  EXPECT_EQ(s.seen(kTopHigh), "closed");
  s.reads("temperature-top", whole(-158));
  EXPECT_EQ(s.seen(kTopHigh), "p2 active-unacknowledged");
}

TEST(Values, WarmthBeyondTheCriticalLimitIsToldByItsFirstWord) {
  Story s;
  s.reads("temperature-top", whole(-149));
  s.wait(minutes(2));
  EXPECT_EQ(s.seen(kTopHigh), "p1 active-unacknowledged");
}

TEST(Values, CountOfShortPassingsIsAnAlarmAsWell) {
  config::SiteConfig site = story_site();
  config::AlarmOverride often;
  often.condition = "level-low";
  often.device = "freezer-1";
  often.count = 3;
  often.count_in = minutes(10);
  site.alarms.push_back(often);
  Story s(site);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(s.seen(kLowLevel), "closed");
    s.reads("level", whole(100));
    s.wait(seconds(20));
    s.reads("level", whole(140));
    s.wait(seconds(20));
  }
  EXPECT_EQ(s.seen(kLowLevel), "p2 active-unacknowledged");
}

TEST(Values, SiteOverridesDelayAndLimitOfOneDevice) {
  config::SiteConfig site = story_site();
  config::AlarmOverride own;
  own.condition = "level-low";
  own.device = "freezer-1";
  own.stages = {{config::AlarmPriority::p1, whole(120), "", minutes(5), 1}};
  site.alarms.push_back(own);
  Story s(site);
  s.reads("level", whole(119));
  s.wait(minutes(5) - seconds(1));
  EXPECT_EQ(s.seen(kLowLevel), "closed");
  s.wait(seconds(1));
  EXPECT_EQ(s.seen(kLowLevel), "p1 active-unacknowledged");
}

// What a model's table says holds for its machines, but for what a machine's own one replaces.
TEST(Values, SiteOverridesAModelAndADevicesOwnTableWins) {
  config::SiteConfig site = story_site();
  site.devices.front().profile = ProfileId("model-1");
  config::AlarmOverride model;
  model.condition = "level-low";
  model.profile = "model-1";
  model.stages = {{config::AlarmPriority::p2, whole(120), "", minutes(5), 1}};
  model.deadband = whole(9);
  site.alarms.push_back(model);
  Story all(site);
  all.reads("level", whole(119));
  all.wait(minutes(5));
  EXPECT_EQ(all.seen(kLowLevel), "p2 active-unacknowledged");
  config::AlarmOverride own;
  own.condition = "level-low";
  own.device = "freezer-1";
  own.stages = {{config::AlarmPriority::p1, whole(119), "", minutes(1), 1}};
  site.alarms.insert(site.alarms.begin(), own);  // whatever their order
  Story one(site);
  one.reads("level", whole(118));
  one.wait(minutes(1));
  EXPECT_EQ(one.seen(kLowLevel), "p1 active-unacknowledged");
  one.reads("level", whole(127));
  one.wait(minutes(10));
  EXPECT_EQ(one.seen(kLowLevel), "p1 active-unacknowledged") << "the model's deadband holds it";
  one.reads("level", whole(129));
  one.wait(minutes(5));
  EXPECT_EQ(one.seen(kLowLevel), "p1 cleared-unacknowledged");
}

TEST(Settings, ChangedDelayIsJournaledWithOldNewWhoAndWhy) {
  Story s;
  config::SiteConfig site = story_site();
  config::AlarmOverride own;
  own.condition = "level-low";
  own.device = "freezer-1";
  own.deadband = whole(9);
  own.by = "q1";
  own.reason = "its sensor sways";
  site.alarms.push_back(own);
  s.set_site(site);
  s.restart();
  const auto told = std::find_if(s.facts().begin(), s.facts().end(), [](const Fact& fact) {
    return fact.type == fact::kAlarmSettingChanged;
  });
  ASSERT_NE(told, s.facts().end());
  EXPECT_EQ(told->data["by"], Json("q1"));
  EXPECT_EQ(told->data["reason"], Json("its sensor sways"));
  EXPECT_NE(told->data.string_or("old", "").find("deadband 5;"), std::string::npos);
  EXPECT_NE(told->data.string_or("new", "").find("deadband 9;"), std::string::npos);
}

// Killed every 40 s with a delay of 60 s: the delay goes on, it does not begin anew.
TEST(Restart, DelayThatRanBeforeItGoesOn) {
  Story s;
  s.reads("level", whole(60));
  s.wait(seconds(40));
  EXPECT_EQ(s.seen(kLowLevel), "closed");
  s.restart(seconds(5));
  s.reads("level", whole(60));
  s.wait(seconds(15));
  EXPECT_EQ(s.seen(kLowLevel), "p1 active-unacknowledged");
}

TEST(Restart, StandingAlarmIsUnknownUntilItIsJudgedAgain) {
  Story s;
  s.reads("level", whole(60));
  s.wait(minutes(1));
  s.restart(seconds(10));
  const AlarmId id{std::string(kLowLevel)};
  EXPECT_EQ(s.board().render(id)["activity"], Json("unknown"));
  s.reads("level", whole(59));
  EXPECT_EQ(s.board().render(id)["activity"], Json("active"));
}

TEST(Restart, OccurrencesHoldTheEpochAndNeverRepeat) {
  Story s;
  s.raise(Priority::p2);
  const auto number = [&] {
    return s.board().render(AlarmId("store.commit-failed"))["occurrence"].integer();
  };
  const std::int64_t first = number();
  s.die_untold({});  // the record was restored from before: nothing of it is known
  s.raise(Priority::p2);
  EXPECT_GT(number(), first);
}

TEST(Text, FitsTheValueAndTheLimitThatItPassesNow) {
  Story s;
  s.reads("oxygen-1", Milli{17'000}, "room-1");
  s.reads("oxygen-1", Milli{20'830}, "room-1");
  const std::string text = s.board().render(AlarmId("room-1.oxygen-1-low")).string_or("text", "");
  EXPECT_EQ(text, "oxygen 20.83 % (back within 19.5)");
}

// One leak: the interlock speaks first, the sensors seconds later; one cause, and never GO.
TEST(Room, LeakIsOneCauseAndItsFirstPageSendsNobodyIn) {
  Story s;
  s.reads("oxygen-1", Milli{20'900}, "room-1");
  s.reads("inlet-closed", whole(1), "room-1");
  const std::string first = page_of(s, "room-1.ln2-inhibited");
  EXPECT_NE(first.find("DO NOT ENTER"), std::string::npos) << first;
  EXPECT_EQ(first.find(" GO"), std::string::npos) << first;
  s.wait(seconds(15));
  s.reads("oxygen-1", Milli{19'000}, "room-1");
  s.reads("oxygen-2", Milli{18'500}, "room-1");
  s.wait(seconds(3));
  EXPECT_EQ(s.board().render(AlarmId("room-1.oxygen-1-low"))["cause"],
            s.board().render(AlarmId("room-1.ln2-inhibited"))["cause"]);
  EXPECT_EQ(s.board().render(AlarmId("room-1.oxygen-2-low"))["cause"], Json("cold-room.gas"));
}

TEST(Room, EveryPageOfARoomLowInOxygenKeepsPeopleOut) {
  Story s;
  s.reads("level", whole(60));
  s.reads("oxygen-1", Milli{11'000}, "room-1");
  s.wait(minutes(1));
  for (const AlarmId& id : s.board().open_alarms()) {
    const std::string page = page_of(s, id.str());
    EXPECT_NE(page.find("DO NOT ENTER"), std::string::npos) << page;
    EXPECT_EQ(page.find(" GO"), std::string::npos) << page;
  }
  s.reads_badly("oxygen-1", Quality::sensor_broken, "room-1");
  EXPECT_NE(page_of(s, kLowLevel).find("DO NOT ENTER: oxygen unknown"), std::string::npos);
}

TEST(Room, SilenceOfSecondsIsNotYetAnAlarm) {
  Story s;
  s.tells("room-1", "oxygen-unknown", 1, "no oxygen sensor gives a number");
  s.wait(seconds(4));
  EXPECT_EQ(s.seen("room-1.oxygen-unknown"), "closed");
  s.wait(seconds(56));
  EXPECT_EQ(s.seen("room-1.oxygen-unknown"), "p2 active-unacknowledged");
  s.wait(minutes(4));
  EXPECT_EQ(s.seen("room-1.oxygen-unknown"), "p1 active-unacknowledged");
}

TEST(Cause, BreachIsOneCauseHoweverManyConditionsItHas) {
  Story s;
  s.tells("freezer-1", "level-falling-fast", 1, "level fell 60 mm within 60 s");
  s.reads("level", whole(20));
  s.wait(minutes(1));
  s.reads("temperature-top", whole(-130));
  std::set<std::string> causes;
  for (const AlarmId& id : s.board().open_alarms()) {
    causes.insert(s.board().render(id).string_or("cause", ""));
  }
  EXPECT_EQ(causes, std::set<std::string>{"freezer-1.contents"});
  EXPECT_EQ(s.board().render(AlarmId("freezer-1.level-falling-fast"))["first_out"], Json(true));
}

TEST(Cause, FillsThatFailBecauseTheSupplyIsShutBelongToTheSupply) {
  Story s;
  s.reads("outlet-valve", Milli{}, "supply-1");
  s.wait(seconds(10));
  s.tells("freezer-1", "fill-missed", 1);
  EXPECT_EQ(s.board().render(AlarmId("freezer-1.fill-missed"))["cause"],
            s.board().render(AlarmId("supply-1.ln2-inhibited"))["cause"]);
}

TEST(Cause, AllDevicesOfALineThatGoDarkAreOneCause) {
  config::SiteConfig site = story_site();
  for (config::DeviceConfig& device : site.devices) device.line = LineId("bus");
  Story s(site);
  for (const char* const device : {"freezer-1", "room-1", "supply-1"})
    s.device_is(DeviceState::lost, device);
  for (const char* const device : {"freezer-1", "room-1", "supply-1"}) {
    const AlarmId id(cat(device, ".comm-lost"));
    EXPECT_EQ(s.board().render(id)["cause"], Json("line-bus.link"));
  }
}

TEST(TimeToLoss, RaisesThePriorityAndSaysByWhenToLeave) {
  Story s;
  s.lasts("freezer-1", hours(60));
  s.tells("freezer-1", "fill-missed", 1, "no fill came");
  EXPECT_EQ(s.seen("freezer-1.fill-missed"), "p2 active-unacknowledged");
  EXPECT_EQ(s.acknowledge("freezer-1.fill-missed"), "done");
  s.lasts("freezer-1", hours(11));
  EXPECT_EQ(s.seen("freezer-1.fill-missed"), "p1 active-unacknowledged");
  EXPECT_NE(page_of(s, "freezer-1.fill-missed").find("-130C in 11h00, leave by"),
            std::string::npos);
}

TEST(TimeToLoss, WhatIsNowhereElseIsMoreUrgent) {
  Story s;
  s.board().inside(s.now(), DeviceId("freezer-1"), {120, 3, 2}, s.out());
  s.lasts("freezer-1", hours(20));
  s.tells("freezer-1", "fill-missed", 1);
  EXPECT_EQ(s.seen("freezer-1.fill-missed"), "p1 active-unacknowledged");
}

TEST(Silence, IsNeverLongerThanAQuarterOfWhatIsLeft) {
  Story s;
  s.lasts("freezer-1", hours(16));
  s.tells("freezer-1", "fill-slower", 1);
  EXPECT_EQ(s.shelve("freezer-1.fill-slower", "5h"), "invalid-value");
  EXPECT_EQ(s.shelve("freezer-1.fill-slower", "4h"), "done");
}

TEST(Silence, CannotBeRenewedForEver) {
  Story s;
  s.reads("level", whole(100));
  s.wait(minutes(1));
  EXPECT_EQ(s.shelve(kLowLevel, "6h"), "done");
  s.wait(hours(5));
  EXPECT_EQ(s.shelve(kLowLevel, "4h"), "invalid-value");
  EXPECT_EQ(s.shelve(kLowLevel, "3h"), "done");
  s.wait(hours(3));
  EXPECT_EQ(s.seen(kLowLevel), "p2 active-unacknowledged");
  EXPECT_EQ(s.shelve(kLowLevel, "10min"), "invalid-value");
  EXPECT_EQ(s.board().summary(s.now())["suppressed_count"], Json(0));
}

TEST(Silence, AlarmThatAnotherExplainsComesBackWhenThatIsOver) {
  constexpr std::string_view kUnusable = "freezer-1.level-unusable";
  Story s;
  s.device_is(DeviceState::lost);
  s.reads_badly("level", Quality::stale);
  s.wait(minutes(1));
  EXPECT_EQ(s.board().render(AlarmId(std::string(kUnusable)))["suppression"]["kind"],
            Json("by-design"));
  EXPECT_FALSE(s.board().summons(AlarmId(std::string(kUnusable))));
  s.device_is(DeviceState::online);
  s.wait(seconds(10));
  EXPECT_TRUE(s.board().summons(AlarmId(std::string(kUnusable))));
}

TEST(Latch, InterlockEndsOnlyByAResetWithAReason) {
  constexpr std::string_view kInhibited = "room-1.ln2-inhibited";
  Story s;
  s.reads("inlet-closed", whole(1), "room-1");
  const Json reset = Json::object().set("alarm", kInhibited).set("reason", "each freezer fills");
  EXPECT_EQ(s.shelve(kInhibited, "1h"), "conflict");
  EXPECT_EQ(s.command("alarm/reset", reset), "conflict");
  EXPECT_EQ(s.acknowledge(kInhibited), "done");
  s.reads("inlet-closed", Milli{}, "room-1");
  s.wait(minutes(1));
  EXPECT_EQ(s.seen(kInhibited), "p1 latched");
  EXPECT_EQ(s.command("alarm/reset", reset), "done");
  EXPECT_EQ(s.seen(kInhibited), "closed");
}

TEST(Latch, OutlivesOtherLimitsAndARestart) {
  Story s;
  s.reads("level", whole(60));
  s.wait(minutes(1));
  EXPECT_EQ(s.acknowledge(kLowLevel), "done");
  s.reads("level", whole(150));
  s.wait(minutes(5));
  ASSERT_EQ(s.seen(kLowLevel), "p1 latched");
  s.reload([](auto& site) { site.devices.front().limits.level_low_critical = whole(70); });
  EXPECT_EQ(s.seen(kLowLevel), "p1 latched");
  s.restart(seconds(5));
  s.wait(minutes(10));
  EXPECT_EQ(s.seen(kLowLevel), "p1 latched");
  EXPECT_EQ(s.acknowledge(kLowLevel), "done");
  EXPECT_EQ(s.seen(kLowLevel), "closed");
}

TEST(Acknowledgement, OfALostSignalTakesNothingThatStandsBeneathIt) {
  Story s;
  s.reads("level", whole(60));
  s.wait(minutes(1));
  s.device_is(DeviceState::lost);
  EXPECT_EQ(s.acknowledge("freezer-1.comm-lost"), "done");
  EXPECT_EQ(s.seen(kLowLevel), "p1 active-unacknowledged");
  s.paged();
  s.wait(minutes(6));
  EXPECT_NE(s.paged(), "") << "it goes on calling";
}

TEST(Acknowledgement, IsTakenBackByAPersonWhoErred) {
  Story s;
  s.reads("level", whole(60));
  s.wait(minutes(1));
  EXPECT_EQ(s.acknowledge(kLowLevel, "false"), "done");
  s.paged();
  EXPECT_EQ(s.command("alarm/unacknowledge",
                      Json::object().set("alarm", kLowLevel).set("reason", "wrong tank")),
            "done");
  EXPECT_EQ(s.seen(kLowLevel), "p1 active-unacknowledged");
  EXPECT_NE(s.paged(), "");
}

TEST(Maintenance, EndsByItselfAndMustBeProven) {
  constexpr std::string_view kUnproven = "room-1.maintenance-unproven";
  Story s;
  s.reads("oxygen-1", Milli{20'900}, "room-1");
  const Json body =
      Json::object().set("device", "room-1").set("for", "2h").set("reason", "fan service");
  EXPECT_EQ(s.command("alarm/maintain", Json(body).set("for", "9h")), "invalid-value");
  EXPECT_EQ(s.command("alarm/maintain", body), "done");
  s.reads("ventilation", Milli{}, "room-1");
  s.wait(seconds(30));
  EXPECT_EQ(s.seen("room-1.ventilation-off"), "p2 active-unacknowledged");
  EXPECT_NE(page_of(s, "room-1.ventilation-off").find("MAINT by anna"), std::string::npos);
  s.reads("oxygen-1", Milli{19'800}, "room-1");
  s.wait(hours(2));
  EXPECT_EQ(s.seen(kUnproven), "p1 active-unacknowledged");
  s.reads("oxygen-1", Milli{20'900}, "room-1");
  s.wait(minutes(2));
  EXPECT_EQ(s.seen(kUnproven), "p1 cleared-unacknowledged");
}

TEST(Rounds, DarkTankIsReadByHandInTime) {
  config::SiteConfig site = story_site();
  for (config::DeviceConfig& device : site.devices) {
    if (device.kind == config::DeviceKind::freezer) device.rounds["level"] = hours(4);
  }
  Story s(site);
  s.wait(hours(4) + minutes(29));
  EXPECT_EQ(s.seen("freezer-1.round-missed"), "closed");
  s.wait(minutes(2));
  EXPECT_EQ(s.seen("freezer-1.round-missed"), "p2 active-unacknowledged");
  const Json values = Json::object().set("level", 150);
  const Json entry = Json::object()
                         .set("device", "freezer-1")
                         .set("values", values)
                         .set("measured_at", format_utc(s.now().wall - minutes(5)));
  EXPECT_EQ(s.command("alarm/round", entry), "done");
  EXPECT_EQ(s.seen("freezer-1.round-missed"), "p2 cleared-unacknowledged");
  // Written down two hours after it was read: kept, and marked.
  const Json late = Json(entry).set("measured_at", format_utc(s.now().wall - hours(2)));
  const Result<Decision> marked = s.decide("alarm/round", late);
  ASSERT_TRUE(marked);
  EXPECT_EQ(marked->facts[0].data["late"], Json(true));
  for (const Duration off : {hours(1), hours(-49), hours(-24 * 365)}) {
    const Json other = Json(entry).set("measured_at", format_utc(s.now().wall + off));
    EXPECT_EQ(s.command("alarm/round", other), "invalid-value") << off.seconds();
  }
}

// A sheet of paper that is typed in hours later: no alarm of now, and not lost either.
TEST(Rounds, WarmthThatIsWrittenDownHoursLaterIsToldOnceAndCallsNobodyToTheTank) {
  constexpr std::string_view kLate = "freezer-1.excursion-found-late";
  Story s;
  s.reads("temperature-top", whole(-185));
  const Json entry = Json::object()
                         .set("device", "freezer-1")
                         .set("values", Json::object().set("temperature-top", -140))
                         .set("comment", "from the paper of the night")
                         .set("measured_at", format_utc(s.now().wall - hours(3)));
  EXPECT_EQ(s.command("alarm/round", entry), "done");
  EXPECT_EQ(s.seen(kTopHigh), "closed");
  EXPECT_EQ(s.seen(kLate), "p2 cleared-unacknowledged");
  const std::string text = s.board().render(AlarmId(std::string(kLate))).string_or("text", "");
  EXPECT_NE(text.find("-140 Cel was read at"), std::string::npos) << text;
  s.wait(hours(1));
  EXPECT_EQ(s.seen(kTopHigh), "closed");
  EXPECT_EQ(s.acknowledge(kLate), "done");
  EXPECT_EQ(s.seen(kLate), "closed");
  const Json cold = Json(entry).set("values", Json::object().set("temperature-top", -186));
  EXPECT_EQ(s.command("alarm/round", cold), "done");
  EXPECT_EQ(s.seen(kLate), "closed");
}

TEST(Coverage, SaysWhatWatchesEachConditionAndWhatCannot) {
  Story s;
  const Json list = s.board().coverage(DeviceId("freezer-1"));
  bool seen_fast = false;
  for (const Json& item : list.items()) {
    if (item["condition"] != Json("level-falling-fast")) continue;
    seen_fast = true;
    EXPECT_EQ(item["watched"], Json(false));
    EXPECT_EQ(item["why_not"], Json("nobody delivers level"));
  }
  EXPECT_TRUE(seen_fast);
}

}  // namespace
}  // namespace cryobank::alarms
