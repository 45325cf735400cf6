#include "base/time.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"

namespace cryobank {
namespace {

TEST(Time, is_written_in_utc_with_milliseconds) {
  const std::pair<std::int64_t, std::string_view> cases[] = {
      {0, "1970-01-01T00:00:00.000Z"},
      {1'795'316'645'678, "2026-11-22T03:04:05.678Z"},
      {-1, "1969-12-31T23:59:59.999Z"},
      {1'709'208'000'000, "2024-02-29T12:00:00.000Z"},
      {951'782'400'000, "2000-02-29T00:00:00.000Z"},
      {-2'203'891'200'000, "1900-03-01T00:00:00.000Z"},
      {-62'135'596'800'000, "0001-01-01T00:00:00.000Z"},
      {kWallMin.ms, "0000-01-01T00:00:00.000Z"},
      {kWallMax.ms, "9999-12-31T23:59:59.999Z"},
  };
  for (const auto& [ms, text] : cases) {
    EXPECT_EQ(format_utc(WallTime{ms}), text);
    ASSERT_TRUE(parse_utc(text).ok()) << text;
    EXPECT_EQ(parse_utc(text)->ms, ms) << text;
  }
}

TEST(Time, outside_four_digit_years_is_written_as_the_nearer_end) {
  EXPECT_EQ(format_utc(kWallMax + milliseconds(1)), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(format_utc(WallTime{INT64_MAX}), "9999-12-31T23:59:59.999Z");
  EXPECT_EQ(format_utc(WallTime{INT64_MIN}), "0000-01-01T00:00:00.000Z");
}

TEST(Time, is_read_in_every_form_of_rfc_3339) {
  const std::string_view same_instant[] = {
      "2026-11-22T03:04:05.678Z",       "2026-11-22t03:04:05.678z",
      "2026-11-22T03:04:05.678+00:00",  "2026-11-22T03:04:05.678-00:00",
      "2026-11-22T04:04:05.678+01:00",  "2026-11-21T21:34:05.678-05:30",
      "2026-11-22T03:04:05.678999999Z", "2026-11-23T03:03:05.6789+23:59"};
  for (const std::string_view text : same_instant) {
    ASSERT_TRUE(parse_utc(text).ok()) << text;
    EXPECT_EQ(parse_utc(text)->ms, 1'795'316'645'678) << text;
  }
  EXPECT_EQ(parse_utc("2026-11-22T03:04:05Z")->ms, 1'795'316'645'000);
  EXPECT_EQ(parse_utc("2026-11-22T03:04:05.6Z")->ms, 1'795'316'645'600);
  EXPECT_EQ(parse_utc("2026-11-22T03:04:05.06Z")->ms, 1'795'316'645'060);
}

TEST(Time, refuses_everything_else) {
  const std::string_view cases[] = {"",
                                    "now",
                                    "2026-11-22",
                                    "2026-11-22T03:04:05",
                                    "2026-11-22T03:04:05.Z",
                                    "2026-11-22T03:04:05.1234567890Z",
                                    "2026-11-22 03:04:05.678Z",
                                    "2026-11-22T24:00:00.000Z",
                                    "2026-11-22T03:60:00.000Z",
                                    "2016-12-31T23:59:60.000Z",
                                    "2026-11-31T00:00:00.000Z",
                                    "2025-02-29T00:00:00.000Z",
                                    "1900-02-29T00:00:00.000Z",
                                    "2026-13-01T00:00:00.000Z",
                                    "2026-00-01T00:00:00.000Z",
                                    "2026-11-00T00:00:00.000Z",
                                    "2026-11-22T03:04:05.678+1:00",
                                    "2026-11-22T03:04:05.678+24:00",
                                    "2026-11-22T03:04:05.678+00:60",
                                    "2026-11-22T03:04:05.678ZZ",
                                    "2026-11-22T03:04:05.678 ",
                                    "+026-11-22T03:04:05.678Z",
                                    "2026-11-22T0 :04:05.678Z",
                                    "0000-01-01T00:00:00.000+00:01",
                                    "9999-12-31T23:59:59.999-00:01"};
  for (const std::string_view text : cases) {
    const auto parsed = parse_utc(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::malformed);
  }
  EXPECT_NE(parse_utc("tomorrow").error().context.find("came \"tomorrow\""), std::string::npos);
}

TEST(Time, any_time_written_reads_back_equal_and_sorts_as_text) {
  Prng prng(5);
  for (int i = 0; i < 5000; ++i) {
    const WallTime a{prng.between(kWallMin.ms, kWallMax.ms)};
    const WallTime b{prng.between(kWallMin.ms, kWallMax.ms)};
    ASSERT_EQ(*parse_utc(format_utc(a)), a);
    ASSERT_EQ(a < b, format_utc(a) < format_utc(b));
  }
}

TEST(Time, days_are_counted_from_1970) {
  const std::pair<std::int32_t, std::string_view> cases[] = {
      {0, "1970-01-01"},      {-1, "1969-12-31"},       {20'779, "2026-11-22"},
      {19'782, "2024-02-29"}, {-719'162, "0001-01-01"}, {2'932'896, "9999-12-31"}};
  for (const auto& [number, text] : cases) {
    EXPECT_EQ(format_day(Day{number}), text);
    EXPECT_EQ(parse_day(text)->number, number);
  }
  for (const std::string_view text :
       {"", "2026-11-2", "2026-11-222", "2026/11/22", "2026-02-30", "2023-02-29", "2026-1a-01"}) {
    EXPECT_FALSE(parse_day(text).ok()) << text;
  }
}

TEST(Time, every_day_of_four_centuries_follows_the_one_before) {
  const Day first = *parse_day("1900-01-01");
  const Day last = *parse_day("2300-01-01");
  std::string before = "1899-12-31";
  int weekday = weekday_of(Day{first.number - 1});
  for (Day day = first; day <= last; ++day.number) {
    const std::string text = format_day(day);
    ASSERT_LT(before, text);
    ASSERT_EQ(*parse_day(text), day);
    ASSERT_EQ(weekday_of(day), weekday % 7 + 1) << text;
    weekday = weekday_of(day);
    before = text;
  }
}

TEST(Time, weeks_start_on_monday) {
  EXPECT_EQ(weekday_of(*parse_day("2026-11-22")), 7);
  EXPECT_EQ(weekday_of(*parse_day("2026-11-23")), 1);
  EXPECT_EQ(weekday_of(*parse_day("1969-12-31")), 3);
}

TEST(Time, falls_on_the_day_that_began_at_local_midnight) {
  const WallTime late_evening = *parse_utc("2026-11-21T23:30:00.000Z");
  EXPECT_EQ(format_day(day_of(late_evening, 0)), "2026-11-21");
  EXPECT_EQ(format_day(day_of(late_evening, 60)), "2026-11-22");
  EXPECT_EQ(format_day(day_of(late_evening, -600)), "2026-11-21");
  EXPECT_EQ(format_day(day_of(WallTime{-1}, 0)), "1969-12-31");
  Prng prng(6);
  for (int i = 0; i < 1000; ++i) {
    const WallTime time{prng.between(kWallMin.ms, kWallMax.ms)};
    const int offset = static_cast<int>(prng.between(-1080, 1080));
    const std::int64_t since_midnight =
        time.ms + offset * 60'000 - day_of(time, offset).number * std::int64_t{86'400'000};
    ASSERT_GE(since_midnight, 0);
    ASSERT_LT(since_midnight, 86'400'000);
  }
}

TEST(Time, durations_count_in_every_unit) {
  EXPECT_EQ(days(2), hours(48));
  EXPECT_EQ(minutes(1), seconds(60));
  EXPECT_EQ(seconds(1), milliseconds(1000));
  EXPECT_EQ(milliseconds(1), microseconds(1000));
  EXPECT_EQ(microseconds(1), nanoseconds(1000));
  EXPECT_EQ(seconds(3) / 2, milliseconds(1500));
  EXPECT_EQ(hours(1).seconds(), 3600);
  EXPECT_EQ(Instant{5} + nanoseconds(7), Instant{12});
  EXPECT_EQ(Instant{12} - Instant{5}, nanoseconds(7));
  EXPECT_LT(Instant{INT64_MAX - 1}, kNever);
}

TEST(Time, the_distance_of_far_wall_times_stays_at_the_longest_duration) {
  EXPECT_EQ(WallTime{1500} - WallTime{500}, seconds(1));
  constexpr Duration kLong = days(std::int64_t{365} * 290);
  const Duration far = kWallMax - WallTime{0};
  EXPECT_GT(far, kLong);
  EXPECT_LT(WallTime{0} - kWallMax, days(0) - kLong);
  EXPECT_EQ(kWallMax - kWallMin, far);
}

}  // namespace
}  // namespace cryobank
