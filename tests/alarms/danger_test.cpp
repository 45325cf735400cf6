// A danger to people waits for nobody's next round, whatever call of its cause is open.
#include <array>

#include "tests/alarms/board_story.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::string_view kInhibited = "room-1.ln2-inhibited";
constexpr std::string_view kSensorOne = "room-1.oxygen-1-low";

void oxygen_is(Story& s, std::int64_t thousandths) {
  s.reads("oxygen-1", Milli{thousandths}, "room-1");
  s.reads("oxygen-2", Milli{thousandths}, "room-1");
}

// The room's line is silent for six minutes; whoever was called then reads that all is well again.
void line_was_silent(Story& s) {
  s.tells("room-1", "oxygen-unknown", 1);
  s.wait(minutes(6));
  s.tells("room-1", "oxygen-unknown", 0);
  s.wait(minutes(4));
}

// Anna takes what she was paged of last, if anything.
void anna_takes(Story& s) {
  s.paged();
  for (const Page& page : s.last_pages()) {
    if (page.channel.str() != "pager-1") continue;
    EXPECT_TRUE(s.answers("pager-1", "anna", "coming", page.id, page.ack_code).ok());
  }
}

std::string text_of_last(Story& s) {
  return s.last_pages().empty() ? std::string() : s.last_pages().back().text;
}

