// plan_check FIRST COUNT: the product's engine plans so many random instances (holds, fixed doses,
// rules between series, told dates), and the checker, which shares no code with it, counts every
// rule again. Ends with 1 when one plan breaks one, or a bound lies above a plan.
#include <cstdio>
#include <cstdlib>
#include <numeric>

#include "service/schedule/bound.hpp"
#include "service/schedule/day_model.hpp"
#include "service/schedule/exchange.hpp"
#include "service/schedule/improve.hpp"
#include "tests/bench/dose-series/check.hpp"
#include "tests/bench/dose-series/generate.hpp"

using namespace cryobank::schedule;

namespace {

constexpr int kRounds = 30;
constexpr int kSteps = 30;

// Violations of the plan of one instance; -1: the instance is none.
int plan_one(std::uint64_t seed, long long& doses) {
  const std::string text = dose_series::generate(dose_series::odd_shape(seed), seed);
  const auto problem = read_problem(text);
  if (!problem) return -1;
  const DayModel model(*problem, Reserve::kept);
  std::vector<int> order(static_cast<std::size_t>(model.count()));
  std::iota(order.begin(), order.end(), 0);
  Improver first(model, {}, seed);
  first.build(order);
  Bound bound(model);
  bound.run(kSteps, first.cost());
  Improver improver(model, bound.prices(), seed);
  improver.build(order);
  improver.run(kRounds, kRounds);
  for (const Route& route : improver.routes()) doses += static_cast<long long>(route.visits.size());
  const std::string plan = write_plan(*problem, improver.routes(), bound.cost());
  const dose_series::Verdict verdict = dose_series::check_plan(text, plan);
  for (const std::string& one : verdict.violations) {
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), one.c_str());
  }
  const Cost cost = plan_cost(problem->weights, measure(*problem, improver.routes()));
  const bool above = bound.cost() > cost;
  if (above)
    std::printf("seed %llu: bound above the plan\n", static_cast<unsigned long long>(seed));
  return static_cast<int>(verdict.violations.size()) + (above ? 1 : 0);
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t first = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  const std::uint64_t count = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 10'000;
  long long doses = 0;
  long long wrong = 0;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const int found = plan_one(seed, doses);
    wrong += found < 0 ? 1 : found;
  }
  std::printf("%llu random plans, %lld doses placed, %lld violations\n",
              static_cast<unsigned long long>(count), doses, wrong);
  return wrong == 0 ? 0 : 1;
}
