// Plans generated instances with the product's engine: plan_bench SERIES SEED SECONDS [LEAD] [LOAD]
// [LP] prints first fit, greedy, the improved plan, the bound and the gap, as the checker sees
// them; LP: a file to write the same instance to, for a stock solver.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <numeric>

#include "service/schedule/bound.hpp"
#include "service/schedule/day_model.hpp"
#include "service/schedule/exchange.hpp"
#include "service/schedule/improve.hpp"
#include "tests/bench/dose-series/check.hpp"
#include "tests/bench/dose-series/generate.hpp"
#include "tests/bench/dose-series/lp.hpp"

using namespace cryobank::schedule;

namespace {
// Seconds of one core, so that other work on the machine does not count.
double now() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }
}  // namespace

int main(int argc, char** argv) {
  dose_series::Shape shape;
  const auto arg = [&](int i, int fallback) { return argc > i ? std::atoi(argv[i]) : fallback; };
  shape.series = arg(1, 20);
  const int seed = arg(2, 1);
  const double limit = arg(3, 5);
  shape.lead_min = shape.lead_max = arg(4, 2);
  shape.load_percent = arg(5, 85);
  shape.reserve = 1;
  const std::string text = dose_series::generate(shape, static_cast<std::uint64_t>(seed));
  const auto problem = read_problem(text);
  if (!problem) {
    std::printf("%s\n", problem.error().context.c_str());
    return 1;
  }
  if (argc > 6) std::ofstream(argv[6]) << dose_series::write_lp(text);
  const double start = now();
  const DayModel model(*problem, Reserve::kept);
  std::vector<int> order(static_cast<std::size_t>(model.count()));
  std::iota(order.begin(), order.end(), 0);
  Improver greedy(model, {}, 1);
  greedy.build(order);
  Bound bound(model);
  const double greedy_took = now() - start;
  while (now() - start < limit * 0.3 && bound.steps() < 2'000) bound.run(10, greedy.cost());
  Improver improver(model, bound.prices(), 7);
  improver.build(order);
  const double built = now() - start;
  // Rounds by the measured speed, so that the allowance shrinks to none at the end.
  improver.run(200, 1'000'000);
  const double per = (now() - start - built) / 200;
  const auto planned = static_cast<std::int64_t>((limit - (now() - start)) / per);
  improver.run(planned, planned + 200);
  const double took = now() - start;
  const Objective objective = measure(*problem, improver.routes());
  const std::string plan = write_plan(*problem, improver.routes(), bound.cost());
  const dose_series::Verdict verdict = dose_series::check_plan(text, plan);
  const Cost cost = plan_cost(problem->weights, objective);
  std::printf(
      "series %d seed %d greedy %lld (%.2fs) plan %lld bound %lld (%d steps) gap %.2f%% "
      "missing %lld rounds %lld took %.1fs violations %zu\n",
      shape.series, seed, static_cast<long long>(greedy.cost() / kCostUnit), greedy_took,
      static_cast<long long>(cost), static_cast<long long>(bound.cost()), bound.steps(),
      100.0 * static_cast<double>(cost - bound.cost()) / static_cast<double>(cost),
      static_cast<long long>(objective.unscheduled), static_cast<long long>(improver.rounds()),
      took, verdict.violations.size());
  for (std::size_t i = 0; i < verdict.violations.size() && i < 5; ++i) {
    std::printf("  %s\n", verdict.violations[i].c_str());
  }
  return verdict.violations.empty() ? 0 : 1;
}
