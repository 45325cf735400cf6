// Plans of the product's engine against the checker, and against stock solvers that know nothing of
// it: CBC on an integer program of arcs, Gecode on the exported MiniZinc data.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <numeric>
#include <sstream>

#include "base/text.hpp"
#include "service/schedule/bound.hpp"
#include "service/schedule/day_model.hpp"
#include "service/schedule/exchange.hpp"
#include "service/schedule/improve.hpp"
#include "service/schedule/repair.hpp"
#include "tests/bench/dose-series/check.hpp"
#include "tests/bench/dose-series/generate.hpp"
#include "tests/bench/dose-series/lp.hpp"
#include "tests/contracts/temp_dir.hpp"

namespace cryobank::schedule {
namespace {

std::vector<int> in_order(const SeriesModel& model) {
  std::vector<int> order(static_cast<std::size_t>(model.count()));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

DayProblem parsed(const std::string& text) {
  Result<DayProblem> problem = read_problem(text);
  EXPECT_TRUE(problem) << (problem ? "" : problem.error().context);
  return problem ? *problem : DayProblem();
}

struct Solved {
  Routes routes;
  Cost bound = 0;
};

Solved solve_days(const DayProblem& problem, std::uint64_t seed, int rounds, int steps) {
  const DayModel model(problem, Reserve::kept);
  Improver first(model, {}, seed);
  first.build(in_order(model));
  Bound bound(model);
  bound.run(steps, first.cost());
  Improver improver(model, bound.prices(), seed);
  improver.build(in_order(model));
  improver.run(rounds, rounds);
  return {improver.routes(), bound.cost()};
}

std::string violations_of(const std::string& instance, const std::string& plan,
                          bool reserve = false) {
  std::string out;
  for (const std::string& one : dose_series::check_plan(instance, plan, reserve).violations) {
    out += one + "\n";
  }
  return out;
}

using dose_series::odd_shape;

TEST(DoseSeries, TextOfAProblemReadsBackAsItself) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::string text = dose_series::generate(odd_shape(seed), seed);
    EXPECT_EQ(write_problem(parsed(text)).size(),
              write_problem(parsed(write_problem(parsed(text)))).size());
    EXPECT_EQ(write_problem(parsed(text)), write_problem(parsed(write_problem(parsed(text)))));
  }
}

// 10,000 by plan_check; here as many as a test may take.
TEST(DoseSeries, CheckerFindsNoViolationInRandomPlans) {
  for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
    const std::string text = dose_series::generate(odd_shape(seed), seed);
    const DayProblem problem = parsed(text);
    const Solved solved = solve_days(problem, seed, 30, 15);
    const std::string plan = write_plan(problem, solved.routes, solved.bound);
    EXPECT_EQ(violations_of(text, plan), "") << "seed " << seed;
    EXPECT_LE(solved.bound, plan_cost(problem.weights, measure(problem, solved.routes)));
  }
}

TEST(DoseSeries, CheckerSeesAPlanThatBreaksARule) {
  const std::string text = dose_series::generate(odd_shape(4), 4);
  const DayProblem problem = parsed(text);
  Solved solved = solve_days(problem, 4, 30, 15);
  int broken = 0;
  for (Route& route : solved.routes) {
    for (Visit& visit : route.visits) {
      ++visit.period;
      broken += violations_of(text, write_plan(problem, solved.routes, 0)).empty() ? 0 : 1;
      --visit.period;
    }
  }
  EXPECT_GT(broken, 0);
}

TEST(DoseSeries, SameSeedGivesTheSameBytesHoweverTheRoundsAreCut) {
  const DayProblem problem = parsed(dose_series::generate(odd_shape(7), 7));
  const DayModel model(problem, Reserve::kept);
  Improver whole(model, {}, 5);
  whole.build(in_order(model));
  whole.run(400, 400);
  Improver cut(model, {}, 5);
  cut.build(in_order(model));
  for (int i = 0; i < 40; ++i) cut.run(10, 400);
  EXPECT_EQ(write_plan(problem, whole.routes(), 1), write_plan(problem, cut.routes(), 1));
}

