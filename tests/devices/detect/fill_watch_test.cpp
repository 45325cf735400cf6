#include "devices/detect/fill_watch.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cryobank::detect {
namespace {

struct Told {
  Findings findings;
  std::vector<std::string> wishes;
  const Finding* last_of(std::string_view condition) const {
    const Finding* last = nullptr;
    for (const Finding& one : findings) {
      if (one.condition == condition) last = &one;
    }
    return last;
  }
  bool stands(std::string_view condition) const {
    const Finding* last = last_of(condition);
    return last != nullptr && last->stage > 0;
  }
  std::string text(std::string_view condition) const {
    const Finding* last = last_of(condition);
    return last == nullptr ? std::string() : last->text;
  }
};

struct Clock {
  Now now{Instant{1'000'000'000'000}, WallTime{1'800'000'000'000}};
  void advance(Duration by) { now = {now.mono + by, now.wall + by}; }
};

struct FillWatchTest : ::testing::Test {
  Clock clock;
  Told told;
  FindingBook book;
  Pace pace;
  FillWatch fills{{whole(127), whole(203), whole(228), true, true}};
  Milli level = whole(127);

  void SetUp() override {
    fills.valve(clock.now, false);
    see();
  }
  void check() {
    const std::string wish = fills.check(clock.now, pace, book, told.findings);
    if (!wish.empty()) told.wishes.push_back(wish);
  }
  void see() {
    pace.observe(clock.now.mono, level);
    fills.level(clock.now, level, pace);
    check();
  }
  // The valve stands as it is for `how_long`; the level moves by `per_minute`.
  void pass(Duration how_long, Milli per_minute) {
    for (Duration t{}; t < how_long; t = t + seconds(10)) {
      clock.advance(seconds(10));
      level.v += per_minute.v / 6;
      see();
    }
  }
  void open() {
    fills.valve(clock.now, true);
    check();
  }
  void close() {
    fills.valve(clock.now, false);
    check();
  }
  void good_fill() {
    open();
    pass(minutes(20), Milli{3'840});
    close();
  }
};

TEST_F(FillWatchTest, lets_a_good_fill_pass_and_learns_it) {
  for (int i = 0; i < 4; ++i) {
    good_fill();
    pass(hours(53), Milli{-24});
  }
  for (const char* const bad : {"fill-not-rising", "fill-too-long", "high-level-while-filling",
                                "valve-stuck-open", "fill-missed"}) {
    EXPECT_FALSE(told.stands(bad)) << bad << ": " << told.text(bad);
  }
  EXPECT_TRUE(told.wishes.empty());
  EXPECT_EQ(fills.record().usual_duration(), minutes(20));
  EXPECT_EQ(fills.record().usual_interval(), hours(53) + minutes(20));
}

TEST_F(FillWatchTest, stops_a_fill_whose_level_does_not_rise_within_three_minutes) {
  open();
  pass(seconds(160), Milli{0});
  EXPECT_FALSE(told.stands("fill-not-rising"));
  pass(seconds(20), Milli{0});
  EXPECT_TRUE(told.stands("fill-not-rising"));
  ASSERT_EQ(told.wishes.size(), 1u);
  EXPECT_TRUE(fills.failing(book));
}

TEST_F(FillWatchTest, asks_again_each_minute_while_the_valve_stays_open) {
  open();
  pass(minutes(6), Milli{0});
  EXPECT_EQ(told.wishes.size(), 3u + 1u);
}

TEST_F(FillWatchTest, does_not_count_the_time_of_the_gas_bypass) {
  open();
  fills.bypass(clock.now, true);
  pass(minutes(5), Milli{0});
  fills.bypass(clock.now, false);
  pass(seconds(160), Milli{0});
  EXPECT_FALSE(told.stands("fill-not-rising"));
  pass(seconds(20), Milli{0});
  EXPECT_TRUE(told.stands("fill-not-rising"));
}

TEST_F(FillWatchTest, stops_a_fill_that_nobody_can_see) {
  open();
  for (int i = 0; i < 20; ++i) {
    clock.advance(seconds(10));
    fills.level(clock.now, std::nullopt, pace);
    check();
  }
  EXPECT_TRUE(told.stands("fill-not-rising"));
  EXPECT_NE(told.text("fill-not-rising").find("unknown"), std::string::npos);
}

TEST_F(FillWatchTest, tells_by_its_deadline_when_no_reading_comes_at_all) {
  open();
  EXPECT_EQ(fills.next_deadline(pace), clock.now.mono + seconds(165));
  clock.advance(seconds(165));
  check();
  EXPECT_EQ(fills.next_deadline(pace), clock.now.mono + seconds(15)) << "no value was flat";
  clock.advance(seconds(15));
  check();
  EXPECT_EQ(told.wishes.size(), 1u);
}

TEST_F(FillWatchTest, ends_the_condition_with_the_next_good_fill) {
  open();
  pass(minutes(4), Milli{0});
  close();
  EXPECT_TRUE(told.stands("fill-not-rising"));
  good_fill();
  EXPECT_FALSE(told.stands("fill-not-rising"));
}

TEST_F(FillWatchTest, stops_a_fill_half_as_long_again_as_usual) {
  for (int i = 0; i < 3; ++i) {
    good_fill();
    pass(hours(53), Milli{-24});
  }
  open();
  pass(minutes(29), Milli{1'200});
  EXPECT_FALSE(told.stands("fill-too-long"));
  pass(minutes(2), Milli{1'200});
  EXPECT_TRUE(told.stands("fill-too-long"));
  EXPECT_FALSE(told.wishes.empty());
}

TEST_F(FillWatchTest, stops_a_fill_above_the_high_level) {
  level = whole(226);
  open();
  pass(minutes(1), Milli{3'000});
  EXPECT_TRUE(told.stands("high-level-while-filling"));
  EXPECT_FALSE(told.wishes.empty());
  close();
  level = whole(220);
  see();
  EXPECT_FALSE(told.stands("high-level-while-filling"));
}

TEST_F(FillWatchTest, sees_a_valve_that_reads_closed_and_lets_liquid_through) {
  good_fill();
  pass(minutes(2), Milli{3'800});
  EXPECT_FALSE(told.stands("valve-stuck-open")) << "the last drops of a fill";
  pass(minutes(2), Milli{3'800});
  EXPECT_TRUE(told.stands("valve-stuck-open"));
}

TEST_F(FillWatchTest, sees_a_valve_that_does_not_follow_a_stop) {
  open();
  pass(minutes(2), Milli{3'800});
  fills.stop_ordered(clock.now);
  pass(seconds(70), Milli{3'800});
  EXPECT_TRUE(told.stands("valve-stuck-open"));
}

TEST_F(FillWatchTest, misses_a_fill_a_quarter_later_than_usual_where_the_level_is_unknown) {
  for (int i = 0; i < 4; ++i) {
    good_fill();
    pass(hours(53), Milli{-24});
  }
  const auto dark = [&](Duration span) {
    for (Duration t{}; t < span; t = t + minutes(1)) {
      clock.advance(minutes(1));
      fills.level(clock.now, std::nullopt, pace);
      check();
    }
  };
  dark(hours(13));
  EXPECT_FALSE(told.stands("fill-missed"));
  dark(hours(2));
  EXPECT_TRUE(told.stands("fill-missed")) << told.text("fill-missed");
  good_fill();
  EXPECT_FALSE(told.stands("fill-missed"));
}

TEST_F(FillWatchTest, misses_a_fill_when_the_level_lies_below_the_start_level) {
  level = whole(120);
  pass(minutes(14), Milli{0});
  EXPECT_FALSE(told.stands("fill-missed"));
  pass(minutes(20), Milli{0});
  EXPECT_TRUE(told.stands("fill-missed"));
}

TEST_F(FillWatchTest, tells_that_an_ordered_fill_did_not_start) {
  fills.fill_ordered(clock.now);
  EXPECT_TRUE(fills.pending());
  pass(seconds(70), Milli{0});
  EXPECT_TRUE(told.stands("fill-not-started"));
  EXPECT_FALSE(fills.pending());
}

TEST(FillRecord, survives_a_restart_and_a_jump_of_the_clock) {
  FillRecord record;
  WallTime end{1'800'000'000'000};
  for (int i = 0; i < 5; ++i, end = end + hours(60))
    record.add(end, minutes(20 + i), whole(127), whole(76));
  record.add(end - days(400), minutes(20), whole(127), whole(76));
  record.add(end, minutes(20), whole(127), whole(76));
  FillRecord other;
  ASSERT_TRUE(other.recall("memory", record.memory()).ok());
  EXPECT_EQ(other.usual_interval(), hours(60));
  EXPECT_EQ(other.usual_duration(), record.usual_duration());
  EXPECT_EQ(other.last_end(), record.last_end());
}

}  // namespace
}  // namespace cryobank::detect
