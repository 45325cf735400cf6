#include "service/schedule/level.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "service/schedule/improve.hpp"

namespace cryobank::schedule {
namespace {

// So many courses of four doses on 40 days, each begun on a day of its own.
DayProblem some_courses(int count, std::uint64_t seed) {
  Prng random(seed);
  DayProblem problem;
  problem.days = 40;
  problem.calendars = {OpenDays(40, 1)};
  problem.calendar_names = {"every-day"};
  problem.resources = {{"thaw-station", std::vector<std::int32_t>(40, 4), 1},
                       {"incubator", std::vector<std::int32_t>(40, 12), 0}};
  for (int c = 0; c < count; ++c) {
    Series series;
    series.name = series.patient = std::string(1, static_cast<char>('a' + c));
    series.release = static_cast<int>(random.between(4, 9));
    series.lead_min = 1;
    series.lead_max = 3;
    series.demands = {{0, Demand::On::thaw, 1}, {1, Demand::On::culture, 1}};
    for (int k = 1; k <= 4; ++k) {
      DoseNeed need;
      need.number = k;
      need.latest = 39;
      if (random.chance(1, 3)) {
        need.published_day = series.release + 4 * k;
        need.published_lead = 2;
      }
      series.doses.push_back(need);
      series.gaps.push_back({3, 5, {0, 0, 1}});
    }
    problem.series.push_back(series);
  }
  problem.weights = {1'000'000, 10, 1};
  return problem;
}

Objective without_peak(Objective objective) {
  objective.peak = 0;
  return objective;
}

TEST(Level, LowersTheHighestLoadAndNothingElseGetsWorse) {
  int lowered = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const DayProblem problem = some_courses(6, seed);
    ASSERT_TRUE(check(problem));
    const DayModel model(problem, Reserve::kept);
    Improver improver(model, {}, seed);
    improver.build({0, 1, 2, 3, 4, 5});
    improver.run(200, 200);
    Leveller leveller(model, improver.routes());
    int tries = 0;
    while (leveller.step()) ASSERT_LT(++tries, 1'000) << "it comes to an end";
    const Objective before = measure(problem, improver.routes());
    const Objective after = measure(problem, leveller.routes());
    EXPECT_LE(without_peak(after), without_peak(before)) << seed;
    EXPECT_LE(after.peak, before.peak) << seed;
    lowered += after.peak < before.peak ? 1 : 0;
    Load left = model.capacity();
    for (const Route& route : leveller.routes()) {
      for (const Visit& visit : route.visits) {
        for (const CellUse& use : visit.cells)
          left[static_cast<std::size_t>(use.cell)] -= use.amount;
      }
    }
    for (const std::int32_t free : left) EXPECT_GE(free, 0) << seed;
    Leveller again(model, improver.routes());
    while (again.step()) {
    }
    EXPECT_EQ(again.routes(), leveller.routes());
  }
  EXPECT_GE(lowered, 10);
}

TEST(Level, APlanOfNothingIsLevel) {
  const DayProblem problem = some_courses(0, 1);
  const DayModel model(problem, Reserve::kept);
  EXPECT_FALSE(Leveller(model, {}).step());
}

}  // namespace
}  // namespace cryobank::schedule
