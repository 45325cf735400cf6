// cht_bench SECONDS FILE...: first fit in several orders against the product's improver, for each
// instance of CHT-I, and the bound that no plan can be below. Ends with 1 when one is infeasible,
// or no better than every first fit although the bound leaves room.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <numeric>

#include "service/schedule/bound.hpp"
#include "service/schedule/improve.hpp"
#include "tests/bench/cht-i/orders.hpp"

using namespace cryobank;

namespace {
// Seconds of one core, so that other work on the machine does not count.
double now() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }
}  // namespace

int main(int argc, char** argv) {
  int failed = 0;
  const double limit = argc > 1 ? std::atof(argv[1]) : 10;
  for (int i = 2; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    if (!file) {
      std::printf("%s: cannot be read\n", argv[i]);
      ++failed;
      continue;
    }
    const std::string text(std::istreambuf_iterator<char>(file), {});
    const Result<cht::Hospital> hospital = cht::read_hospital(text);
    if (!hospital) {
      std::printf("%s: %s\n", argv[i], hospital.error().context.c_str());
      ++failed;
      continue;
    }
    const double start = now();
    const cht::HospitalModel model(*hospital);
    const cht::FirstFit first = cht::best_first_fit(model, *hospital);
    schedule::Cost known = 0;
    for (const schedule::Route& route : first.routes) known += route.cost;
    schedule::Bound bound(model);
    while (bound.steps() < 2'000 && now() - start < limit * 0.3) bound.run(10, known);
    schedule::Improver improver(model, bound.prices(), 1);
    improver.start_from(first.routes);
    const double began = now();
    improver.run(20, 1'000'000);
    const double each = std::max(1e-6, (now() - began) / 20);
    const auto rounds =
        static_cast<std::int64_t>(std::max(1.0, (limit - (now() - start)) / each * 0.8));
    improver.run(rounds, rounds + 20);
    int missing = 0;
    for (const schedule::Route& route : improver.routes()) missing += route.visits.empty() ? 1 : 0;
    const long long mine = cht::objective(*hospital, improver.routes());
    schedule::Cost cost = 0;
    for (const schedule::Route& route : improver.routes()) cost += route.cost;
    const bool optimal = cost <= bound.cost() * schedule::kCostUnit;
    const bool good = cht::violations(*hospital, improver.routes()).empty() &&
                      (optimal || missing < first.missing ||
                       (missing == first.missing && mine < first.objective));
    failed += good ? 0 : 1;
    std::printf(
        "%s patients %d first-fit %lld (%s, %d not placed) improved %lld (%d not placed) bound "
        "%lld%s %.1f s%s\n",
        argv[i], model.count(), first.objective, first.order.c_str(), first.missing, mine, missing,
        static_cast<long long>(bound.cost()), optimal ? " (optimal)" : "", now() - start,
        good ? "" : " NOT BETTER");
    std::fflush(stdout);
  }
  std::printf("%d of %d instances: %d not read or not better than first fit\n", argc - 2 - failed,
              argc - 2, failed);
  return failed == 0 ? 0 : 1;
}