std::string run(const std::string& command) {
  std::string out;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return out;
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) out += buffer;
  pclose(pipe);
  return out;
}

std::string in_folder(const TempDir& folder, std::string_view name, const std::string& text) {
  std::string path = folder / name;
  std::ofstream(path) << text;
  return path;
}

bool missing(const char* program) { return run(cat("command -v ", program)).empty(); }

// The optimum by CBC; -1 when it did not finish.
Cost by_cbc(const std::string& instance) {
  const TempDir folder;
  const std::string path = in_folder(folder, "series.lp", dose_series::write_lp(instance));
  const std::string said = run("cbc " + path + " -sec 60 -solve");
  const std::size_t at = said.find("Objective value:");
  if (said.find("Optimal solution found") == std::string::npos || at == std::string::npos)
    return -1;
  return static_cast<Cost>(std::atof(said.c_str() + at + 16) + 0.5);
}

TEST(DoseSeries, PlanIsNearTheOptimumThatCbcFindsAndTheBoundBelowIt) {
  if (missing("cbc")) GTEST_SKIP() << "coinor-cbc is not installed";
  constexpr int kInstances = 4;
  Cost plans = 0;
  Cost optima = 0;
  Cost bounds = 0;
  for (std::uint64_t seed = 1; seed <= kInstances; ++seed) {
    dose_series::Shape shape;
    shape.series = 8;
    shape.doses = 5;
    shape.arrivals = 14;
    shape.lead_max = seed % 2 == 0 ? 3 : 2;
    const std::string text = dose_series::generate(shape, seed);
    const DayProblem problem = parsed(text);
    const Cost optimum = by_cbc(text);
    ASSERT_GT(optimum, 0) << "seed " << seed;
    const Solved solved = solve_days(problem, seed, 6'000, 1'500);
    const Cost cost = plan_cost(problem.weights, measure(problem, solved.routes));
    EXPECT_GE(cost, optimum) << "seed " << seed;
    EXPECT_LE(solved.bound, optimum) << "seed " << seed;
    std::printf("seed %d: bound %d, optimum %d, plan %d\n", static_cast<int>(seed),
                static_cast<int>(solved.bound), static_cast<int>(optimum), static_cast<int>(cost));
    plans += cost;
    bounds += solved.bound;
    optima += optimum;
  }
  EXPECT_LE(plans * 100, optima * 103);
  // Small instances: one unit of cost is about one per cent of them.
  EXPECT_GE(bounds * 100, optima * 97);
}

// What Gecode finds of the product's export; -1 when it did not finish.
Cost by_gecode(const DayProblem& problem) {
  const std::string model =
      std::string(CRYOBANK_SOURCE_DIR) + "/tests/bench/dose-series/dose_series.mzn";
  const TempDir folder;
  const std::string data = in_folder(folder, "series.dzn", write_minizinc(problem));
  const std::string said = run("minizinc --solver gecode --time-limit 60000 " + model + " " + data);
  const std::size_t at = said.rfind("total ");
  const bool ended = said.find("==========") != std::string::npos && at != std::string::npos;
  EXPECT_TRUE(ended) << said;
  return ended ? std::atoll(said.c_str() + at + 6) : -1;
}

TEST(DoseSeries, GecodeFindsTheSameObjectiveFromTheExport) {
  if (missing("minizinc")) GTEST_SKIP() << "minizinc is not installed";
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    dose_series::Shape shape;
    shape.series = 3;
    shape.doses = 2;
    shape.arrivals = 4;
    shape.tail = 8;
    shape.lead_max = 2 + static_cast<int>(seed % 2);
    shape.load_percent = 95;
    shape.odd = seed > 2;
    shape.interval_weight = 3;
    DayProblem problem = parsed(dose_series::generate(shape, seed));
    if (seed > 4) problem.weights = Weights{};  // level by level, as a site without its own rate
    const Weights weights = solver_weights(problem);
    EXPECT_LT(weights.unscheduled, 1 << 30);
    EXPECT_LE(weights.waiting, weights.interval);
    const Solved solved = solve_days(problem, seed, 2'000, 100);
    EXPECT_EQ(by_gecode(problem), plan_cost(weights, measure(problem, solved.routes)))
        << "seed " << seed;
  }
}

