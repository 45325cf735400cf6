// Charts: rows that a screen can draw, and gaps that it must not bridge.
#include "service/telemetry/chart.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace cryobank::telemetry {
namespace {

constexpr std::int64_t kStart = 1'795'316'400'000;
constexpr WallTime at(std::int64_t second) { return {kStart + second * 1'000}; }
Question question(std::int64_t seconds_long, int rows = 100) {
  return {"f/level", seconds(1), at(0), at(seconds_long), rows};
}

TEST(Chart, FewSamplesComeAsTheyAre) {
  const Chart chart =
      fold(question(60), {{at(0), 1, false}, {at(10), 1, false}, {at(11), 5, false}});
  ASSERT_EQ(chart.rows.size(), 3U);
  EXPECT_EQ(chart.rows[2].bucket.mean(), 5);
  EXPECT_EQ(chart.step, kStandingEvery);
}

TEST(Chart, ManySamplesKeepTheirLowestAndHighest) {
  std::vector<Sample> samples;
  for (int s = 0; s < 10'000; ++s) samples.push_back({at(s), s == 5'003 ? 900 : 10, false});
  const Chart chart = fold(question(10'000), samples);
  EXPECT_LE(chart.rows.size(), 100U);
  std::int64_t high = 0;
  for (const Row& row : chart.rows) high = std::max(high, row.bucket.high);
  EXPECT_EQ(high, 900);
}

TEST(Chart, AGapStaysAGapHoweverWideTheSpan) {
  std::vector<Sample> samples;
  for (int s = 0; s < 10'000; ++s) samples.push_back({at(s), 10, s == 4'000});
  const Chart chart = fold(question(10'000), samples);
  EXPECT_EQ(std::count_if(chart.rows.begin(), chart.rows.end(), [](const Row& r) { return r.gap; }),
            1);
}

// However a sensor comes and goes: never more rows than were asked for, never two gaps in a row,
// and as soon as there is one gap the answer shows it.
TEST(Chart, ASensorThatComesAndGoesIsBoundedByWhatWasAsked) {
  const auto holds = [](const Chart& chart, int rows_max) {
    EXPECT_LE(chart.rows.size(), static_cast<std::size_t>(rows_max));
    int gaps = 0;
    for (std::size_t i = 0; i < chart.rows.size(); ++i) {
      gaps += chart.rows[i].gap ? 1 : 0;
      const bool twice = i > 0 && chart.rows[i].gap && chart.rows[i - 1].gap;
      EXPECT_FALSE(twice) << "row " << i;
      if (i == 0) continue;
      EXPECT_LE(chart.rows[i - 1].at, chart.rows[i].at) << "row " << i;
    }
    EXPECT_GT(gaps, 0);
  };
  for (const int rows : {3, 10, 101, kRowsMax}) {
    for (const int every : {2, 3, 7, 1'000, 79'000}) {
      std::vector<Sample> samples;
      std::vector<Bucket> buckets;
      for (int s = 0; s < 80'000; ++s) {
        samples.push_back({at(s), 10, s % every == every / 2});
        if (s % every != every / 2) buckets.push_back({at(s * 60LL), 1, 3, 4, 2});
      }
      holds(fold(question(80'000, rows), samples), rows);
      holds(fold(question(80'000 * 60LL, rows), Tier::minute, buckets), rows);
    }
  }
}

TEST(Chart, MissingMinutesAreAGap) {
  const auto bucket = [](std::int64_t minute) { return Bucket{at(minute * 60), 1, 3, 4, 2}; };
  Question asked = question(86'400, 2'000);
  const Chart chart = fold(asked, Tier::minute, {bucket(0), bucket(1), bucket(5), bucket(6)});
  ASSERT_EQ(chart.rows.size(), 5U);
  EXPECT_TRUE(chart.rows[2].gap);
  EXPECT_EQ(chart.rows[2].at, at(120));
}

TEST(Chart, APointReadEachTenMinutesHasNoGapsByThat) {
  Question asked = question(86'400, 2'000);
  asked.period = minutes(10);
  const Chart chart = fold(asked, Tier::minute,
                           {{at(0), 1, 1, 1, 1}, {at(600), 1, 1, 1, 1}, {at(1'800), 1, 1, 1, 1}});
  EXPECT_EQ(std::count_if(chart.rows.begin(), chart.rows.end(), [](const Row& r) { return r.gap; }),
            0);
}

TEST(Chart, TheTierFollowsSpanAndAge) {
  const KeepFor keep;
  const WallTime now = at(0) + days(1'000);
  const auto tier = [&](Duration age, Duration span) {
    return tier_for({"x", seconds(1), now - age, now - age + span, 100}, keep, now);
  };
  EXPECT_EQ(tier(hours(24), hours(24)), Tier::raw);
  EXPECT_EQ(tier(days(3), hours(24)), Tier::raw);
  EXPECT_EQ(tier(days(7), days(7)), Tier::minute);
  EXPECT_EQ(tier(days(30), hours(6)), Tier::minute);
  EXPECT_EQ(tier(days(365), days(365)), Tier::hour);
  EXPECT_EQ(tier(days(200), hours(6)), Tier::hour);
}

}  // namespace
}  // namespace cryobank::telemetry
