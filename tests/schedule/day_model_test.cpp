#include "service/schedule/day_model.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/prng.hpp"
#include "service/schedule/bound.hpp"
#include "service/schedule/explain.hpp"
#include "service/schedule/improve.hpp"
#include "service/schedule/repair.hpp"

namespace cryobank::schedule {
namespace {

GapRule gap(int min, int max, std::vector<std::int32_t> cost) {
  return {min, max, std::move(cost)};
}

// Twelve doses, 3 or 4 days wanted, 2 to 7 allowed; an empty calendar of 120 days.
DayProblem one_course(int doses = 12) {
  DayProblem problem;
  problem.days = 120;
  problem.calendars = {OpenDays(120, 1), OpenDays(120, 1)};
  problem.calendar_names = {"centre", "clinic"};
  problem.resources.push_back({"thaw-station", std::vector<std::int32_t>(120, 3), 1});
  problem.resources.push_back({"incubator", std::vector<std::int32_t>(120, 9), 0});
  Series series;
  series.name = "c1";
  series.patient = "p1";
  series.release = 5;
  series.clinic_calendar = 1;
  series.lead_min = 2;
  series.lead_max = 3;
  series.demands = {{0, Demand::On::thaw, 1}, {1, Demand::On::culture, 1}};
  for (int k = 1; k <= doses; ++k) {
    DoseNeed need;
    need.number = k;
    need.latest = 119;
    series.doses.push_back(need);
    series.gaps.push_back(gap(2, 7, {4, 0, 0, 1, 3, 6}));
  }
  problem.series.push_back(series);
  problem.weights = {1'000'000, 1, 1};
  return problem;
}

Route best_of(const DayProblem& problem, int series = 0) {
  EXPECT_TRUE(check(problem));
  const DayModel model(problem, Reserve::kept);
  return model.best(series, &model.capacity(), {}, {});
}

TEST(DayModel, TwelveDosesOnAnEmptyCalendarCostNothing) {
  const Route route = best_of(one_course());
  ASSERT_EQ(route.visits.size(), 12u);
  EXPECT_EQ(route.missing, 0);
  EXPECT_EQ(route.cost, 0);
  EXPECT_EQ(route.visits.front().period, 5);
}

TEST(DayModel, NoThawHarvestOrInfusionFallsOnAClosedDay) {
  DayProblem problem = one_course();
  for (std::size_t d = 0; d < 120; ++d) {
    if (d % 7 == 6) problem.calendars[0][d] = problem.calendars[1][d] = 0;
    if (d % 7 == 2) problem.calendars[1][d] = 0;
  }
  const Route route = best_of(problem);
  ASSERT_EQ(route.visits.size(), 12u);
  for (const Visit& visit : route.visits) {
    const auto day = static_cast<std::size_t>(visit.period);
    EXPECT_EQ(problem.calendars[1][day], 1);
    EXPECT_EQ(problem.calendars[0][day], 1);
    EXPECT_EQ(problem.calendars[0][day - static_cast<std::size_t>(visit.variant)], 1);
  }
}

TEST(DayModel, AWindowOfLeadsBridgesWhatOneLeadCannot) {
  // Centre and clinic closed on two days of seven: with 2 days of culture alone, twice a week is
  // impossible; with 2 to 3 it is not.
  DayProblem problem = one_course(6);
  for (std::size_t d = 0; d < 120; ++d) {
    if (d % 7 >= 5) problem.calendars[0][d] = problem.calendars[1][d] = 0;
  }
  const Cost window = best_of(problem).cost;
  problem.series[0].lead_max = 2;
  EXPECT_GT(best_of(problem).cost, window + kCostUnit);
}

TEST(DayModel, ReleaseHoldExpiryAndPatientsDaysAreKept) {
  DayProblem problem = one_course(2);
  problem.series[0].blocked.assign(120, 0);
  problem.series[0].blocked[5] = problem.series[0].blocked[6] = 1;
  problem.series[0].doses[1].earliest = 12;
  const Route route = best_of(problem);
  EXPECT_EQ(route.visits[0].period, 7);
  EXPECT_EQ(route.visits[1].period, 12);
  problem.series[0].doses[1].latest = 11;
  EXPECT_EQ(best_of(problem).missing, 1);
}

TEST(DayModel, FixedDosesStayAndTheirGapCounts) {
  DayProblem problem = one_course(3);
  problem.series[0].fixed = {{1, 10, 2, true}, {2, 14, 2, true}};
  const Route route = best_of(problem);
  EXPECT_EQ(route.visits[0].period, 17);
  const DayModel model(problem, Reserve::kept);
  EXPECT_EQ(model.capacity()[static_cast<std::size_t>(model.cell(0, 8))],
            1);  // 3, less reserve and one thaw
}

TEST(DayModel, LongerGapThanAllowedOnlyAfterAHold) {
  DayProblem problem = one_course(1);
  problem.series[0].fixed = {{1, 0, 2, false}};
  problem.series[0].doses[0].earliest = 20;
  EXPECT_EQ(best_of(problem).missing, 1);
  problem.series[0].resumes = true;
  const Route route = best_of(problem);
  EXPECT_EQ(route.missing, 0);
  EXPECT_EQ(route.visits[0].period, 20);
  EXPECT_EQ(route.cost / kCostUnit, 6 + 13);
}

TEST(DayModel, SeriesOfOnePatientStayApart) {
  DayProblem problem = one_course(4);
  problem.series.push_back(problem.series[0]);
  problem.series[1].name = "vaccine";
  problem.apart = {{0, 1, 2}};
  const DayModel model(problem, Reserve::kept);
  Improver improver(model, {}, 1);
  improver.build({0, 1});
  improver.run(50, 50);
  for (const Visit& a : improver.routes()[0].visits) {
    for (const Visit& b : improver.routes()[1].visits) {
      EXPECT_GE(std::abs(a.period - b.period), 2);
    }
  }
}

TEST(DayModel, PublishedDaysAreKeptWhereNothingElseIsLost) {
  DayProblem problem = one_course(3);
  for (int k = 0; k < 3; ++k) {
    problem.series[0].doses[static_cast<std::size_t>(k)].published_day = 5 + 4 * k;
    problem.series[0].doses[static_cast<std::size_t>(k)].published_lead = 2;
  }
  const Route route = best_of(problem);
  EXPECT_EQ(route.visits[1].period, 9);
  EXPECT_EQ(route.visits[2].period, 13);
}

TEST(DayModel, TwoDosesOfOneSeriesInCultureAtOnceNeedTwoPlaces) {
  DayProblem problem = one_course(6);
  problem.resources[1].capacity.assign(120, 1);
  problem.series[0].lead_min = problem.series[0].lead_max = 5;
  const Route route = best_of(problem);
  for (std::size_t k = 1; k < route.visits.size(); ++k) {
    EXPECT_GE(route.visits[k].period - route.visits[k - 1].period, 5);
  }
  EXPECT_EQ(route.missing, 0);
}

// Everything there is, tried: gaps and leads of two courses with few doses on a tight site.
Cost brute_force(const DayProblem& problem, const DayModel& model, Routes& routes, Load& free,
                 std::size_t s) {
  if (s == problem.series.size()) {
    Cost sum = 0;
    for (Route& route : routes) {
      model.value(static_cast<int>(&route - routes.data()), route);
      sum += route.cost;
    }
    return sum;
  }
  const Series& series = problem.series[s];
  Route& route = routes[s];
  Cost best = brute_force(problem, model, routes, free, s + 1);  // what is left is missing
  if (route.visits.size() == series.doses.size()) return best;
  const std::size_t k = route.visits.size();
  const int from = k == 0 ? series.release : route.visits.back().period + series.gaps[k].min;
  const int until = k == 0 ? problem.days - 1 : route.visits.back().period + series.gaps[k].max;
  for (int day = from; day <= std::min(until, problem.days - 1); ++day) {
    if (problem.calendars[1][static_cast<std::size_t>(day)] == 0) continue;
    for (int lead = series.lead_min; lead <= series.lead_max; ++lead) {
      if (day - lead < 0 || problem.calendars[0][static_cast<std::size_t>(day)] == 0 ||
          problem.calendars[0][static_cast<std::size_t>(day - lead)] == 0) {
        continue;
      }
      const Visit visit = model.visit(static_cast<int>(s), day, lead);
      bool fits = true;
      for (const CellUse& use : visit.cells) {
        fits = fits && free[static_cast<std::size_t>(use.cell)] >= use.amount;
      }
      if (!fits) continue;
      for (const CellUse& use : visit.cells) free[static_cast<std::size_t>(use.cell)] -= use.amount;
      route.visits.push_back(visit);
      best = std::min(best, brute_force(problem, model, routes, free, s));
      route.visits.pop_back();
      for (const CellUse& use : visit.cells) free[static_cast<std::size_t>(use.cell)] += use.amount;
    }
  }
  return best;
}

TEST(DayModel, ImproverFindsWhatTryingEverythingFindsAndTheBoundIsBelow) {
  Prng random(3);
  for (int round = 0; round < 25; ++round) {
    DayProblem problem = one_course(2);
    problem.days = 14;
    problem.calendars = {OpenDays(14, 1), OpenDays(14, 1)};
    for (std::size_t d = 0; d < 14; ++d) {
      problem.calendars[0][d] = random.chance(4, 5) ? 1 : 0;
      problem.calendars[1][d] = random.chance(3, 4) ? 1 : 0;
    }
    for (Resource& resource : problem.resources) resource.capacity.assign(14, 1);
    problem.resources[0].reserve = 0;
    problem.series[0].release = 3;
    for (DoseNeed& dose : problem.series[0].doses) dose.latest = 13;
    problem.series.push_back(problem.series[0]);
    problem.series.push_back(problem.series[0]);
    problem.series[2].doses.pop_back();
    problem.series[2].gaps.pop_back();
    const DayModel model(problem, Reserve::kept);
    Improver improver(model, {}, 9);
    improver.build({0, 1, 2});
    improver.run(400, 400);
    Routes routes(3);
    Load free = model.capacity();
    EXPECT_EQ(improver.cost(), brute_force(problem, model, routes, free, 0)) << "round " << round;
    Bound bound(model);
    bound.run(60, improver.cost());
    EXPECT_LE(bound.cost() * kCostUnit, improver.cost()) << "round " << round;
  }
}

TEST(Explain, NamesWhatBindsALateDose) {
  DayProblem problem = one_course(2);
  for (std::size_t d = 9; d < 11; ++d) problem.calendars[1][d] = 0;
  problem.resources[0].capacity[6] = problem.resources[0].capacity[5] = 0;  // thaws for day 8
  const DayModel model(problem, Reserve::kept);
  const Routes routes{best_of(problem)};
  const std::vector<LateDose> late = explain(model, routes);
  ASSERT_FALSE(late.empty());
  std::string all;
  for (const LateDose& dose : late) {
    for (const Reason& reason : dose.reasons) all += to_text(problem, reason) + "; ";
  }
  EXPECT_NE(all.find("clinic closed"), std::string::npos) << all;
}

// Five days later it could be given, which its interval does not allow: that is no reason.
TEST(Explain, ADoseWithoutADayIsToldByTheDaysThatItsIntervalAllows) {
  DayProblem problem = one_course(1);
  problem.series[0].fixed = {{0, 20, 2, false}};
  problem.series[0].gaps[0] = gap(3, 4, {0, 0});
  problem.calendars[1][23] = problem.calendars[1][24] = 0;
  const DayModel model(problem, Reserve::kept);
  const Routes routes{best_of(problem)};
  ASSERT_EQ(routes[0].missing, 1);
  const std::vector<LateDose> late = explain(model, routes);
  ASSERT_EQ(late.size(), 1u);
  ASSERT_EQ(late[0].reasons.size(), 1u);
  EXPECT_EQ(late[0].reasons[0].what, Reason::What::clinic_closed);
  EXPECT_EQ(late[0].reasons[0].day, 24) << "the last day that costs nothing";
}

TEST(Repair, OwnCourseMovesAloneWhenThereIsRoom) {
  DayProblem problem = one_course(4);
  problem.series.push_back(problem.series[0]);
  problem.series[1].name = "c2";
  const DayModel published(problem, Reserve::kept);
  Improver improver(published, {}, 1);
  improver.build({0, 1});
  DayProblem held = problem;
  for (DoseNeed& dose : held.series[0].doses) dose.earliest = 20;
  held.series[0].resumes = true;
  const DayModel model(held, Reserve::used);
  const Repair mended = repair(model, improver.routes(), 0, 27);
  EXPECT_EQ(mended.rung, Rung::own_course);
  ASSERT_EQ(mended.moves.size(), 4u);
  for (const VisitMove& move : mended.moves) EXPECT_EQ(move.series, 0);
  EXPECT_EQ(mended.routes[1], improver.routes()[1]);
}

TEST(Repair, FewCoursesMoveWhenTheOwnCannotAndThoseToldStay) {
  DayProblem problem = one_course(1);
  problem.days = 12;
  problem.calendars = {OpenDays(12, 1), OpenDays(12, 1)};
  problem.resources = {{"chair", std::vector<std::int32_t>(12, 0), 0}};
  problem.resources[0].capacity[8] = problem.resources[0].capacity[9] = 1;
  problem.resources[0].capacity[10] = 1;
  Series own = problem.series[0];
  own.demands = {{0, Demand::On::infusion, 1}};
  own.doses[0].latest = 9;
  own.doses[0].earliest = 8;
  problem.series[0] = own;
  for (int other = 1; other <= 2; ++other) {
    Series series = own;
    series.name = other == 1 ? "told" : "not-told";
    series.doses[0].latest = 11;
    series.doses[0].told = other == 1;
    series.doses[0].published_day = 7 + other;
    problem.series.push_back(series);
  }
  const DayModel model(problem, Reserve::used);
  Routes standing(3);
  standing[1].visits = {model.visit(1, 8, 2)};
  standing[2].visits = {model.visit(2, 9, 2)};
  const Repair mended = repair(model, standing, 0, 11);
  EXPECT_EQ(mended.rung, Rung::few_courses);
  EXPECT_EQ(mended.routes[1].visits[0].period, 8);
  EXPECT_EQ(mended.routes[2].visits[0].period, 10);
  EXPECT_EQ(mended.routes[0].visits[0].period, 9);
}

// A bed is taken on the day of the infusion and the two after it.
TEST(DayModel, TwoWhoStayDoNotLieInOneBed) {
  DayProblem problem = one_course(3);
  problem.resources.push_back({"beds", std::vector<std::int32_t>(120, 1), 0});
  for (int after = 0; after < 3; ++after) {
    problem.series[0].demands.push_back({2, Demand::On::infusion, 1, after});
  }
  problem.series.push_back(problem.series[0]);
  problem.series[1].name = "c2";
  problem.series[1].patient = "p2";
  ASSERT_TRUE(check(problem));
  const DayModel model(problem, Reserve::kept);
  Improver improver(model, {}, 1);
  improver.build({0, 1});
  ASSERT_EQ(improver.routes()[0].missing + improver.routes()[1].missing, 0);
  for (const Visit& one : improver.routes()[0].visits) {
    for (const Visit& other : improver.routes()[1].visits) {
      EXPECT_GE(std::abs(one.period - other.period), 3);
    }
  }
  problem.series[0].demands.back().after = kStayDaysMax + 1;
  EXPECT_FALSE(check(problem));
  problem.series[0].demands.back() = {2, Demand::On::thaw, 1, 1};
  EXPECT_FALSE(check(problem)) << "only a stay goes on after its day";
}

TEST(Repair, OptionsAreOfferedWhenNothingIsSoonEnough) {
  DayProblem problem = one_course(2);
  for (std::size_t d = 0; d < 30; ++d) problem.calendars[1][d] = 0;
  const DayModel model(problem, Reserve::used);
  const Repair mended = repair(model, Routes(1), 0, 12);
  EXPECT_EQ(mended.rung, Rung::options);
  ASSERT_FALSE(mended.options.empty());
  EXPECT_EQ(mended.options.front().first, 30);
  for (std::size_t i = 1; i < mended.options.size(); ++i) {
    EXPECT_GT(mended.options[i].first, mended.options[i - 1].first);
  }
}

TEST(DayProblem, WhatCannotBeIsRefusedInWords) {
  DayProblem problem = one_course();
  problem.series[0].gaps[3].cost.pop_back();
  EXPECT_NE(check(problem).error().context.find("c1"), std::string::npos);
  problem = one_course();
  problem.resources[0].capacity.pop_back();
  EXPECT_NE(check(problem).error().context.find("thaw-station"), std::string::npos);
  problem = one_course();
  problem.days = 0;
  EXPECT_FALSE(check(problem));
  problem = one_course();
  problem.apart = {{0, 0, 1}};
  EXPECT_FALSE(check(problem));
}

}  // namespace
}  // namespace cryobank::schedule
