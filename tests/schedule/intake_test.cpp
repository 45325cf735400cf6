#include "service/schedule/intake.hpp"

#include <gtest/gtest.h>

namespace cryobank::schedule {
namespace {

constexpr int kIntakeDays = 60;

// Collection on weekdays with one place, three weeks of culture with two, a day of freezing.
std::vector<SlotKind> three_stages() {
  OpenDays weekdays;
  for (int d = 0; d < kIntakeDays; ++d) weekdays.push_back(d % 7 < 5 ? 1 : 0);
  const OpenDays all(kIntakeDays, 1);
  return {{"apheresis", "collection", weekdays, 1, 1, 0},
          {"culture", "processing", all, 2, 21, 0},
          {"freezer", "freezing", weekdays, 4, 1, 1}};
}

std::vector<std::vector<int>> nothing_taken(std::size_t kinds) {
  return std::vector<std::vector<int>>(kinds, std::vector<int>(kIntakeDays, 0));
}

TEST(Intake, StagesFollowEachOtherOnOpenDaysWithinTheirPlaces) {
  const auto kinds = three_stages();
  const auto plans =
      plan_intake(kinds, {{"r1", 5, 0}, {"r2", 5, 0}, {"r3", 5, 0}}, nothing_taken(3), kIntakeDays);
  ASSERT_EQ(plans.size(), 3u);
  // Days 5 and 6 are a weekend; culture begins the day after, ends 21 days later, and freezing
  // waits a day more.
  EXPECT_EQ(plans[0].days, (std::vector<int>{7, 8, 30}));
  EXPECT_EQ(plans[0].ready, 31);
  EXPECT_EQ(plans[1].days[0], 8) << "one collection a day";
  EXPECT_EQ(plans[2].days[1], 29) << "both cultures are in use until then";
}

TEST(Intake, ReferralWhoseCollectionFailedKeepsItsPlace) {
  const auto kinds = three_stages();
  auto taken = nothing_taken(3);
  const auto plans = plan_intake(kinds, {{"first", 8, 0}, {"later", 8, 0}}, taken, kIntakeDays);
  EXPECT_LT(plans[0].days[0], plans[1].days[0]);
  // The same when its collection is behind it: only what is left is planned.
  const auto rest = plan_intake(kinds, {{"first", 9, 1}, {"later", 8, 0}}, taken, kIntakeDays);
  EXPECT_EQ(rest[0].days.size(), 2u);
  EXPECT_EQ(rest[0].days[0], 9);
}

TEST(Intake, WhatFindsNoDayWithinTheHorizonSaysSo) {
  const auto kinds = three_stages();
  auto taken = nothing_taken(3);
  for (int& used : taken[1]) used = 2;
  const auto plans = plan_intake(kinds, {{"r1", 0, 0}}, taken, kIntakeDays);
  EXPECT_EQ(plans[0].days.size(), 1u);
  EXPECT_EQ(plans[0].ready, -1);
}

TEST(Volume, IsCellsByCountAndEfficiencyAndWarnsOutsideFiveToEightLitres) {
  // 3e9 cells at 1,000 per microlitre and 50 %: 6 L.
  const auto six = blood_volume({3'000'000'000, whole(1'000), whole(50), {}});
  ASSERT_TRUE(six.ok());
  EXPECT_EQ(six->litres, whole(6));
  EXPECT_TRUE(six->warnings.empty());
  const auto much = blood_volume({3'000'000'000, whole(300), whole(50), whole(400)});
  ASSERT_TRUE(much.ok());
  EXPECT_EQ(much->litres, whole(20));
  EXPECT_EQ(much->warnings.size(), 2u) << "outside 5 to 8 L, and a count that is not trusted";
  EXPECT_EQ(blood_volume({2'000'000'000, whole(1'000), whole(50), {}})->warnings.size(), 1u);
}

TEST(Volume, CountsThatNothingComesOfAreRefused) {
  EXPECT_FALSE(blood_volume({0, whole(1'000), whole(50), {}}).ok());
  EXPECT_FALSE(blood_volume({1'000, {}, whole(50), {}}).ok());
  EXPECT_FALSE(blood_volume({1'000, whole(1), {}, {}}).ok());
  EXPECT_FALSE(blood_volume({1'000, whole(1), whole(101), {}}).ok());
}

}  // namespace
}  // namespace cryobank::schedule
