#include "devices/detect/level_trend.hpp"

#include <gtest/gtest.h>

namespace cryobank::detect {
namespace {

constexpr Instant kStart{5'000'000'000};

// mm that a tank of `per_day` mm a day has lost after `t`, as a sensor with steps of `step` shows
// it.
Milli level_at(Duration t, std::int64_t per_day, std::int64_t step) {
  const std::int64_t exact = 200'000 - per_day * 1000 * (t.seconds() / 60) / (24 * 60);
  return Milli{(exact / step) * step};
}

TEST(LevelTrend, finds_the_slope_under_coarse_steps) {
  for (const std::int64_t step : {1, 100, 1000, 5000, 6350}) {
    LevelTrend trend(minutes(10), hours(25));
    for (int i = 0; i <= 144; ++i) {
      const Duration t = minutes(10) * i;
      trend.observe(kStart + t, level_at(t, 30, step), true);
    }
    const auto fall = trend.fall_per_day(hours(24));
    ASSERT_TRUE(fall.has_value());
    EXPECT_NEAR(static_cast<double>(fall->v), 30'000.0, 2'500.0) << "step " << step;
  }
}

TEST(LevelTrend, knows_nothing_before_enough_quiet_time) {
  LevelTrend trend(minutes(10), hours(25));
  for (int i = 0; i < 60; ++i) {
    trend.observe(kStart + minutes(10) * i, level_at(minutes(10) * i, 30, 100), true);
  }
  EXPECT_FALSE(trend.fall_per_day(hours(12)).has_value());
  EXPECT_TRUE(trend.fallen_within(hours(1)).has_value());
}

TEST(LevelTrend, leaves_fills_out_and_goes_on_across_them) {
  LevelTrend trend(minutes(10), hours(25));
  Duration t{};
  std::int64_t filled = 0;
  for (int day = 0; day < 3; ++day) {
    for (int i = 0; i < 120; ++i, t = t + minutes(10)) {
      trend.observe(kStart + t, level_at(t, 30, 100) + Milli{filled}, true);
    }
    for (int i = 0; i < 24; ++i, t = t + minutes(10)) {  // filled, and settling
      filled += 3'000;
      trend.observe(kStart + t, level_at(t, 30, 100) + Milli{filled}, false);
    }
  }
  const auto fall = trend.fall_per_day(hours(24));
  ASSERT_TRUE(fall.has_value());
  EXPECT_NEAR(static_cast<double>(fall->v), 30'000.0, 600.0);
}

TEST(LevelTrend, bridges_an_hour_without_data_and_not_a_day) {
  LevelTrend trend(minutes(10), hours(25));
  trend.observe(kStart, Milli{200'000}, true);
  trend.observe(kStart + hours(1), Milli{198'000}, true);
  EXPECT_EQ(trend.quiet_time(), hours(1));
  trend.observe(kStart + hours(25), Milli{100'000}, true);
  EXPECT_EQ(trend.quiet_time(), hours(1));
}

}  // namespace
}  // namespace cryobank::detect
