// Rules that allow no gap, gaps over days on which the patient is away, visits that have passed,
// and a bound that says something of a small plan.
#include <gtest/gtest.h>

#include "service/schedule/bound.hpp"
#include "service/schedule/exchange.hpp"
#include "service/schedule/explain.hpp"
#include "service/schedule/improve.hpp"
#include "service/schedule/repair.hpp"

namespace cryobank::schedule {
namespace {

constexpr int kRuleDays = 90;

// Four doses, 3 or 4 days wanted, 2 to 7 allowed; every day is open.
DayProblem course_of_four(int series_count = 1, int thaws = 9) {
  DayProblem problem;
  problem.days = kRuleDays;
  problem.calendars = {OpenDays(kRuleDays, 1)};
  problem.calendar_names = {"all"};
  problem.resources.push_back({"thaw", std::vector<std::int32_t>(kRuleDays, thaws), 0});
  for (int s = 0; s < series_count; ++s) {
    Series series;
    series.name = "c" + std::to_string(s + 1);
    series.patient = series.name;
    series.first_thaw = 1;
    series.release = 2;
    series.lead_max = 2;
    series.demands = {{0, Demand::On::thaw, 1}};
    for (int k = 1; k <= 4; ++k) {
      DoseNeed need;
      need.number = k;
      need.latest = kRuleDays - 1;
      series.doses.push_back(need);
      series.gaps.push_back({2, 7, {1, 0, 0, 1, 2, 3}});
    }
    problem.series.push_back(std::move(series));
  }
  return problem;
}

Route best_alone(const DayProblem& problem) {
  EXPECT_TRUE(check(problem));
  const DayModel model(problem, Reserve::kept);
  return model.best(0, &model.capacity(), {}, {});
}

TEST(DayRules, WhereNoGapIsAllowedTheDosesAfterItHaveNoDay) {
  DayProblem problem = course_of_four();
  problem.series[0].gaps[2] = {9, 7, {}};
  const Route route = best_alone(problem);
  EXPECT_EQ(route.visits.size(), 2u);
  EXPECT_EQ(route.missing, 2);
  const DayModel model(problem, Reserve::kept);
  const auto late = explain(model, {route});
  ASSERT_FALSE(late.empty());
  EXPECT_EQ(late.back().reasons.front().what, Reason::What::no_gap);
  EXPECT_EQ(measure(problem, {route}).unscheduled, 2);
  const auto read = read_problem(write_problem(problem));
  ASSERT_TRUE(read) << read.error().context;
  EXPECT_EQ(best_alone(*read).missing, 2);
  problem.series[0].fixed.push_back({0, -4, 1, false});
  problem.series[0].gaps[0] = {9, 7, {}};
  EXPECT_EQ(best_alone(problem).missing, 4);
}

TEST(DayRules, AGapOverAJourneyIsAsLongAsItHasToBe) {
  DayProblem problem = course_of_four();
  Series& series = problem.series[0];
  const Route before = best_alone(problem);
  const int second = before.visits[1].period;
  series.blocked.assign(kRuleDays, 0);
  for (int d = second + 1; d <= second + 30; ++d) series.blocked[static_cast<std::size_t>(d)] = 1;
  series.bridges = find_bridges(problem, series);
  ASSERT_EQ(series.bridges.size(), 1u);
  EXPECT_EQ(series.bridges[0].before, second);
  EXPECT_EQ(series.bridges[0].after, second + 31);
  for (std::size_t k = 0; k < 4; ++k) series.doses[k].published_day = before.visits[k].period;
  for (std::size_t k = 0; k < 4; ++k) series.doses[k].published_lead = before.visits[k].variant;
  const Route route = best_alone(problem);
  ASSERT_EQ(route.missing, 0);
  EXPECT_EQ(route.visits[0], before.visits[0]);
  EXPECT_EQ(route.visits[1], before.visits[1]);
  EXPECT_EQ(route.visits[2].period, second + 31);
  EXPECT_EQ(measure(problem, {route}).interval, 0);
  const DayModel model(problem, Reserve::used);
  const Repair mended = repair(model, {before}, 0, kRuleDays);
  EXPECT_EQ(mended.rung, Rung::own_course);
  ASSERT_EQ(mended.options.size(), 2u) << "as it is, or all of it after the journey";
  EXPECT_EQ(mended.options[1].first, second + 31);
  EXPECT_EQ(mended.moves.size(), 2u);
}

// Published every five days, a point of cost each, where three or four are wanted.
DayProblem published_course(std::vector<int> days) {
  DayProblem problem = course_of_four();
  Series& series = problem.series[0];
  series.blocked.assign(kRuleDays, 0);
  for (std::size_t k = 0; k < days.size(); ++k) {
    series.doses[k].published_day = days[k];
    series.doses[k].published_lead = 1;
  }
  return problem;
}

Repair mended_from(DayProblem& problem, int resume_by, KeepDays keep = KeepDays::before) {
  problem.series[0].bridges = find_bridges(problem, problem.series[0]);
  EXPECT_TRUE(check(problem));
  const DayModel model(problem, Reserve::used);
  Route standing;
  for (const DoseNeed& dose : problem.series[0].doses) {
    standing.visits.push_back(model.visit(0, dose.published_day, dose.published_lead));
  }
  model.value(0, standing);
  return repair(model, {standing}, 0, resume_by, keep);
}

std::vector<int> moved_doses(const Repair& mended) {
  std::vector<int> numbers;
  for (const VisitMove& move : mended.moves) numbers.push_back(move.number);
  return numbers;
}

TEST(DayRules, DosesBeforeAHoldKeepTheirDaysHoweverDearTheirIntervals) {
  DayProblem problem = published_course({10, 15, 20, 25});
  for (int d = 17; d <= 21; ++d) problem.series[0].blocked[static_cast<std::size_t>(d)] = 1;
  const Repair mended = mended_from(problem, 29);
  EXPECT_EQ(mended.rung, Rung::own_course);
  EXPECT_EQ(moved_doses(mended), (std::vector<int>{3}));
  EXPECT_EQ(mended.routes[0].visits[2].period, 22);  // three days before the fourth, which stays
}

TEST(DayRules, AHoldWithoutAnEndTakesNoDoseBeforeIt) {
  DayProblem problem = published_course({10, 15, 20, 25});
  for (int d = 17; d < kRuleDays; ++d) problem.series[0].blocked[static_cast<std::size_t>(d)] = 1;
  const Repair mended = mended_from(problem, kRuleDays + 7);
  EXPECT_EQ(mended.rung, Rung::options);
  EXPECT_TRUE(mended.options.empty());
  ASSERT_EQ(moved_doses(mended), (std::vector<int>{3, 4}));
  EXPECT_EQ(mended.moves[0].to, kNoDay);
}

TEST(DayRules, ADoseMovesForOneAfterItThatHasToBeSooner) {
  DayProblem problem = published_course({10, 15, 20, 25});
  problem.series[0].doses[2].earliest = problem.series[0].doses[2].latest = 16;
  const Repair mended = mended_from(problem, kRuleDays);
  EXPECT_EQ(mended.routes[0].missing, 0);
  EXPECT_EQ(mended.routes[0].visits[0].period, 10);
  EXPECT_LE(mended.routes[0].visits[1].period, 14);
  EXPECT_EQ(mended.routes[0].visits[2].period, 16);
}

TEST(DayRules, ACourseThatHasNotBegunIsNotBegunSoonerForWhatStopsItsFirstDose) {
  DayProblem problem = published_course({40, 44, 48, 52});
  problem.series[0].blocked[40] = 1;
  const Repair mended = mended_from(problem, 9);
  EXPECT_EQ(mended.rung, Rung::own_course) << "soon after its own day, however far that is";
  EXPECT_EQ(moved_doses(mended), (std::vector<int>{1}));
  EXPECT_EQ(mended.routes[0].visits[0].period, 41);
}

TEST(DayRules, OnAFullDayTheDosesBeforeItStay) {
  DayProblem problem = course_of_four(2, 1);
  const std::vector<int> days{10, 15, 20, 25};
  Routes standing(2);
  for (std::size_t k = 0; k < days.size(); ++k) {
    problem.series[0].doses[k].published_day = days[k];
    problem.series[0].doses[k].published_lead = 1;
  }
  const DayModel model(problem, Reserve::used);
  for (const int day : days) standing[0].visits.push_back(model.visit(0, day, 1));
  for (const int day : {20, 24}) standing[1].visits.push_back(model.visit(1, day, 1));
  for (int s = 0; s < 2; ++s) model.value(s, standing[static_cast<std::size_t>(s)]);
  const Repair mended = repair(model, standing, 0, kRuleDays);
  EXPECT_EQ(mended.rung, Rung::own_course);
  EXPECT_EQ(mended.routes[0].missing, 0);
  EXPECT_EQ(mended.routes[0].visits[0].period, 10);
  EXPECT_EQ(mended.routes[0].visits[1].period, 15);
  ASSERT_FALSE(mended.moves.empty());
  EXPECT_EQ(mended.moves.front().number, 3) << "whose thaw has no place";
}

TEST(DayRules, AFullDayIsToldWithThePlacesThatWouldDo) {
  DayProblem problem = course_of_four();
  std::vector<std::int32_t>& thaws = problem.resources[0].capacity;
  for (std::size_t day = 2; day <= 20; ++day) thaws[day] = 0;
  problem.series[0].doses[0].latest = 2;  // it has begun, and cannot wait for the end of that
  const auto planned = [&problem] {
    const DayModel model(problem, Reserve::kept);
    return model.best(0, &model.capacity(), {}, {});
  };
  const Route route = planned();
  ASSERT_EQ(route.visits.size(), 1u) << "no dose is given after a longer gap than its rule";
  const DayModel model(problem, Reserve::kept);
  const std::vector<LateDose> late = explain(model, {route});
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].number, 2);
  ASSERT_FALSE(late[0].reasons.empty());
  const Reason& reason = late[0].reasons.front();
  EXPECT_EQ(reason.what, Reason::What::full);
  EXPECT_EQ(reason.day, route.visits[0].period + 4) << "the last day that costs nothing";
  ASSERT_EQ(reason.lacks, (std::vector<Lack>{{0, reason.day - 1, 1}})) << "its thaw";
  for (const Lack& lack : reason.lacks) thaws[static_cast<std::size_t>(lack.day)] += lack.amount;
  const Route cured = planned();
  ASSERT_EQ(cured.visits.size(), 2u);
  EXPECT_EQ(cured.visits[1].period, reason.day);
}

