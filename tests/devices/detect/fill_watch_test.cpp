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
  void lid(bool is_open) {
    fills.lid(clock.now, is_open);
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

// A controller shuts its valve while the lid is open, and tells so: before the lid or after it.
TEST_F(FillWatchTest, takes_a_fill_that_lids_part_as_one) {
  Milli raised{};
  for (int i = 0; i < 4; ++i) {
    open();
    pass(minutes(1), Milli{3'840});
    lid(true);
    close();
    pass(minutes(3), Milli{-60});
    lid(false);
    open();
    pass(minutes(8), Milli{3'840});
    close();
    if (const auto rise = fills.take_rise()) raised = raised + *rise;
    lid(true);
    pass(minutes(3), Milli{-60});
    lid(false);
    pass(minutes(4), Milli{-20});  // the gas bypass
    open();
    pass(minutes(11), Milli{3'840});
    close();
    if (const auto rise = fills.take_rise()) raised = raised + *rise;
    pass(hours(53), Milli{-24});
  }
  for (const char* const bad :
       {"fill-not-rising", "fill-too-long", "valve-stuck-open", "fill-missed", "fill-too-often"}) {
    EXPECT_FALSE(told.stands(bad)) << bad << ": " << told.text(bad);
  }
  EXPECT_EQ(fills.record().usual_duration(), minutes(20));
  EXPECT_EQ(fills.record().usual_interval(), hours(53) + minutes(30));
  EXPECT_LT(*fills.record().usual_start(), whole(130)) << "not where a lid was opened";
  EXPECT_NEAR(static_cast<double>(raised.v), 4 * 76'300, 4 * 2'000) << "each millimetre once";
}

// As a controller does whose valve reads open all the time: either way it is one fill.
TEST_F(FillWatchTest, counts_no_time_of_a_lid_under_an_open_valve) {
  for (int i = 0; i < 3; ++i) {
    open();
    pass(minutes(9), Milli{3'840});
    lid(true);
    pass(minutes(4), Milli{-60});
    lid(false);
    pass(minutes(11), Milli{3'840});
    close();
    pass(hours(53), Milli{-24});
  }
  EXPECT_FALSE(told.stands("fill-not-rising")) << told.text("fill-not-rising");
  EXPECT_EQ(fills.record().usual_duration(), minutes(20));
}

TEST_F(FillWatchTest, puts_a_part_on_record_as_a_fill_until_it_goes_on) {
  open();
  pass(minutes(10), Milli{3'840});
  lid(true);
  close();
  ASSERT_TRUE(fills.record().last_end().has_value());
  EXPECT_EQ(*fills.record().last_end(), clock.now.wall);
  pass(minutes(3), Milli{-60});
  lid(false);
  pass(minutes(11), Milli{-60});
  open();  // too late: a fill of its own
  pass(minutes(10), Milli{3'840});
  close();
  for (int i = 0; i < 2; ++i) {
    level = whole(127);
    pass(hours(53), Milli{0});
    good_fill();
  }
  EXPECT_EQ(fills.record().usual_duration(), minutes(10)) << "of 10, 10, 20 and 20";
}

TEST_F(FillWatchTest, joins_no_fill_to_one_that_was_full) {
  good_fill();
  lid(true);  // just then
  pass(minutes(2), Milli{-60});
  lid(false);
  pass(minutes(1), Milli{-60});
  open();
  pass(minutes(3), Milli{3'840});
  close();
  ASSERT_TRUE(fills.take_rise().has_value());
  EXPECT_EQ(fills.record().memory()["durations_s"].items().size(), 2u);
}

TEST_F(FillWatchTest, joins_no_fill_to_one_that_was_ordered_to_stop) {
  open();
  pass(minutes(10), Milli{3'840});
  fills.stop_ordered(clock.now);
  close();
  pass(minutes(5), Milli{-60});
  open();
  pass(minutes(10), Milli{3'840});
  close();
  EXPECT_EQ(fills.record().memory()["durations_s"].items().size(), 2u);
}

// A part is asked for its own rise: what the parts before brought hides no blind level.
TEST_F(FillWatchTest, stops_a_part_whose_level_does_not_rise) {
  open();
  pass(minutes(10), Milli{3'840});
  lid(true);
  close();
  pass(minutes(2), Milli{-60});
  lid(false);
  open();
  pass(seconds(160), Milli{0});
  EXPECT_FALSE(told.stands("fill-not-rising"));
  pass(seconds(20), Milli{0});
  EXPECT_TRUE(told.stands("fill-not-rising"));
  EXPECT_FALSE(told.wishes.empty());
}

TEST_F(FillWatchTest, sees_a_valve_that_lets_liquid_through_in_a_pause_as_after_a_fill) {
  open();
  pass(minutes(5), Milli{3'840});
  close();
  pass(minutes(2), Milli{3'800});
  EXPECT_FALSE(told.stands("valve-stuck-open"));
  pass(minutes(2), Milli{3'800});
  EXPECT_TRUE(told.stands("valve-stuck-open"));
}

// Its open time counts through all pauses, and a pause does not end the alarm.
TEST_F(FillWatchTest, tells_a_fill_in_parts_that_takes_too_long_once) {
  for (int i = 0; i < 3; ++i) {
    good_fill();
    pass(hours(53), Milli{-24});
  }
  for (int part = 0; part < 4; ++part) {
    open();
    pass(minutes(8), Milli{1'200});
    EXPECT_EQ(told.stands("fill-too-long"), part == 3) << part;
    lid(true);
    close();
    pass(minutes(2), Milli{-60});
    lid(false);
  }
  EXPECT_TRUE(told.stands("fill-too-long")) << "it is not over";
  pass(minutes(9), Milli{-20});
  EXPECT_TRUE(told.stands("fill-too-long"));
  pass(minutes(2), Milli{-20});
  EXPECT_FALSE(told.stands("fill-too-long")) << "it did not go on";
}

// A lid that never closes again, or whose switch hangs, hides no missing fill for ever.
TEST_F(FillWatchTest, misses_the_rest_of_a_fill_that_never_goes_on) {
  open();
  pass(seconds(30), Milli{-3'840});
  lid(true);
  close();
  pass(minutes(59), Milli{-60});
  EXPECT_FALSE(told.stands("fill-missed"));
  pass(minutes(17), Milli{-60});
  EXPECT_TRUE(told.stands("fill-missed"));
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

// Poured in without a lid that anybody told of, or a leak that is over: not for as long as the
// level takes to fall back. What runs over its full level goes on being told.
TEST_F(FillWatchTest, ends_a_leak_that_no_longer_rises) {
  level = whole(150);
  pass(minutes(5), Milli{0});
  pass(minutes(10), Milli{4'000});
  EXPECT_TRUE(told.stands("valve-stuck-open"));
  pass(minutes(25), Milli{-12});
  EXPECT_TRUE(told.stands("valve-stuck-open"));
  pass(minutes(10), Milli{-12});
  EXPECT_FALSE(told.stands("valve-stuck-open")) << told.text("valve-stuck-open");
  pass(minutes(10), Milli{4'000});
  EXPECT_TRUE(told.stands("valve-stuck-open")) << "it leaks again";
  EXPECT_GT(level, whole(204));
  pass(hours(2), Milli{0});
  EXPECT_TRUE(told.stands("valve-stuck-open")) << "it may stand at its brim";
}

// A tank that loses more than a fill brings says nothing of its supply.
TEST_F(FillWatchTest, of_a_breached_tank_speaks_for_no_empty_supply) {
  open();
  pass(minutes(4), Milli{0});
  EXPECT_TRUE(fills.failing(book));
  book.set(clock.now, "level-falling-fast", 1, "it runs out", told.findings);
  EXPECT_FALSE(fills.failing(book));
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

// Two fills were learned of one that lids and a restart parted: half as long, and begun at 158.
TEST_F(FillWatchTest, goes_on_with_a_fill_over_a_restart) {
  for (const bool while_open : {false, true}) {
    SCOPED_TRACE(while_open ? "restarted under an open valve" : "restarted in a pause");
    FillWatch before(fills.limits());
    before.valve(clock.now, false);
    level = whole(127);
    const auto flow = [&](FillWatch& watch, Duration how_long) {
      for (Duration t{}; t < how_long; t = t + seconds(10)) {
        clock.advance(seconds(10));
        level.v += 640;
        watch.level(clock.now, level, pace);
      }
    };
    before.level(clock.now, level, pace);
    before.valve(clock.now, true);
    EXPECT_TRUE(before.take_turn());
    EXPECT_FALSE(before.take_turn());
    flow(before, minutes(10));
    if (!while_open) {
      before.lid(clock.now, true);
      before.valve(clock.now, false);
      EXPECT_TRUE(before.take_turn());
      EXPECT_EQ(before.record().memory()["durations_s"].items().size(), 1u);
    }
    const Json kept = before.under_way();
    FillWatch after(fills.limits());
    ASSERT_TRUE(after.record().recall("fills", before.record().memory()));
    ASSERT_TRUE(after.recall_under_way("fill", kept));
    clock.now.wall = clock.now.wall + seconds(30);
    clock.now.mono = Instant{5'000'000'000};  // another boot
    if (!while_open) {
      after.valve(clock.now, false);
      clock.advance(minutes(2));
    }
    after.level(clock.now, level, pace);
    after.valve(clock.now, true);
    flow(after, minutes(10));
    after.valve(clock.now, false);
    const Json learned = after.record().memory();
    ASSERT_EQ(learned["durations_s"].items().size(), 1u) << learned.dump();
    EXPECT_EQ(learned["durations_s"].items()[0], Json(while_open ? 20 * 60 + 30 : 20 * 60));
    EXPECT_EQ(learned["starts"].items()[0], Json(127'000));
  }
}

TEST_F(FillWatchTest, takes_no_fill_of_hours_ago_up_again) {
  open();
  pass(minutes(10), Milli{3'840});
  FillWatch after(fills.limits());
  ASSERT_TRUE(after.recall_under_way("fill", fills.under_way()));
  clock.advance(hours(2));
  level = whole(140);
  after.level(clock.now, level, pace);
  after.valve(clock.now, true);
  for (int i = 0; i < 60; ++i) {
    clock.advance(seconds(10));
    level.v += 640;
    after.level(clock.now, level, pace);
  }
  after.valve(clock.now, false);
  EXPECT_EQ(after.record().memory()["starts"].items().at(0), Json(140'000));
  EXPECT_FALSE(after.recall_under_way("fill", Json::object().set("open", true)));
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
