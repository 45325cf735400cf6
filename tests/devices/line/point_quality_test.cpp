#include "devices/line/point_quality.hpp"

#include <gtest/gtest.h>

#include "tests/devices/profile_fixture.hpp"

namespace cryobank::devices {
namespace {

Decoded good(std::int64_t units) { return {Quality::good, whole(units), {}}; }
Instant at(std::int64_t s) { return Instant{seconds(s).ns}; }

TEST(PointQuality, PassesTheCodecsVerdictOn) {
  const config::Point point = number_point("p", 0);
  PointQuality quality;
  EXPECT_EQ(quality.judge(point, good(1), at(0)), Quality::good);
  EXPECT_EQ(quality.judge(point, {Quality::sensor_broken, {}, {}}, at(1)), Quality::sensor_broken);
  EXPECT_EQ(quality.judge(point, {Quality::out_of_range, {}, {}}, at(2)), Quality::out_of_range);
  EXPECT_EQ(quality.judge(point, {Quality::good, {}, "text"}, at(3)), Quality::good);
}

TEST(PointQuality, DoubtsAJumpAndBelievesANewLevelThatStays) {
  config::Point point = number_point("p", 0);
  point.step_max = whole(2);
  PointQuality quality;
  const struct {
    std::int64_t at_s;
    std::int64_t value;
    Quality expected;
  } cases[] = {
      {0, -180, Quality::good},  // the first one has nothing to be compared with
      {1, -178, Quality::good},  // as fast as allowed
      {2, -100, Quality::implausible_step},
      {3, -178, Quality::good},   // one spike, and back
      {10, -165, Quality::good},  // 13 in 7 s
      {11, 0, Quality::implausible_step},
      {12, 1, Quality::implausible_step},
      {13, 2, Quality::good},  // three that agree: the new level
      {14, -170, Quality::implausible_step},
      {15, 40, Quality::implausible_step},  // agrees with nothing
      {16, -170, Quality::implausible_step},
      {17, -170, Quality::implausible_step},
      {18, -170, Quality::good},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(quality.judge(point, good(c.value), at(c.at_s)), c.expected) << c.at_s;
  }
}

TEST(PointQuality, CountsAtLeastASecondBetweenTwoReadings) {
  config::Point point = number_point("p", 0);
  point.step_max = whole(1);
  PointQuality quality;
  EXPECT_EQ(quality.judge(point, good(5), Instant{}), Quality::good);
  EXPECT_EQ(quality.judge(point, good(6), Instant{milliseconds(100).ns}), Quality::good);
}

TEST(PointQuality, CallsAValueThatStandsTooLongFrozenUntilItMoves) {
  config::Point point = number_point("p", 0);
  point.frozen_after = minutes(60);
  PointQuality quality;
  EXPECT_EQ(quality.judge(point, good(7), at(0)), Quality::good);
  EXPECT_EQ(quality.judge(point, good(7), at(3600)), Quality::good);
  EXPECT_EQ(quality.judge(point, good(7), at(3601)), Quality::frozen);
  EXPECT_EQ(quality.judge(point, good(8), at(3602)), Quality::good);
  EXPECT_EQ(quality.judge(point, good(8), at(7000)), Quality::good);
  quality.forget();  // nothing was read since: the clock of standing still starts anew
  EXPECT_EQ(quality.judge(point, good(8), at(20000)), Quality::good);
}

}  // namespace
}  // namespace cryobank::devices