// Everything is closed for ten days where seven are allowed; on odd seeds one patient is away for
// as long, and one was given a dose before.
DayProblem with_forced_gaps(std::uint64_t seed) {
  constexpr int kClosed = 9;
  constexpr int kOpen = kClosed + 10;
  dose_series::Shape shape;
  shape.series = 3;
  shape.doses = 2;
  shape.arrivals = 4;
  shape.tail = 20;
  shape.load_percent = 95;
  DayProblem problem = parsed(dose_series::generate(shape, seed));
  problem.weights = {1'000'000, 1, 3};
  for (OpenDays& open : problem.calendars) {
    std::fill(open.begin() + kClosed, open.begin() + kOpen, std::uint8_t{0});
  }
  if (seed % 2 == 1) {
    Series& away = problem.series[0];
    away.blocked.assign(static_cast<std::size_t>(problem.days), 0);
    std::fill(away.blocked.begin() + kClosed, away.blocked.begin() + kOpen + 3, std::uint8_t{1});
    problem.series[1].fixed.push_back({99, kClosed - 2, 2, false});
  }
  for (Series& series : problem.series) series.bridges = find_bridges(problem, series);
  return problem;
}

// How many gaps of a plan lie over days on which nothing is possible, by kind.
struct Crossings {
  int closed = 0;
  int away = 0;
};
Crossings crossings_of(const DayProblem& problem, const Routes& routes) {
  Crossings found;
  for (std::size_t s = 0; s < routes.size(); ++s) {
    const Series& series = problem.series[s];
    int last = series.fixed.empty() ? kNoDay : series.fixed.back().day;
    for (std::size_t k = 0; k < routes[s].visits.size(); ++k) {
      const int day = routes[s].visits[k].period;
      const Bridge* crossed =
          last == kNoDay ? nullptr : crossed_bridge(series, series.gaps[k], last, day);
      if (crossed != nullptr) ++(crossed->closed ? found.closed : found.away);
      last = day;
    }
  }
  return found;
}

TEST(DoseSeries, CbcAndGecodeFindTheSameObjectiveOverForcedGaps) {
  if (missing("minizinc") || missing("cbc")) GTEST_SKIP() << "a stock solver is not installed";
  Crossings all;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const DayProblem problem = with_forced_gaps(seed);
    const std::string text = write_problem(problem);
    EXPECT_EQ(write_problem(parsed(text)), text);
    const Solved solved = solve_days(problem, seed, 2'000, 200);
    const Objective objective = measure(problem, solved.routes);
    EXPECT_EQ(objective.unscheduled, 0) << "no dose is dropped";
    EXPECT_EQ(violations_of(text, write_plan(problem, solved.routes, solved.bound)), "");
    EXPECT_EQ(by_cbc(text), plan_cost(problem.weights, objective)) << "seed " << seed;
    EXPECT_EQ(by_gecode(problem), plan_cost(solver_weights(problem), objective)) << "seed " << seed;
    EXPECT_LE(solved.bound, plan_cost(problem.weights, objective));
    const Crossings crossings = crossings_of(problem, solved.routes);
    all.closed += crossings.closed;
    all.away += crossings.away;
  }
  EXPECT_GT(all.closed, 0);
  EXPECT_GT(all.away, 0);
}

TEST(DoseSeries, CheckerSeesABridgeOverADayThatIsPossible) {
  DayProblem problem = with_forced_gaps(1);
  const Solved solved = solve_days(problem, 1, 200, 20);
  const std::string plan = write_plan(problem, solved.routes, 0);
  ASSERT_EQ(violations_of(write_problem(problem), plan), "");
  ++problem.series[2].bridges.back().after;
  EXPECT_NE(violations_of(write_problem(problem), plan), "");
}

