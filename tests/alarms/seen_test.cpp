// What was seen to go wrong on the real programs, each as one sentence: floods, chatter, answers
// that got lost, texts that said what was not so.
#include <map>
#include <set>

#include "service/alarms/page/page_text.hpp"
#include "tests/alarms/board_story.hpp"

namespace cryobank::alarms {
namespace {

config::SiteConfig site_of_freezers(int count) {
  config::SiteConfig site = story_site();
  const config::DeviceConfig one = site.devices.front();
  for (int i = 2; i <= count; ++i) {
    config::DeviceConfig another = one;
    another.id = DeviceId(cat("freezer-", i));
    site.devices.push_back(another);
  }
  return site;
}

int pages_in(Story& s) {
  const std::string channels = s.paged();
  return channels.empty() ? 0 : 1 + static_cast<int>(std::ranges::count(channels, ' '));
}

TEST(Seen, FourteenProbesThatDieTogetherAreAFewPages) {
  Story s(site_of_freezers(14));
  for (int i = 1; i <= 14; ++i) {
    s.reads_badly("temperature-top", Quality::sensor_broken, cat("freezer-", i));
  }
  s.wait(seconds(75));
  EXPECT_LE(pages_in(s), 6) << "41 were seen";
  for (int i = 1; i <= 14; ++i) {
    EXPECT_EQ(s.seen(cat("freezer-", i, ".temperature-top-unusable")), "p2 active-unacknowledged")
        << "each is still shown by itself";
  }
}

TEST(Seen, BreachOfHalfAnHourIsPagesOfOneCause) {
  Story s;
  s.tells("freezer-1", "level-falling-fast", 1);
  std::set<std::string> codes;
  int pages = 0;
  for (int minute = 0; minute < 30; ++minute) {
    s.reads("level", whole(std::max(0, 150 - 30 * minute)));
    s.reads("temperature-top", whole(-180 + 2 * minute));
    if (minute == 3) s.tells("freezer-1", "fill-missed", 1);
    if (minute == 8) s.tells("freezer-1", "fill-too-often", 1);
    s.wait(minutes(1));
    pages += pages_in(s);
    for (const Page& page : s.last_pages()) {
      if (page.device.str() == "freezer-1") codes.insert(page.ack_code);
    }
  }
  // Ten rounds of at most three tiers, and what rose meanwhile told at once; 136 were seen.
  EXPECT_LE(pages, 45);
  EXPECT_LE(codes.size(), 2u) << "the breach, and the fill that it explains";
}

// Whoever comes is called again when a quarter of an hour made nothing better, and for what is more
// urgent; what joins the cause is shown with it. 136 pages were seen, then 8.
TEST(Seen, BreachThatSomebodyTookIsTwoPagesInHalfAnHour) {
  Story s;
  s.tells("freezer-1", "level-falling-fast", 1, "level fell 31 mm within 30 s");
  std::map<std::string, int> by_channel;
  std::vector<int> minutes_paged;
  for (int minute = 0; minute < 30; ++minute) {
    s.reads("level", whole(std::max(0, 150 - 50 * minute)));
    s.reads("temperature-top", Milli{-185'000 + 800 * minute});
    if (minute == 3) s.tells("freezer-1", "fill-not-rising", 1);
    if (minute == 8) s.tells("freezer-1", "fill-too-long", 2);
    s.wait(minutes(1));
    s.paged();
    for (const Page& page : s.last_pages()) ++by_channel[page.channel.str()];
    // Anna takes whatever is open and new to her, with the code that she was sent.
    for (const Page& page : s.last_pages()) {
      if (page.channel.str() != "pager-1") continue;
      minutes_paged.push_back(minute);
      EXPECT_TRUE(s.answers("pager-1", "anna", "coming", page.id, page.ack_code).ok());
    }
  }
  EXPECT_EQ(minutes_paged, (std::vector<int>{0, 15})) << "told, and found no better";
  EXPECT_EQ(by_channel["pager-2"] + by_channel["pager-3"], 0) << "nobody else was needed";
  for (const char* const alarm : {"level-low", "fill-not-rising", "fill-too-long"}) {
    const Json shown = s.board().render(AlarmId(cat("freezer-1.", alarm)));
    EXPECT_EQ(shown.bool_or("active", false), true) << alarm << " is shown by itself";
    EXPECT_EQ(s.ledger().face(AlarmId(cat("freezer-1.", alarm)))["with"],
              Json("freezer-1.level-falling-fast"));
  }
}

// One breach was two or three P1s with two codes each.
TEST(Seen, WhatIsWrongWithTheLiquidOfATankIsOneCodeWhicheverIsSeenFirst) {
  using Told = std::vector<std::pair<const char*, int>>;
  for (const Told& story :
       {Told{{"level-falling-fast", 1}, {"fill-too-long", 2}},
        Told{{"fill-too-long", 2}, {"level-falling-fast", 1}, {"weight-falling-fast", 1}},
        Told{{"fill-too-long", 2}, {"valve-stuck-open", 1}, {"high-level-while-filling", 1}},
        Told{{"valve-stuck-open", 1}, {"fill-too-long", 2}}}) {
    Story s(site_of_freezers(2));
    std::set<std::string> codes;
    const auto listen = [&] {
      s.paged();
      for (const Page& page : s.last_pages()) codes.insert(page.ack_code);
    };
    for (const auto& [condition, stage] : story) {
      s.tells("freezer-1", condition, stage);
      s.wait(minutes(1));
      listen();
    }
    s.wait(minutes(10));
    listen();
    EXPECT_EQ(codes.size(), 1u) << story.front().first;
    s.tells("freezer-2", "level-falling-fast", 1);
    s.wait(minutes(1));
    listen();
    EXPECT_EQ(codes.size(), 2u) << "another tank is another cause";
  }
}

// Anna takes what she was paged of last.
void takes(Story& s) {
  s.paged();
  ASSERT_FALSE(s.last_pages().empty());
  const Page page = s.last_pages().back();
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", page.id, page.ack_code).ok());
}

constexpr std::string_view kFalling = "freezer-1.level-falling-fast";
constexpr std::string_view kDoubled = "freezer-1.evaporation-doubled";

TEST(Taken, MilderOneThatJoinsTheCauseIsShownWithItAndPagesNobody) {
  Story s;
  s.tells("freezer-1", "level-falling-fast", 1);
  takes(s);
  s.tells("freezer-1", "evaporation-doubled", 1);
  check(s, kDoubled, "p2 active-unacknowledged", "");
  EXPECT_EQ(s.ledger().face(AlarmId(std::string(kDoubled)))["with"], Json(kFalling));
  const Json coming = s.ledger().face(AlarmId(std::string(kDoubled)))["coming"];
  ASSERT_EQ(coming.items().size(), 1u) << "anna comes for all of it";
  EXPECT_EQ(coming.items()[0]["by"], Json("anna"));
  EXPECT_EQ(s.ledger().face(AlarmId(std::string(kFalling)))["others"], Json(1));
  EXPECT_EQ(s.ledger().face(AlarmId(std::string(kFalling)))["nobody_reached"], Json(false));
  EXPECT_EQ(s.ledger().status(s.now())["urgent"], Json(0)) << "no page of it will come";
  s.restart(seconds(20));
  s.wait(minutes(1));
  check(s, kDoubled, "p2 active-unacknowledged", "");
  s.tells("freezer-1", "level-falling-fast", 0);
  s.wait(minutes(10));
  EXPECT_EQ(s.seen(kFalling), "p1 latched");
  check(s, kDoubled, "p2 active-unacknowledged", "pager-1");
}

TEST(Taken, MoreUrgentOneAndAnotherCauseAreTold) {
  Story s;
  s.tells("freezer-1", "evaporation-doubled", 1);
  takes(s);
  s.tells("freezer-1", "level-falling-fast", 1);
  check(s, kFalling, "p1 active-unacknowledged", "pager-1");
  s.tells("freezer-1", "probes-disagree", 1);
  check(s, "freezer-1.probes-disagree", "p2 active-unacknowledged", "pager-1");
}

// What somebody took and what was no help is told, although the cause is somebody's.
TEST(Taken, AlarmThatGotNoBetterIsToldAlthoughItsCauseIsTaken) {
  Story s;
  s.reads("level", whole(70));
  s.wait(minutes(1));
  s.tells("freezer-1", "level-falling-fast", 1);
  takes(s);  // both
  EXPECT_EQ(s.seen(kFalling), "p1 active-acknowledged");
  s.reads("level", whole(76));  // better, and still too low
  s.wait(minutes(14));
  check(s, kFalling, "p1 active-acknowledged", "");
  s.wait(minutes(1));
  EXPECT_EQ(s.seen("freezer-1.level-low"), "p1 active-acknowledged");
  check(s, kFalling, "p1 active-unacknowledged", "pager-1");
}

// Nobody took just this one: it is not silent for longer than what somebody took.
TEST(Taken, OneThatJoinedIsToldWhenItStandsAQuarterOfAnHourLater) {
  Story s;
  s.reads("level", whole(60));
  s.wait(minutes(1));
  takes(s);
  s.wait(minutes(5));
  s.tells("freezer-1", "level-falling-fast", 1);
  check(s, kFalling, "p1 active-unacknowledged", "");
  s.reads("level", whole(68));  // what was taken gets better
  s.wait(minutes(5));
  s.restart();
  s.wait(minutes(9));
  EXPECT_EQ(s.seen("freezer-1.level-low"), "p1 active-acknowledged");
  check(s, kFalling, "p1 active-unacknowledged", "");
  s.wait(minutes(1));
  check(s, kFalling, "p1 active-unacknowledged", "pager-1");
}

TEST(Taken, StepOfACauseFromP2ToP1IsOnePage) {
  Story s;
  s.tells("freezer-1", "evaporation-doubled", 1);
  s.reads("level", whole(95));
  s.wait(minutes(2));
  EXPECT_EQ(s.paged(), "pager-1") << "the second rides with the first";
  s.lasts("freezer-1", hours(5));
  EXPECT_EQ(s.seen(kDoubled), "p1 active-unacknowledged");
  EXPECT_EQ(s.seen("freezer-1.level-low"), "p1 active-unacknowledged");
  EXPECT_EQ(s.paged(), "pager-1") << "both rose in one moment";
}

TEST(Taken, AtTheBoardToGoThereIsComingAndByMistakeIsNot) {
  for (const char* const reason : {"going", "remote-fix"}) {
    Story s;
    s.tells("freezer-1", "level-falling-fast", 1);
    EXPECT_EQ(s.acknowledge(kFalling, reason), "done");
    s.tells("freezer-1", "evaporation-doubled", 1);
    const auto comes = [&s](std::string_view alarm) {
      return s.ledger().face(AlarmId(std::string(alarm)))["coming"].items().size();
    };
    const std::size_t expected = reason == std::string_view("going") ? 1 : 0;
    EXPECT_EQ(comes(kFalling), expected) << reason;
    EXPECT_EQ(comes(kDoubled), expected) << reason << ": what rides with it shows the same";
    s.wait(minutes(15));  // no better: taken back
    EXPECT_EQ(s.seen(kFalling), "p1 active-unacknowledged");
    EXPECT_EQ(comes(kFalling), expected) << "she is still on her way";
    EXPECT_EQ(s.acknowledge(kFalling, reason), "done");
    EXPECT_EQ(s.command("alarm/unacknowledge",
                        Json::object().set("alarm", kFalling).set("reason", "a mistake")),
              "done");
    EXPECT_EQ(comes(kFalling), 0u) << "by mistake: nobody comes";
  }
}

// One cause, one page, one code: the milder call is told with the worse one from then on.
TEST(Taken, MilderCallJoinsTheWorseOneAndItsCodeSaysWhichTakesIt) {
  Story s;
  s.tells("freezer-1", "evaporation-doubled", 1);
  s.paged();
  const Page mild = s.last_pages().at(0);
  s.tells("freezer-1", "level-falling-fast", 1);
  s.paged();
  const Page worse = s.last_pages().at(0);
  EXPECT_NE(worse.text.find("+1 more of this cause"), std::string::npos) << worse.text;
  s.others();
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", "", mild.ack_code).ok());
  const std::vector<Page> told = s.others();
  ASSERT_FALSE(told.empty());
  EXPECT_NE(told.back().text.find(
                cat("not taken: freezer-1.level-falling-fast is taken with code ", worse.ack_code)),
            std::string::npos)
      << told.back().text;
  s.wait(minutes(14));
  s.paged();
  for (const Page& page : s.last_pages()) EXPECT_EQ(page.ack_code, worse.ack_code);
  s.restart();
  s.others();
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", "", mild.ack_code).ok());
  EXPECT_NE(s.others().back().text.find(cat("is taken with code ", worse.ack_code)),
            std::string::npos)
      << "the next run knows it as well";
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", "", worse.ack_code).ok());
  EXPECT_EQ(s.seen(kDoubled), "p2 active-acknowledged");
}

TEST(Seen, AllDevicesOfALineThatGoDarkAreOnePage) {
  config::SiteConfig site = site_of_freezers(8);
  for (config::DeviceConfig& device : site.devices) device.line = LineId("line-1");
  Story s(site);
  for (int i = 1; i <= 8; ++i) s.device_is(DeviceState::lost, cat("freezer-", i));
  EXPECT_EQ(pages_in(s), 1) << "eight were seen";
  s.wait(seconds(14));
  EXPECT_EQ(pages_in(s), 0);
  s.wait(seconds(2));
  EXPECT_EQ(pages_in(s), 1) << "the others, named together";
  EXPECT_NE(s.last_pages().front().text.find("+7 more of this cause"), std::string::npos)
      << s.last_pages().front().text;
  // And as a P1 after a quarter of an hour: one page again, and no second code.
  std::set<std::string> codes;
  s.wait(minutes(16));
  s.paged();
  for (const Page& page : s.last_pages()) codes.insert(page.ack_code);
  EXPECT_LE(codes.size(), 2u);
}

// It was three codes, and "Repair or replace the sensor" of one that is well.
TEST(Seen, SilentLineOfARoomIsOneCauseAndNoSensorIsBroken) {
  config::SiteConfig site = story_site();
  for (config::DeviceConfig& device : site.devices) {
    if (device.kind != config::DeviceKind::freezer) device.line = LineId("house");
  }
  Story s(site);
  const auto oxygen = [&s](std::optional<Milli> value) {
    for (const char* const sensor : {"oxygen-1", "oxygen-2"}) {
      if (value) s.reads(sensor, *value, "room-1");
      if (!value) s.reads_badly(sensor, Quality::stale, "room-1");
    }
    s.tells("room-1", "oxygen-unknown", value ? 0 : 1);
  };
  std::set<std::string> codes;
  std::string all;
  const auto listen = [&] {
    s.paged();
    for (const Page& page : s.last_pages()) {
      codes.insert(page.ack_code);
      all += cat(page.text, "\n");
    }
  };
  oxygen(Milli{20'900});
  s.device_is(DeviceState::lost, "room-1");
  s.device_is(DeviceState::lost, "supply-1");
  oxygen(std::nullopt);
  s.wait(minutes(4));
  listen();
  EXPECT_EQ(codes.size(), 1u) << all;
  EXPECT_NE(all.find("P2 room-1 DO NOT ENTER: oxygen unknown"), std::string::npos) << all;
  s.wait(minutes(2));
  listen();
  EXPECT_EQ(s.seen("room-1.oxygen-unknown"), "p1 active-unacknowledged");
  EXPECT_EQ(s.ledger().face(AlarmId("room-1.comm-lost"))["with"], Json("room-1.oxygen-unknown"));
  EXPECT_EQ(codes.size(), 2u) << "as a P1 it is one code again: " << all;
  EXPECT_EQ(all.find("Repair or replace"), std::string::npos) << all;
  s.device_is(DeviceState::online, "room-1");
  s.device_is(DeviceState::online, "supply-1");
  oxygen(Milli{20'900});
  s.wait(seconds(75));
  listen();
  EXPECT_EQ(s.seen("room-1.oxygen-1-unusable"), "closed") << "nobody heard of it";
  EXPECT_EQ(all.find("sensor 1"), std::string::npos) << all;
}

// The line is back and the sensor gives no number all the same: that is told.
TEST(Seen, SensorThatIsBrokenBehindASilentLineIsToldWhenTheLineIsBack) {
  Story s;
  s.device_is(DeviceState::lost, "room-1");
  s.reads_badly("oxygen-1", Quality::stale, "room-1");
  s.wait(minutes(2));
  s.reads("oxygen-1", Milli{20'900}, "room-1");
  s.device_is(DeviceState::online, "room-1");
  s.wait(seconds(20));
  EXPECT_FALSE(s.board().summons(AlarmId("room-1.oxygen-1-unusable"))) << "on its way back";
  s.reads_badly("oxygen-1", Quality::sensor_broken, "room-1");
  EXPECT_TRUE(s.board().summons(AlarmId("room-1.oxygen-1-unusable")));
}

TEST(Seen, NewCauseIsNeverHiddenByAFlood) {
  Story s(site_of_freezers(40));
  for (int i = 1; i <= 40; ++i) {
    s.reads_badly("temperature-top", Quality::sensor_broken, cat("freezer-", i));
  }
  s.wait(seconds(61));
  s.paged();
  s.reads("oxygen-1", whole(17), "room-1");
  s.wait(Duration{});
  check(s, "room-1.oxygen-1-low", "p1 active-unacknowledged", "pager-1");
  EXPECT_NE(s.last_pages().front().text.find("DO NOT ENTER"), std::string::npos);
}

TEST(Seen, ReceiptsOfMachinesNeverPushAPersonsAnswerOut) {
  Story s;
  s.raise(Priority::p1);
  s.paged();
  const Page page = s.last_pages().front();
  EXPECT_TRUE(s.answers("pager-1", "anna", "later", page.id, page.ack_code));
  for (int i = 0; i < 60; ++i) {
    s.wait(minutes(3));
    s.paged();
  }
  const Json shown = s.board().render(AlarmId("store.commit-failed"));
  bool kept = false;
  for (const Json& answer : shown["answers"].items()) {
    kept = kept || answer.string_or("by", "") == "anna";
    EXPECT_EQ(answer.string_or("text", "").find("delivered"), std::string::npos);
  }
  EXPECT_TRUE(kept) << shown["answers"].dump();
}

TEST(Seen, DuplicatedNotComingCallsOneTier) {
  Story s;
  s.raise(Priority::p1);
  s.paged();
  const Page page = s.last_pages().front();
  for (int times = 0; times < 3; ++times) {
    EXPECT_TRUE(s.answers("pager-1", "anna", "not-coming", page.id, page.ack_code));
  }
  const std::string called = s.paged();
  EXPECT_NE(called.find("pager-2"), std::string::npos);
  EXPECT_EQ(called.find("pager-3"), std::string::npos);
}

TEST(Seen, AnswerWithTheCodeOfThePageBeforeTheChatterTakesIt) {
  Story s;
  s.raise(Priority::p1);
  s.paged();
  const std::string code = s.last_pages().front().ack_code;
  for (int i = 0; i < 5; ++i) {
    s.clear();
    s.wait(seconds(20));
    s.raise(Priority::p1);
    s.wait(seconds(20));
  }
  EXPECT_TRUE(
      s.receives("pager-1", "anna", Json::object().set("status", "coming").set("code", code)));
  EXPECT_EQ(s.seen("store.commit-failed"), "p1 active-acknowledged");
}

TEST(Seen, WhoeverAnswersIsAnsweredWhateverItWas) {
  Story s;
  s.raise(Priority::p1);
  s.paged();
  const Page page = s.last_pages().front();
  s.others();
  const struct {
    const char* status;
    std::string code;
  } said[] = {{"coming", "0000"},
              {"later", page.ack_code},
              {"not-coming", page.ack_code},
              {"coming", page.ack_code},
              {"coming", page.ack_code}};
  for (const auto& one : said) {
    static_cast<void>(s.answers("pager-1", "anna", one.status, page.id, one.code));
    int answers = 0;
    for (const Page& other : s.others()) {
      const bool hers = other.kind == PageKind::answer && other.channel.str() == "pager-1";
      answers += hers ? 1 : 0;
    }
    EXPECT_EQ(answers, 1) << one.status << " " << one.code;
  }
}

TEST(Seen, TankThatIsLostSaysSinceWhenAndNoTimeToLeaveBy) {
  Story s;
  s.lasts("freezer-1", minutes(50));
  s.tells("freezer-1", "level-falling-fast", 1);
  s.wait(minutes(50));
  s.lasts("freezer-1", Duration{});
  const std::string since = local_time(s.now().wall, s.now().wall, story_site().zone);
  s.paged();
  s.wait(hours(2));
  s.paged();
  const std::string text = s.last_pages().back().text;
  EXPECT_NE(text.find(cat(", ABOVE -130C since ", since)), std::string::npos) << text;
  EXPECT_EQ(text.find("leave"), std::string::npos) << text;
}

TEST(Seen, BatteryIsSaidAsItIsAndNotAsItsDelay) {
  Story s;
  s.reads("power", whole(1));
  s.wait(seconds(10));
  const std::string text =
      s.board().page_text(s.now(), AlarmId("freezer-1.mains-lost"), {"4471", 1, 1, "", 0});
  EXPECT_NE(text.find("on battery"), std::string::npos) << text;
  EXPECT_EQ(text.find("for 10"), std::string::npos) << text;
}

// The top was warm for a moment and is back; then the tank breaches: what goes on is what is said.
TEST(Seen, WhatGoesOnSpeaksForItsCauseBeforeWhatIsOnItsWayBack) {
  Story s;
  s.reads("temperature-top", whole(-135));
  s.wait(seconds(20));
  s.reads("temperature-top", whole(-187));
  s.wait(seconds(25));
  s.tells("freezer-1", "level-falling-fast", 1, "level fell 31 mm within 30 s");
  const std::string text = s.board().page_text(s.now(), AlarmId("freezer-1.temperature-top-high"),
                                               {"4471", 1, 1, "", 0});
  EXPECT_NE(text.find("level fell 31 mm"), std::string::npos) << text;
}

// 0.09 % a minute was told as falling and as safe in turn, within the same two seconds.
TEST(Seen, OxygenThatFallsSlowlyIsNeverSafeBetween) {
  Story s;
  s.reads("level", whole(100));
  s.wait(minutes(2));
  bool kept_out = false;
  for (std::int64_t tenth = 0; tenth < 90; ++tenth) {  // of a minute
    s.reads("oxygen-1", Milli{20'900 - tenth * 9}, "room-1");
    s.wait(seconds(6));
    const std::string text =
        s.board().page_text(s.now(), AlarmId("freezer-1.level-low"), {"4471", 1, 1, "", 0});
    const bool out = text.find("DO NOT ENTER") != std::string::npos;
    EXPECT_FALSE(kept_out && !out) << tenth << ": " << text;
    kept_out = kept_out || out;
  }
  EXPECT_TRUE(kept_out);
}

TEST(Seen, OxygenThatIsBackIsNotCalledLow) {
  Story s;
  s.reads("oxygen-1", whole(19), "room-1");
  s.wait(seconds(3));
  s.reads("oxygen-1", Milli{20'830}, "room-1");
  s.wait(minutes(3));
  const std::string text =
      s.board().page_text(s.now(), AlarmId("room-1.oxygen-1-low"), {"4471", 2, 1, "", 0});
  EXPECT_EQ(text.find("DO NOT ENTER"), std::string::npos) << text;
  EXPECT_NE(text.find("back to normal"), std::string::npos) << text;
}

TEST(Seen, ShelfAtItsEndTellsWhatIsStillTrueAtOnce) {
  Story s;
  s.reads("level", whole(100));
  s.wait(minutes(1));
  EXPECT_EQ(s.shelve("freezer-1.level-low", "1h"), "done");
  s.paged();
  s.wait(hours(1) - seconds(1));
  check(s, "freezer-1.level-low", "p2 active-unacknowledged shelved", "");
  s.wait(seconds(1));
  check(s, "freezer-1.level-low", "p2 active-unacknowledged", "pager-1");
}

}  // namespace
}  // namespace cryobank::alarms
