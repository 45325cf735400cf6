#include "tests/alarms/board_story.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::string_view kShelvedLevel = "freezer-1.level-low";
constexpr std::string_view kShelvedLid = "freezer-1.lid-open";

TEST(Shelving, KeepsPagesBackAndPagesAtOnceWhenItEnds) {
  Story s;
  s.reads("level", whole(100));
  s.wait(minutes(1));
  s.paged();
  EXPECT_EQ(s.shelve(kShelvedLevel, "2h"), "done");
  s.wait(minutes(119));
  check(s, kShelvedLevel, "p2 active-unacknowledged shelved", "");
  s.wait(minutes(1));
  check(s, kShelvedLevel, "p2 active-unacknowledged", "pager-1");
}

// A shelved tank is read by hand, as a dark one is: at the due time or round-missed.
TEST(Shelving, OfWhatWatchesTheContentsAsksForRoundsUntilItEnds) {
  config::SiteConfig site = story_site();
  config::DeviceProfile profile;
  profile.id = ProfileId("story-freezer");
  config::Point level;
  level.id = PointId("level");
  profile.points.push_back(level);
  site.profiles.push_back(profile);
  site.devices.front().profile = profile.id;
  Story s(site);
  s.reads("level", whole(100));
  s.wait(minutes(1));
  EXPECT_EQ(s.shelve(kShelvedLevel, "8h"), "done");
  s.wait(hours(4) + minutes(29));
  EXPECT_EQ(s.seen("freezer-1.round-missed"), "closed");
  s.wait(minutes(2));
  EXPECT_EQ(s.seen("freezer-1.round-missed"), "p2 active-unacknowledged");
  EXPECT_EQ(s.command("alarm/unshelve", Json::object().set("alarm", kShelvedLevel)), "done");
  s.wait(minutes(1));
  EXPECT_EQ(s.seen("freezer-1.round-missed"), "p2 cleared-unacknowledged") << "it tells again";
  s.wait(hours(9));
  EXPECT_NE(s.seen("freezer-1.round-missed"), "p2 active-unacknowledged");
}

TEST(Shelving, RestoresTheAcknowledgementItFound) {
  Story s;
  s.reads("level", whole(100));
  s.wait(minutes(1));
  EXPECT_EQ(s.acknowledge(kShelvedLevel), "done");
  EXPECT_EQ(s.shelve(kShelvedLevel, "1h"), "done");
  s.paged();
  s.wait(hours(1));
  check(s, kShelvedLevel, "p2 active-acknowledged", "");
}

TEST(Shelving, EndsByHand) {
  Story s;
  s.reads("level", whole(100));
  s.wait(minutes(1));
  s.paged();
  EXPECT_EQ(s.shelve(kShelvedLevel, "8h"), "done");
  EXPECT_EQ(s.command("alarm/unshelve", Json::object().set("alarm", kShelvedLevel)), "done");
  check(s, kShelvedLevel, "p2 active-unacknowledged", "pager-1");
  EXPECT_EQ(s.command("alarm/unshelve", Json::object().set("alarm", kShelvedLevel)), "conflict");
}

TEST(Shelving, AlarmThatRisesToP1IsNotShelvedAnyMore) {
  Story s;
  s.reads("level", whole(100));
  s.wait(minutes(1));
  EXPECT_EQ(s.shelve(kShelvedLevel, "8h"), "done");
  s.paged();
  s.reads("level", whole(60));
  s.wait(minutes(1));
  check(s, kShelvedLevel, "p1 active-unacknowledged", "pager-1");  // one round, not two
}

TEST(Shelving, ClosedAlarmCanBeShelvedAheadAndStaysVisible) {
  Story s;
  EXPECT_EQ(s.shelve(kShelvedLid, "24h"), "done");
  check(s, kShelvedLid, "p3 closed shelved", "");
  s.reads("lid", whole(1));
  s.wait(minutes(10));
  check(s, kShelvedLid, "p2 active-unacknowledged shelved", "");
  s.wait(hours(24));
  EXPECT_EQ(s.seen(kShelvedLid), "p2 active-unacknowledged");
}