TEST(DayRules, WhereADoseFellOutThoseAfterItCloseUp) {
  DayProblem problem = published_course({10, 15, 20, 25});
  EXPECT_TRUE(mended_from(problem, kRuleDays).moves.empty());
  EXPECT_FALSE(mended_from(problem, kRuleDays, KeepDays::nothing).moves.empty());
}

TEST(DayRules, AShortJourneyLengthensNoGapBeyondItsRule) {
  DayProblem problem = course_of_four();
  Series& series = problem.series[0];
  series.blocked.assign(kRuleDays, 0);
  for (int d = 6; d <= 9; ++d) series.blocked[static_cast<std::size_t>(d)] = 1;
  series.bridges = find_bridges(problem, series);
  const Route route = best_alone(problem);
  ASSERT_EQ(route.missing, 0);
  for (std::size_t k = 1; k < 4; ++k) {
    EXPECT_LE(route.visits[k].period - route.visits[k - 1].period, 7) << k;
  }
}

TEST(DayRules, AVisitThatHasPassedIsMovedAndAHoleIsNone) {
  DayProblem problem = course_of_four();
  const DayModel model(problem, Reserve::used);
  Route standing;
  for (const int day : {-2, kNoDay, 8, 11}) {
    standing.visits.push_back(day == kNoDay ? Visit{kNoDay, 0, {}} : model.visit(0, day, 1));
  }
  model.value(0, standing);
  EXPECT_EQ(standing.missing, 1);
  EXPECT_EQ(measure(problem, {standing}).unscheduled, 1);
  EXPECT_TRUE(explain(model, {standing}).size() <= 4u);
  const std::vector<VisitMove> moves = moves_between(problem, {standing}, {best_alone(problem)});
  ASSERT_GE(moves.size(), 2u);
  EXPECT_EQ(moves[0].from, -2);
  EXPECT_EQ(moves[1].from, kNoDay);
}

// Level by level, one of three courses has to wait a day: the plan that says so is the best one.
TEST(DayRules, TheBoundOfASmallPlanIsItsCost) {
  for (const auto& [courses, thaws] : {std::pair{3, 2}, {10, 6}, {20, 12}}) {
    const DayProblem problem = course_of_four(courses, thaws);
    const DayModel model(problem, Reserve::kept);
    Improver improver(model, {}, 7);
    std::vector<int> order;
    for (int s = 0; s < courses; ++s) order.push_back(s);
    improver.build(order);
    Bound bound(model);
    bound.run(800, improver.cost());
    const Cost cost = plan_cost(problem.weights, measure(problem, improver.routes()));
    EXPECT_EQ(cost, courses - thaws);
    EXPECT_EQ(bound.cost(), cost) << courses << " after " << bound.steps() << " steps";
  }
}

}  // namespace
}  // namespace cryobank::schedule
