// How long contents last, as a person would reckon it from what the tank shows now.
#include "devices/detect/time_to_loss.hpp"

#include <gtest/gtest.h>

namespace cryobank::detect {
namespace {

TankNow tank(std::int64_t level_mm, std::int64_t top_cel) {
  TankNow now;
  now.level = whole(level_mm);
  now.usual = whole(14);
  now.top = whole(top_cel);
  return now;
}

// A freezer at -104 Cel with 0 mm of liquid was said to have 20 hours left.
TEST(TimeToLossNow, IsNothingForADryTankThatIsAboveItAlready) {
  const auto lasts = time_to_loss(tank(0, -104));
  ASSERT_TRUE(lasts);
  for (const LossSpan& span : {lasts->to_150, lasts->to_130}) {
    EXPECT_EQ(span.low_s, 0);
    EXPECT_EQ(span.mid_s, 0);
    EXPECT_EQ(span.high_s, 0);
  }
  TankNow blind = tank(0, -104);
  blind.level.reset();
  const auto seen = time_to_loss(blind);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->to_130.high_s, 0) << "also where nobody knows the level";
}

TEST(TimeToLossNow, OfADryTankCountsFromWhereItsTopIs) {
  const auto half = time_to_loss(tank(0, -140));
  ASSERT_TRUE(half);
  EXPECT_EQ(half->to_150.high_s, 0);
  EXPECT_EQ(half->to_130.low_s, 10 * 3600) << "10 degrees at one an hour";
  EXPECT_GT(half->to_130.high_s, half->to_130.mid_s);
  EXPECT_GE(half->to_130.mid_s, half->to_130.low_s);
  const auto cold = time_to_loss(tank(0, -185));
  ASSERT_TRUE(cold);
  EXPECT_EQ(cold->to_130.low_s, 20 * 3600) << "the vapour may stand at -150 the moment it is dry";
}

TEST(TimeToLossNow, OfADryTankThatWarmsIsItsOwnRate) {
  TankNow warms = tank(0, -140);
  warms.warming = whole(48);
  const auto lasts = time_to_loss(warms);
  ASSERT_TRUE(lasts);
  EXPECT_EQ(lasts->to_130.mid_s, 10 * 3600 / 48);
  warms.top = whole(-104);
  const auto gone = time_to_loss(warms);
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->to_130.high_s, 0);
}

// With liquid below it a warm top is a lid that was open, or a probe that sits high.
TEST(TimeToLossNow, OfATankWithLiquidIsItsLiquid) {
  const auto lasts = time_to_loss(tank(140, -120));
  ASSERT_TRUE(lasts);
  EXPECT_EQ(lasts->to_130.mid_s, 10 * 86'400);
  EXPECT_GT(time_to_loss(tank(140, -185))->to_130.mid_s, lasts->to_130.mid_s);
}

// A leak of 30 mm an hour, of which nobody knows how many times the usual that is: a page said
// "-130C in 10h" of a tank that was lost in five.
TEST(TimeToLossNow, OfATankWithoutAUsualTakesTheWorstForTheLow) {
  TankNow young = tank(143, -170);
  young.usual.reset();
  young.falling = whole(720);
  const auto lasts = time_to_loss(young);
  ASSERT_TRUE(lasts);
  const std::int64_t liquid_s = 143 * 86'400 / 720;
  EXPECT_EQ(lasts->to_130.low_s, liquid_s * 4 / 5 + 40 * 3'600 / 52);
  EXPECT_NEAR(static_cast<double>(lasts->to_130.mid_s),
              static_cast<double>(liquid_s) + 40 * 3'600 / (0.23 * 720 / 14), 60);
  EXPECT_GT(lasts->to_130.high_s, lasts->to_130.mid_s);
  young.falling.reset();
  EXPECT_GT(time_to_loss(young)->to_130.low_s, 3 * 86'400) << "nothing says that it falls";
}

// A top of -60 Cel over 165 mm, after a restart, was said to have four days.
TEST(TimeToLossNow, IsNothingWhereAWarmTopIsNeitherUsualNorALids) {
  TankNow warm = tank(165, -60);
  warm.unexplained = true;
  const auto lasts = time_to_loss(warm);
  ASSERT_TRUE(lasts);
  EXPECT_EQ(lasts->to_130.high_s, 0);
  warm.top = whole(-140);
  EXPECT_GT(time_to_loss(warm)->to_130.low_s, 0);
}

TEST(TimeToLossNow, IsUnknownWithoutLevelAndWarmth) {
  TankNow blind = tank(0, -160);
  blind.level.reset();
  EXPECT_FALSE(time_to_loss(blind));
  EXPECT_FALSE(time_to_loss({}));
}

}  // namespace
}  // namespace cryobank::detect