// It has no occurrence yet: its row must be one that the next start takes.
TEST(Shelving, AheadOfTheFirstOccurrenceOutlivesARestart) {
  Story s;
  EXPECT_EQ(s.shelve(kShelvedLid, "24h"), "done");
  s.restart(hours(1));
  check(s, kShelvedLid, "p3 closed shelved", "");
  s.reads("lid", whole(1));
  s.wait(minutes(10));
  check(s, kShelvedLid, "p2 active-unacknowledged shelved", "");
}

TEST(Shelving, HasLimitsByPriority) {
  Story s;
  s.reads("level", whole(100));
  s.wait(minutes(1));
  EXPECT_EQ(s.shelve(kShelvedLevel, "9h"), "invalid-value");
  EXPECT_EQ(s.shelve(kShelvedLevel, "10s"), "invalid-value");
  EXPECT_EQ(s.shelve(kShelvedLevel, "for ever"), "malformed");
  EXPECT_EQ(s.shelve(kShelvedLid, "73h"), "invalid-value");
  EXPECT_EQ(s.shelve(kShelvedLid, "72h"), "done");
  s.raise(Priority::p1);
  EXPECT_EQ(s.shelve("store.commit-failed", "5min"), "conflict");
  EXPECT_EQ(s.command("alarm/shelve", Json::object().set("alarm", kShelvedLevel).set("for", "1h")),
            "malformed");
}

TEST(Commands, RefuseWhatTheyCannotTake) {
  Story s;
  EXPECT_EQ(s.acknowledge(kShelvedLevel), "conflict");
  EXPECT_EQ(s.acknowledge("freezer-9.level-low"), "not-found");
  s.reads("level", whole(100));
  s.wait(minutes(1));
  EXPECT_EQ(s.acknowledge(kShelvedLevel, "whatever"), "invalid-value");
  EXPECT_EQ(s.command("alarm/acknowledge", Json::object().set("alarm", kShelvedLevel)),
            "malformed");
  EXPECT_EQ(
      s.command(
          "alarm/acknowledge",
          Json::object().set("alarm", kShelvedLevel).set("reason", "going").set("occurrence", 77)),
      "conflict");
  EXPECT_EQ(s.acknowledge(kShelvedLevel), "done");
  const Result<Decision> again =
      s.decide("alarm/acknowledge",
               Json::object().set("alarm", kShelvedLevel).set("reason", "going"), "ben");
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().context.find("acknowledged by anna"), std::string::npos);
}

TEST(Commands, CommentIsKeptAndShown) {
  Story s;
  s.raise(Priority::p2);
  const Json body = Json::object().set("alarm", "store.commit-failed").set("text", "disk ordered");
  EXPECT_EQ(s.command("alarm/comment", body), "done");
  const Json shown = s.board().render(AlarmId("store.commit-failed"));
  EXPECT_EQ(shown["comments"].items()[0]["text"], Json("disk ordered"));
  EXPECT_EQ(shown["comments"].items()[0]["by"], Json("anna"));
}

// Between the decision and its commit the world goes on.
TEST(Commands, AcknowledgementOfTheMilderAlarmDoesNotTakeTheWorseOne) {
  Story s;
  s.raise(Priority::p2);
  const Result<Decision> decided =
      s.decide("alarm/acknowledge",
               Json::object().set("alarm", "store.commit-failed").set("reason", "going"));
  ASSERT_TRUE(decided);
  s.raise(Priority::p1);
  ASSERT_TRUE(s.board().apply(s.now(), decided->facts[0], s.out()).ok());
  EXPECT_EQ(s.seen("store.commit-failed"), "p1 active-unacknowledged");
}

}  // namespace
}  // namespace cryobank::alarms