TEST(Danger, IsPagedAtOnceAlsoWhereTheCallIsOfWhatIsOver) {
  Story s;
  line_was_silent(s);
  EXPECT_EQ(s.seen("room-1.oxygen-unknown"), "p1 cleared-unacknowledged");
  s.paged();
  EXPECT_NE(text_of_last(s).find("back to normal"), std::string::npos) << text_of_last(s);
  s.wait(seconds(9));
  s.paged();
  s.reads("oxygen-1", Milli{16'900}, "room-1");
  check(s, kSensorOne, "p1 active-unacknowledged", "pager-1");
  const std::string code = s.last_pages().front().ack_code;
  EXPECT_EQ(text_of_last(s).substr(0, 42), "P1 room-1 DO NOT ENTER: oxygen 16.9 % (lim");
  s.reads("oxygen-2", Milli{16'900}, "room-1");
  check(s, "room-1.oxygen-2-low", "p1 active-unacknowledged", "");  // the same danger
  s.others();
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", "", code).ok());
  EXPECT_EQ(s.seen(kSensorOne), "p1 active-acknowledged");
  const std::string reply = s.others().front().text;
  EXPECT_TRUE(reply.starts_with("DO NOT ENTER: oxygen 16.9 %")) << reply;
  EXPECT_TRUE(reply.ends_with(". OK anna, room-1.oxygen-1-low is yours.")) << reply;
}

TEST(Danger, OfAShutInletIsPagedAtOnceWhereTheCallIsOfWhatIsOver) {
  Story s;
  line_was_silent(s);
  s.paged();
  s.reads("inlet-closed", whole(1), "room-1");
  EXPECT_NE(s.paged(), "");
  EXPECT_NE(text_of_last(s).find("LN2 INHIBITED"), std::string::npos) << text_of_last(s);
}

// Three things in every order, each taken by anna or not: no page of low oxygen waits.
TEST(Danger, OfLowOxygenIsPagedAtOnceWhateverCameBefore) {
  std::array<std::string_view, 3> order{"inlet", "oxygen", "silent"};
  do {
    for (const bool taken : {false, true}) {
      Story s;
      oxygen_is(s, 20'900);
      std::string story;
      for (const std::string_view step : order) {
        story += cat(" ", step, taken ? " (taken)" : "");
        s.wait(seconds(70));
        s.paged();
        if (step == "silent") line_was_silent(s);
        if (step == "inlet") s.reads("inlet-closed", whole(1), "room-1");
        if (step == "oxygen") {
          oxygen_is(s, 16'900);
          EXPECT_NE(s.paged().find("pager-1"), std::string::npos) << story;
          EXPECT_NE(text_of_last(s).find("DO NOT ENTER: oxygen 16.9 %"), std::string::npos)
              << story << ": " << text_of_last(s);
          s.wait(minutes(3));
        }
        if (taken) anna_takes(s);
      }
    }
  } while (std::ranges::next_permutation(order).found);
}

TEST(Danger, ThatIsWorseThanWhatSomebodyTookIsAPageThatSaysWhoComes) {
  Story s;
  s.reads("inlet-closed", whole(1), "room-1");
  s.paged();
  const Page inlet = s.last_pages().at(0);
  EXPECT_TRUE(s.receives(
      "pager-1", "anna",
      Json::object().set("status", "coming").set("code", inlet.ack_code).set("eta_min", 30)));
  s.wait(minutes(1));
  s.reads("oxygen-1", Milli{19'000}, "room-1");
  s.wait(seconds(3));
  check(s, kSensorOne, "p1 active-unacknowledged", "pager-1");
  const Page low = s.last_pages().at(0);
  EXPECT_NE(low.ack_code, inlet.ack_code);
  EXPECT_NE(low.text.find("Coming: anna"), std::string::npos) << low.text;
  EXPECT_TRUE(s.answers("pager-1", "anna", "coming", low.id, low.ack_code).ok());
  EXPECT_EQ(s.seen(kSensorOne), "p1 active-acknowledged");
  s.reads("oxygen-2", Milli{19'000}, "room-1");
  s.wait(seconds(3));
  check(s, "room-1.oxygen-2-low", "p1 active-unacknowledged", "");  // she knows
  s.reads("oxygen-2", Milli{17'900}, "room-1");
  check(s, "room-1.oxygen-2-low", "p1 active-unacknowledged", "pager-1");  // worse
}

TEST(Danger, ThatWasOverAndComesBackIsNewToWhoeverTookIt) {
  Story s;
  s.reads("inlet-closed", whole(1), "room-1");
  s.reads("oxygen-1", Milli{19'000}, "room-1");
  s.wait(seconds(3));
  anna_takes(s);
  EXPECT_EQ(s.seen(kInhibited), "p1 active-acknowledged");
  s.reads("oxygen-1", Milli{20'900}, "room-1");
  s.wait(minutes(5));
  EXPECT_EQ(s.seen(kSensorOne), "p1 latched");
  s.restart();
  s.reads("oxygen-1", Milli{19'000}, "room-1");
  s.wait(seconds(3));
  check(s, kSensorOne, "p1 active-unacknowledged", "pager-1");
}

// Chatter is told on as it was, but not once people have read that it is over.
TEST(Danger, ThatComesBackAfterAPageSaidItIsOverIsTold) {
  Story s;
  s.reads("oxygen-1", Milli{19'000}, "room-1");
  s.wait(seconds(3));
  s.reads("oxygen-1", Milli{20'900}, "room-1");
  s.wait(minutes(3));
  s.paged();
  EXPECT_NE(text_of_last(s).find("back to normal"), std::string::npos) << text_of_last(s);
  s.wait(seconds(20));
  s.reads("oxygen-1", Milli{19'000}, "room-1");
  s.wait(seconds(3));
  check(s, kSensorOne, "p1 active-unacknowledged", "pager-1");
  EXPECT_NE(text_of_last(s).find("DO NOT ENTER: oxygen 19"), std::string::npos);
}

// The inlet shut while a page about the oxygen was out: it rode for up to three minutes.
TEST(Danger, WhatJoinsACallThatIsOutIsNamedWithinSeconds) {
  Story s;
  s.reads("oxygen-1", Milli{19'000}, "room-1");
  s.wait(seconds(20));
  s.paged();
  s.reads("inlet-closed", whole(1), "room-1");
  check(s, kInhibited, "p1 active-unacknowledged", "");
  s.wait(seconds(5));
  EXPECT_EQ(s.paged(), "pager-1");
  const std::string text = text_of_last(s);
  EXPECT_NE(text.find("DO NOT ENTER: oxygen 19 %"), std::string::npos) << text;
  EXPECT_NE(text.find("+1 more of this cause: LN2 INHIBITED"), std::string::npos) << text;
}

// Nineteen P1 of one cause, one after the other: no more pages than a flood may be.
TEST(Danger, ThatJoinsWithoutEndIsNoFloodOfPages) {
  config::SiteConfig site = story_site();
  const config::DeviceConfig one = site.devices.front();
  for (int i = 2; i <= 19; ++i) {
    site.devices.push_back(one);
    site.devices.back().id = DeviceId(cat("freezer-", i));
  }
  Story s(site);
  s.reads("inlet-closed", whole(1), "room-1");
  for (int i = 1; i <= 19; ++i) {
    s.lasts(cat("freezer-", i), hours(5));
    s.tells(cat("freezer-", i), "fill-missed", 1);
    s.wait(seconds(20));
  }
  EXPECT_EQ(s.seen("freezer-7.fill-missed"), "p1 active-unacknowledged");
  s.paged();
  int first_tier = 0;
  for (const Page& page : s.last_pages()) first_tier += page.channel.str() == "pager-1" ? 1 : 0;
  EXPECT_LE(first_tier, 13) << "ten, and the rounds that were due anyhow";
  EXPECT_GE(first_tier, 8);
}

// Ben is not on the first tier; he is on his way into that room.
TEST(Danger, IsToldToWhoeverIsOnTheWayIntoTheRoom) {
  Story s;
  s.tells("freezer-1", "level-falling-fast", 1);
  s.wait(minutes(5));
  s.paged();
  const Page page = s.last_pages().back();
  ASSERT_EQ(page.channel.str(), "pager-2");
  EXPECT_TRUE(s.answers("pager-2", "ben", "coming", page.id, page.ack_code).ok());
  s.reads("oxygen-1", Milli{16'900}, "room-1");
  check(s, kSensorOne, "p1 active-unacknowledged", "pager-1 pager-2 pager-3");
}

// Whoever reads the topic and not a page: the page, a command line, a client of somebody's own.
struct ShownOfLevel {
  std::string air;
  bool keep_out = false;
  std::string action, action_ja;
};

ShownOfLevel shown_level(Story& s) {
  const Json shown = s.board().render(AlarmId("freezer-1.level-falling-fast"));
  const Json& air = shown["bad_air"];
  return {air.is_null() ? "" : air.string(), shown["keep_out"].boolean(), shown["action"].string(),
          shown["texts"]["ja"]["action"].string()};
}

bool is_shown_anew(Story& s, std::string_view alarm) {
  return std::ranges::find(s.out().changed, AlarmId(std::string(alarm))) != s.out().changed.end();
}

TEST(Danger, OfTheRoomStandsOnEachOfItsAlarmsAndGoesFromThere) {
  Story s;
  oxygen_is(s, 20'900);
  s.tells("freezer-1", "level-falling-fast", 1);
  const ShownOfLevel calm = shown_level(s);
  EXPECT_EQ(calm.air, "");
  EXPECT_FALSE(calm.keep_out);
  EXPECT_EQ(calm.action.find("WHEN SAFE"), std::string::npos) << calm.action;

  s.reads("oxygen-1", Milli{16'900}, "room-1");
  const ShownOfLevel low = shown_level(s);
  EXPECT_EQ(low.air, "oxygen low");
  EXPECT_TRUE(low.keep_out);
  EXPECT_EQ(low.action, "WHEN SAFE: " + calm.action);
  EXPECT_EQ(low.action_ja, "安全を確認してから：" + calm.action_ja);
  const Json own = s.board().render(AlarmId(std::string(kSensorOne)));
  EXPECT_EQ(own["action"].string().find("WHEN SAFE"), std::string::npos)
      << "is done from outside: " << own["action"].string();

  s.raise(Priority::p2);
  const Json nowhere = s.board().render(AlarmId("store.commit-failed"));
  EXPECT_EQ(nowhere["bad_air"], Json("cold-room, oxygen low"));
  EXPECT_EQ(nowhere["keep_out"], Json(true)) << "nobody knows where this one sends a person";

  s.reads_badly("oxygen-1", Quality::comm_lost, "room-1");
  s.reads_badly("oxygen-2", Quality::comm_lost, "room-1");
  EXPECT_EQ(shown_level(s).air, "oxygen unknown");

  oxygen_is(s, 20'900);
  EXPECT_EQ(shown_level(s).air, "");
  EXPECT_EQ(shown_level(s).action, calm.action);
}

TEST(Danger, OfTheRoomIsPublishedWithEachOfItsAlarmsWhenItBeginsAndEnds) {
  Story s;
  oxygen_is(s, 20'900);
  s.tells("freezer-1", "level-falling-fast", 1);
  BoardOutputs& out = s.out();
  const auto told_by = [&](std::int64_t thousandths) {
    out.clear();
    s.board().observe(s.now(), {DeviceId("room-1"), "oxygen-1", Quality::good, Milli{thousandths}},
                      out);
    return is_shown_anew(s, "freezer-1.level-falling-fast");
  };
  EXPECT_TRUE(told_by(16'900)) << "begins";
  EXPECT_FALSE(told_by(16'800)) << "is said without a figure, so it is not told each second";
}

// Rising from 17 to 20 % after a leak it is no longer falling, and nobody is sent in yet.
TEST(Danger, OfOxygenThatRisesAgainIsNotCalledFalling) {
  Story s;
  const auto slowly = [&s](std::int64_t from, std::int64_t step, int times) {
    for (int i = 0; i < times; ++i) {
      s.wait(seconds(10));
      oxygen_is(s, from + i * step);
    }
  };
  oxygen_is(s, 20'900);
  s.tells("freezer-1", "level-falling-fast", 1);
  slowly(20'800, -100, 8);
  EXPECT_EQ(shown_level(s).air, "oxygen falls");
  slowly(19'800, -300, 8);
  EXPECT_EQ(shown_level(s).air, "oxygen low");
  slowly(18'000, 200, 12);
  EXPECT_EQ(shown_level(s).air, "oxygen not yet back") << "at 20.2 %";
  slowly(20'200, 0, 90);
  EXPECT_EQ(shown_level(s).air, "") << "a quarter of an hour later";
}

TEST(Danger, IsNotKnownToBeAwayBeforeTheFirstReading) {
  config::SiteConfig site = story_site();
  config::DeviceProfile profile;
  profile.id = ProfileId("gas");
  config::Point point;
  point.id = PointId("o2");
  point.means = "oxygen-1";
  profile.points.push_back(point);
  site.profiles.push_back(profile);
  for (config::DeviceConfig& device : site.devices) {
    if (device.kind == config::DeviceKind::room) device.profile = profile.id;
  }
  Story s(site);
  s.tells("freezer-1", "level-falling-fast", 1);
  EXPECT_EQ(shown_level(s).air, "oxygen unknown");
  EXPECT_TRUE(shown_level(s).keep_out);
  oxygen_is(s, 20'900);
  EXPECT_EQ(shown_level(s).air, "");
}

}  // namespace
}  // namespace cryobank::alarms
