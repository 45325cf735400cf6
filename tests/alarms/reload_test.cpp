// Other limits, delays and deadbands while the board runs: what stands and what was seen last is
// judged by them at once, and each is journaled with old and new.
#include "tests/alarms/board_story.hpp"

namespace cryobank::alarms {
namespace {

constexpr std::string_view kReloaded = "freezer-1.level-low";

config::DeviceConfig& device_in(config::SiteConfig& site, std::string_view id) {
  return *std::ranges::find_if(site.devices, [&](const auto& one) { return one.id.str() == id; });
}

using StageList = std::vector<config::AlarmStage>;

// An [[alarm]] table for level-low of freezer-1.
std::function<void(config::SiteConfig&)> set_level_low(
    const std::function<void(config::AlarmOverride&)>& edit) {
  return [edit](config::SiteConfig& site) {
    site.alarms.clear();
    config::AlarmOverride own;
    own.condition = "level-low";
    own.device = "freezer-1";
    own.by = "q1";
    own.reason = "its sensor sways";
    edit(own);
    site.alarms.push_back(own);
  };
}

std::vector<Json> changed_settings(const Story& s) {
  std::vector<Json> found;
  for (const Fact& fact : s.facts()) {
    if (fact.type == fact::kAlarmSettingChanged) found.push_back(fact.data);
  }
  return found;
}

TEST(BoardReload, ValueThatIsBeyondTheNewLimitIsToldWithoutANewReading) {
  Story s;
  s.reads("level", whole(110));
  s.wait(hours(1));
  ASSERT_EQ(s.seen(kReloaded), "closed");
  s.reload([](auto& site) { device_in(site, "freezer-1").limits.level_low_warn = whole(115); });
  s.wait(minutes(1));
  check(s, kReloaded, "p2 active-unacknowledged", "pager-1");
  ASSERT_EQ(changed_settings(s).size(), 1u);
  EXPECT_NE(changed_settings(s)[0].string_or("old", "").find("p2 102 after"), std::string::npos);
  EXPECT_NE(changed_settings(s)[0].string_or("new", "").find("p2 115 after"), std::string::npos);
}

TEST(BoardReload, ValueThatIsWithinTheNewLimitClearsAfterItsOffDelay) {
  Story s;
  s.reads("level", whole(100));
  s.wait(minutes(1));
  ASSERT_EQ(s.seen(kReloaded), "p2 active-unacknowledged");
  s.acknowledge(kReloaded);
  s.reload([](auto& site) { device_in(site, "freezer-1").limits.level_low_warn = whole(90); });
  s.wait(minutes(5) - seconds(1));
  EXPECT_EQ(s.seen(kReloaded), "p2 active-acknowledged");
  s.wait(seconds(1));
  EXPECT_EQ(s.seen(kReloaded), "closed");
}

TEST(BoardReload, DelayThatRunsGoesOnWithItsNewLengthFromWhenItBegan) {
  Story s;
  s.reads("level", whole(100));
  s.wait(seconds(40));
  const auto after = [](Duration time) {
    return set_level_low([time](auto& own) {
      own.stages = StageList{{config::AlarmPriority::p2, {}, "level_low_warn", time, 1}};
    });
  };
  s.reload(after(minutes(3)));
  s.wait(seconds(139));
  EXPECT_EQ(s.seen(kReloaded), "closed");
  s.wait(seconds(1));
  EXPECT_EQ(s.seen(kReloaded), "p2 active-unacknowledged") << "3 min after it began";
}

TEST(BoardReload, DelayThatIsAlreadyLongerThanItsNewLengthTellsAtOnce) {
  Story s;
  s.reads("level", whole(100));
  s.wait(seconds(40));
  s.reload(set_level_low([](auto& own) {
    own.stages = StageList{{config::AlarmPriority::p2, {}, "level_low_warn", seconds(30), 1}};
  }));
  s.wait(Duration{});
  EXPECT_EQ(s.seen(kReloaded), "p2 active-unacknowledged");
}

TEST(BoardReload, DelayByTheNewLengthGoesOnOverARestart) {
  Story s;
  s.reads("level", whole(100));
  s.wait(seconds(40));
  s.reload(set_level_low([](auto& own) {
    own.stages = StageList{{config::AlarmPriority::p2, {}, "level_low_warn", minutes(2), 1}};
  }));
  s.restart(seconds(20));
  s.reads("level", whole(100));
  s.wait(seconds(59));
  EXPECT_EQ(s.seen(kReloaded), "closed");
  s.wait(seconds(1));
  EXPECT_EQ(s.seen(kReloaded), "p2 active-unacknowledged");
}

TEST(BoardReload, WiderDeadbandHoldsAnAlarmThatWasEasing) {
  Story s;
  s.reads("level", whole(100));
  s.wait(minutes(1));
  s.reads("level", whole(108));  // above 102 and its deadband of 5
  s.wait(minutes(3));
  s.reload(set_level_low([](auto& own) { own.deadband = whole(12); }));
  s.wait(hours(1));
  EXPECT_EQ(s.seen(kReloaded), "p2 active-unacknowledged");
  s.reads("level", whole(115));
  s.wait(minutes(5));
  EXPECT_EQ(s.seen(kReloaded), "p2 cleared-unacknowledged");
}

TEST(BoardReload, StageThatBecameMoreUrgentRisesAndTakesTheAcknowledgementBack) {
  Story s;
  s.reads("level", whole(100));
  s.wait(minutes(1));
  s.acknowledge(kReloaded);
  s.paged();
  s.reload(set_level_low([](auto& own) {
    own.stages = StageList{{config::AlarmPriority::p1, {}, "level_low_warn", minutes(1), 1}};
  }));
  check(s, kReloaded, "p1 active-unacknowledged", "pager-1");
}

TEST(BoardReload, ConditionThatWasTakenOffEndsAndIsNotJudgedUntilItIsBack) {
  Story s;
  s.reads("level", whole(100));
  s.wait(minutes(1));
  s.acknowledge(kReloaded);
  s.reload(set_level_low([](auto& own) { own.off = true; }));
  EXPECT_EQ(s.seen(kReloaded), "closed");
  s.reads("level", whole(99));
  s.wait(hours(1));
  EXPECT_EQ(s.seen(kReloaded), "closed");
  ASSERT_EQ(changed_settings(s).size(), 1u);
  EXPECT_EQ(changed_settings(s)[0].string_or("new", ""), "not watched");
  EXPECT_EQ(changed_settings(s)[0].string_or("by", ""), "q1");
  s.reload([](auto& site) { site.alarms.clear(); });
  s.wait(minutes(1));
  EXPECT_EQ(s.seen(kReloaded), "p2 active-unacknowledged") << "by the value that stands";
}

TEST(BoardReload, DetectorsWordThatWasTakenOffIsNotTold) {
  config::SiteConfig site = story_site();
  config::AlarmOverride off;
  off.condition = "fill-missed";
  off.device = "freezer-1";
  off.off = true;
  site.alarms.push_back(off);
  Story s(site);
  s.tells("freezer-1", "fill-missed", 1);
  check(s, "freezer-1.fill-missed", "closed", "");
  s.reload([](auto& changed) { changed.alarms.clear(); });
  s.tells("freezer-1", "fill-missed", 1);
  check(s, "freezer-1.fill-missed", "p2 active-unacknowledged", "pager-1");
}

TEST(BoardReload, RoomIsBadAirByItsNewLimit) {
  Story s;
  s.reads("oxygen-1", Milli{20'000}, "room-1");
  s.tells("freezer-1", "fill-missed", 1);
  EXPECT_EQ(s.last_pages().size(), 0u);
  s.paged();
  EXPECT_EQ(s.last_pages().back().text.find("DO NOT ENTER"), std::string::npos);
  s.reload([](auto& site) { device_in(site, "room-1").room_limits.oxygen_warn = Milli{20'500}; });
  s.wait(seconds(3));
  EXPECT_EQ(s.seen("room-1.oxygen-1-low"), "p1 active-unacknowledged");
  s.paged();
  EXPECT_NE(s.last_pages().back().text.find("DO NOT ENTER"), std::string::npos);
}

TEST(BoardReload, WhatIsAsItWasChangesNothing) {
  Story s;
  s.reads("level", whole(100));
  s.wait(minutes(1));
  const std::size_t facts = s.facts().size();
  const auto rows = s.rows();
  s.reload([](auto&) {});
  s.wait(Duration{});
  EXPECT_EQ(s.facts().size(), facts);
  EXPECT_EQ(s.rows(), rows);
}

}  // namespace
}  // namespace cryobank::alarms
