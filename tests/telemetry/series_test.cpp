// Series: what is kept of what a point says.
#include "service/telemetry/point_series.hpp"

#include <gtest/gtest.h>

#include <ranges>

#include "service/telemetry/block.hpp"

namespace cryobank::telemetry {
namespace {

constexpr std::int64_t kSeriesStart = 1'795'316'400'000;  // a whole hour

class Heard1 {
 public:
  Heard1() : series({"freezer-1/level", seconds(1)}) {}
  void say(std::int64_t second, std::int64_t value) {
    series.hear({0, {kSeriesStart + second * 1'000}, value, true});
  }
  void fail(std::int64_t second) { series.hear({0, {kSeriesStart + second * 1'000}, 0, false}); }
  // "160@0" for a sample, "gap@3" for a gap, in seconds from the start; the gap of the start is
  // left out.
  std::string kept() const {
    std::string out;
    for (const Sample& sample : series.open_samples() | std::views::drop(1)) {
      const std::int64_t ms = sample.at.ms - kSeriesStart;
      out += sample.gap ? "gap" : std::to_string(sample.value);
      out += "@" + std::to_string(ms / 1'000) + (ms % 1'000 == 0 ? "" : "+") + " ";
    }
    return out;
  }
  PointSeries series;
};

TEST(Series, AStandingReadingIsKeptOnceInTenSeconds) {
  Heard1 heard;
  for (int s = 0; s <= 20; ++s) heard.say(s, 160);
  EXPECT_EQ(heard.kept(), "160@0 160@10 160@20 ");
}

TEST(Series, AChangeKeepsTheValueBeforeItSoThatAStepIsAStep) {
  Heard1 heard;
  for (int s = 0; s <= 5; ++s) heard.say(s, 160);
  heard.say(6, 150);
  EXPECT_EQ(heard.kept(), "160@0 160@5 150@6 ");
}

TEST(Series, AReadingThatFailsIsAGapFromThereOn) {
  Heard1 heard;
  heard.say(0, 160);
  heard.say(1, 160);
  heard.fail(2);
  heard.fail(3);
  heard.say(4, 160);
  EXPECT_EQ(heard.kept(), "160@0 160@1 gap@2 160@4 ");
}

TEST(Series, MoreThanTwoPeriodsWithoutAReadingAreAGapTwoAreNot) {
  Heard1 heard;
  heard.say(0, 160);
  heard.say(2, 160);
  heard.say(5, 160);
  EXPECT_EQ(heard.kept(), "160@0 160@2 gap@2+ 160@5 ");
}

TEST(Series, BeforeTheFirstReadingOfARunNothingIsKnown) {
  Heard1 heard;
  heard.say(0, 160);
  ASSERT_EQ(heard.series.open_samples().size(), 2U);
  EXPECT_TRUE(heard.series.open_samples().front().gap);
}

TEST(Series, AClockThatJumpsBackKeepsTheOrder) {
  Heard1 heard;
  heard.say(10, 160);
  heard.say(4, 170);
  heard.say(11, 161);
  EXPECT_EQ(heard.kept(), "160@10 161@11 ");
}

TEST(Series, MinutesHoldLowestHighestAndMeanOfEveryReading) {
  Heard1 heard;
  for (int s = 0; s < 60; ++s) heard.say(s, 100 + s);
  heard.say(60, 7);
  const std::vector<Bucket> minutes = heard.series.open_buckets(Tier::minute);
  ASSERT_EQ(minutes.size(), 2U);
  EXPECT_EQ(minutes[0], (Bucket{{kSeriesStart}, 100, 159, 100 * 60 + 59 * 30, 60}));
  EXPECT_EQ(minutes[0].mean(), 129);
}

TEST(Series, AMinuteWithoutAGoodReadingDoesNotExist) {
  Heard1 heard;
  heard.say(0, 1);
  heard.fail(61);
  heard.say(121, 1);
  EXPECT_EQ(heard.series.open_buckets(Tier::minute).size(), 2U);
}

TEST(Series, BlocksAreWrittenWhenTheyAreFullOrOldAndBeforeAStop) {
  Heard1 heard;
  std::vector<RowChange> rows;
  heard.say(0, 1);
  heard.series.take_rows({kSeriesStart}, false, rows);
  const std::size_t first = rows.size();  // the levels are written once at the start
  heard.say(1, 2);
  heard.series.take_rows({kSeriesStart + 1'000}, false, rows);
  EXPECT_EQ(rows.size(), first);
  heard.series.take_rows({kSeriesStart + kBlockOpenMax.ms()}, false, rows);
  EXPECT_GT(rows.size(), first);
  EXPECT_TRUE(heard.series.open_samples().empty());
  heard.say(700, 3);
  rows.clear();
  heard.series.take_rows({kSeriesStart + 701'000}, true, rows);
  EXPECT_EQ(rows.size(), 3U);
}

}  // namespace
}  // namespace cryobank::telemetry