struct HoldCount {
  int holds = 0;
  int closed = 0;  // of those, no plan at all could resume soon
  int soon = 0;
  int alone = 0;
  std::vector<double> took;  // ms of one core, by hold
};

// One random hold after another in a packed plan with a reserve, each against the published plan.
HoldCount hold_randomly(const DayProblem& problem, const Routes& standing, const std::string& text,
                        int holds, std::uint64_t seed) {
  HoldCount count;
  Prng random(seed);
  for (int i = 0; i < holds; ++i) {
    const int s = static_cast<int>(random.below(problem.series.size()));
    const auto at = static_cast<std::size_t>(s);
    const std::vector<Visit>& visits = standing[at].visits;
    if (visits.size() < 2) continue;
    const std::size_t k = random.below(visits.size() - 1);
    const int until = visits[k].period + 3;  // the remaining doses move by 3 days or more
    DayProblem held = problem;
    Series& series = held.series[at];
    for (std::size_t d = 0; d < k; ++d) {
      series.fixed.push_back({series.doses[d].number, visits[d].period, visits[d].variant, true});
    }
    series.doses.erase(series.doses.begin(), series.doses.begin() + static_cast<std::ptrdiff_t>(k));
    series.gaps.erase(series.gaps.begin(), series.gaps.begin() + static_cast<std::ptrdiff_t>(k));
    series.resumes = true;
    series.doses.front().earliest = until;
    Routes before = standing;
    before[at].visits.erase(before[at].visits.begin(),
                            before[at].visits.begin() + static_cast<std::ptrdiff_t>(k));
    const DayModel model(held, Reserve::used);
    const std::clock_t began = std::clock();
    const Repair mended = repair(model, before, s, until + 7);
    count.took.push_back(1e3 * static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC);
    // What closing days or the end of the horizon forbid to every plan says nothing of the reserve.
    count.closed += model.best_within(s, {0, until + 7, 0}, nullptr, {}, {}).missing > 0 ? 1 : 0;
    ++count.holds;
    const Route& route = mended.routes[at];
    count.soon += route.missing == 0 && route.visits.front().period <= until + 7 ? 1 : 0;
    bool others = false;
    for (const VisitMove& move : mended.moves) others = others || move.series != s;
    count.alone += others ? 0 : 1;
    EXPECT_EQ(others, mended.rung == Rung::few_courses);
    EXPECT_EQ(violations_of(write_problem(held), write_plan(held, mended.routes, 0), true), "");
    for (std::size_t other = 0; other < before.size(); ++other) {
      if (before[other] == mended.routes[other]) continue;
      bool told = false;
      for (const VisitMove& move : mended.moves)
        told = told || move.series == static_cast<int>(other);
      EXPECT_TRUE(told) << "series " << other << " moved and is not listed";
    }
  }
  EXPECT_FALSE(text.empty());
  return count;
}

TEST(DoseSeries, RandomHoldsResumeWithinSevenDaysWithTheReserve) {
  dose_series::Shape shape;
  shape.series = 60;
  shape.reserve = 1;
  const std::string text = dose_series::generate(shape, 11);
  const DayProblem problem = parsed(text);
  const Solved solved = solve_days(problem, 3, 400, 40);
  HoldCount count = hold_randomly(problem, solved.routes, text, 1'000, 5);
  EXPECT_GE(count.holds, 900);
  std::printf("%d holds, %d impossible by the calendars, %d resume within 7 days, %d alone\n",
              count.holds, count.closed, count.soon, count.alone);
  EXPECT_GE(count.soon * 100, (count.holds - count.closed) * 99);
  EXPECT_LE(count.closed * 100, count.holds * 2);
  ASSERT_FALSE(count.took.empty());
  std::sort(count.took.begin(), count.took.end());
  const double median = count.took[count.took.size() / 2];
  std::printf("repaired in %.3f ms at the median, %.3f at most\n", median, count.took.back());
  EXPECT_LT(median, 10.0);
}

}  // namespace
}  // namespace cryobank::schedule
