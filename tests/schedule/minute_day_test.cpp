// The work of a day in minutes: rules kept in many random days, what runs stays, what is late is
// named, and a day that hangs on one person is known.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "service/schedule/minute_day.hpp"

namespace cryobank::schedule {
namespace {

constexpr int kRobot = 0;
constexpr int kStation = 1;
constexpr int kCabinet = 2;
constexpr int kHands = 0;
constexpr int kRelease = 1;

std::vector<MinuteStep> thaw_steps() {
  return {{"retrieve", 10, kRobot, -1, -1, 0, false},
          {"thaw", 8, kStation, kHands, 0, 5, true},
          {"wash", 25, kCabinet, kHands, 0, 0, false},
          {"seed", 10, kCabinet, kHands, 0, 15, true}};
}
std::vector<MinuteStep> harvest_steps() {
  return {{"harvest", 30, kCabinet, kHands, -1, 15, true},
          {"release", 10, -1, kRelease, 60, 0, false},
          {"pack", 10, -1, kHands, 60, 0, true}};
}

MinuteDay a_day(int thaws, int harvests) {
  MinuteDay day;
  day.machines = {{"robot", 1}, {"thaw station", 1}, {"cabinet", 2}};
  day.skills = {"hands", "release"};
  day.people = {{"a", {kHands}, 8 * 60, 17 * 60},
                {"b", {kHands, kRelease}, 8 * 60, 17 * 60},
                {"c", {kHands, kRelease}, 9 * 60, 18 * 60}};
  day.now = 7 * 60;
  for (int i = 0; i < harvests; ++i) {
    MinuteChain chain{cat("harvest ", i), harvest_steps(), 8 * 60, 13 * 60, 0, 0, false, 0};
    day.chains.push_back(std::move(chain));
  }
  for (int i = 0; i < thaws; ++i) {
    MinuteChain chain{cat("thaw ", i), thaw_steps(), 9 * 60, -1, 0, 0, false, 0};
    day.chains.push_back(std::move(chain));
  }
  return day;
}

std::string listed(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += item + "\n";
  return out;
}

TEST(MinuteDay, KeepsEveryRuleOfAnOrdinaryDay) {
  const MinuteDay day = a_day(6, 6);
  const MinutePlan plan = plan_minutes(day, 1, 20, 0);
  ASSERT_NE(plan.verdict, SearchVerdict::infeasible) << listed(plan.faults);
  EXPECT_TRUE(plan.late.empty());
  EXPECT_EQ(listed(plan.faults), "");
  EXPECT_EQ(listed(violations(day, plan)), "");
  EXPECT_EQ(plan.slots.size(), 6u * 4 + 6 * 3);
}

TEST(MinuteDay, ASmallDayIsProvenToBeTheShortest) {
  MinuteDay day = a_day(1, 1);
  const MinutePlan plan = plan_minutes(day, 1, 20, 20'000);
  EXPECT_EQ(plan.verdict, SearchVerdict::optimal);
  EXPECT_EQ(listed(violations(day, plan)), "");
}

TEST(MinuteDay, WhatHasBegunStaysAndTheRestIsPlannedAroundIt) {
  MinuteDay day = a_day(3, 0);
  day.now = 9 * 60 + 15;
  day.chains[0].begun = true;  // fetched since 9:00, its thaw since 9:10
  day.chains[0].begun_at = 9 * 60;
  const MinutePlan plan = plan_minutes(day, 1, 20, 0);
  ASSERT_NE(plan.verdict, SearchVerdict::infeasible) << listed(plan.faults);
  EXPECT_EQ(listed(violations(day, plan)), "");
  const auto running = std::ranges::count_if(plan.slots, &MinuteSlot::running);
  EXPECT_EQ(running, 2);
  for (const MinuteSlot& slot : plan.slots) {
    if (!slot.running) {
      EXPECT_GE(slot.start, day.now);
    }
  }
}

TEST(MinuteDay, WhatRunsOverItsTimePushesTheRestAndIsNamedLate) {
  MinuteDay day = a_day(0, 2);
  day.machines[kCabinet].count = 1;
  day.chains[0].latest = day.chains[1].latest = 9 * 60 + 40;
  MinutePlan plan = plan_minutes(day, 1, 20, 0);
  EXPECT_TRUE(plan.late.empty()) << "8:00 to 8:30 and 8:45 to 9:35";
  day.now = 8 * 60 + 50;  // the first one should have been harvested at 8:30 and is not
  day.chains[0].begun = true;
  day.chains[0].begun_at = 8 * 60;
  plan = plan_minutes(day, 1, 20, 0);
  ASSERT_NE(plan.verdict, SearchVerdict::infeasible) << listed(plan.faults);
  ASSERT_EQ(plan.late.size(), 1u);
  EXPECT_EQ(plan.late.front().first, 1);
  EXPECT_EQ(plan.late.front().second, 16) << "8:51, cleared until 9:06, 50 minutes to 9:56";
  EXPECT_EQ(listed(violations(day, plan)), "");
}

TEST(MinuteDay, ASkillThatNobodyHasIsSaidByName) {
  MinuteDay day = a_day(1, 1);
  for (MinutePerson& person : day.people) person.skills = {kHands};
  const MinutePlan plan = plan_minutes(day, 1, 20, 0);
  EXPECT_EQ(plan.verdict, SearchVerdict::infeasible);
  EXPECT_EQ(listed(plan.faults), "nobody who can do \"release\" is there\n");
}

TEST(MinuteDay, HangsOnTheOneWhoAloneCanDoAStep) {
  MinuteDay day = a_day(2, 2);
  day.people[2].skills = {kHands};
  MinutePlan plan = plan_minutes(day, 1, 20, 0);
  ASSERT_TRUE(plan.faults.empty());
  EXPECT_TRUE(hangs_on(day, plan, 1, 1, 20)) << "b alone releases";
  EXPECT_FALSE(hangs_on(day, plan, 0, 1, 20));
  EXPECT_FALSE(hangs_on(day, plan, 2, 1, 20));
  day.people[2].skills = {kHands, kRelease};
  plan = plan_minutes(day, 1, 20, 0);
  for (int person = 0; person < 3; ++person) EXPECT_FALSE(hangs_on(day, plan, person, 1, 20));
}

MinuteDay random_day(std::uint64_t seed) {
  Prng random(seed);
  MinuteDay day =
      a_day(static_cast<int>(random.between(0, 6)), static_cast<int>(random.between(0, 6)));
  day.machines[kCabinet].count = static_cast<int>(random.between(1, 3));
  day.now = static_cast<int>(random.between(7 * 60, 12 * 60));
  for (MinuteChain& chain : day.chains) {
    chain.earliest += static_cast<int>(random.between(0, 120));
    if (random.chance(1, 3)) chain.latest = -1;
    const auto done = random.below(chain.steps.size() + 1);
    if (!random.chance(1, 3) || done == 0) continue;
    // As the record knows it: up to a step that is proven.
    std::size_t proven = 0;
    for (std::size_t k = 0; k < done; ++k) proven = chain.steps[k].proven ? k + 1 : proven;
    chain.done = proven;
    chain.done_at = day.now - static_cast<int>(random.between(0, 90));
  }
  return day;
}

TEST(MinuteDay, KeepsEveryRuleInManyRandomDaysAndTheSameSeedGivesTheSamePlan) {
  int planned = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const MinuteDay day = random_day(seed);
    ASSERT_TRUE(check(day));
    const MinutePlan plan = plan_minutes(day, seed, 8, 0);
    const MinutePlan again = plan_minutes(day, seed, 8, 0);
    ASSERT_EQ(plan.slots.size(), again.slots.size());
    for (std::size_t i = 0; i < plan.slots.size(); ++i) {
      EXPECT_EQ(plan.slots[i].start, again.slots[i].start);
      EXPECT_EQ(plan.slots[i].person, again.slots[i].person);
    }
    if (plan.verdict == SearchVerdict::infeasible) continue;
    ++planned;
    if (plan.waits.empty()) {
      EXPECT_EQ(listed(violations(day, plan)), "") << "seed " << seed;
    }
  }
  EXPECT_GT(planned, 250);
}

TEST(MinuteDay, AFullDayIsPlannedAnewInUnderASecond) {
  MinuteDay day = a_day(12, 12);
  day.people.push_back({"d", {kHands, kRelease}, 8 * 60, 20 * 60});
  day.chains[0].latest = 10 * 60;
  const auto start = std::chrono::steady_clock::now();
  const MinutePlan plan = plan_minutes(day, 1, 8, 0);
  const auto took = std::chrono::steady_clock::now() - start;
  EXPECT_LT(std::chrono::duration_cast<std::chrono::milliseconds>(took).count(), 1'000);
  RecordProperty(
      "microseconds",
      std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  EXPECT_NE(plan.verdict, SearchVerdict::infeasible) << listed(plan.faults);
  EXPECT_EQ(listed(violations(day, plan)), "");
}

TEST(MinuteDay, WhatIsNoDayIsRefused) {
  MinuteDay day = a_day(1, 0);
  day.chains[0].steps[0].machine = 9;
  EXPECT_FALSE(check(day));
  day = a_day(1, 0);
  day.chains[0].steps[0].minutes = 0;
  EXPECT_FALSE(check(day));
  day = a_day(kChainsMax + 1, 0);
  EXPECT_FALSE(check(day));
}

}  // namespace
}  // namespace cryobank::schedule
