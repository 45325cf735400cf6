#include "tests/bench/cht-i/orders.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

namespace cryobank::cht {

FirstFit best_first_fit(const HospitalModel& model, const Hospital& hospital) {
  const auto work = [&](int patient) {
    int sum = 0;
    for (const Session& session : hospital.patients[static_cast<std::size_t>(patient)]) {
      sum += session.treatment_slots + session.drug_slots;
    }
    return sum;
  };
  const auto count = [&](int patient) {
    return static_cast<int>(hospital.patients[static_cast<std::size_t>(patient)].size());
  };
  const std::pair<const char*, std::function<int(int)>> orders[] = {
      {"arrival", [](int) { return 0; }},
      {"longest first", [&](int p) { return -work(p); }},
      {"shortest first", [&](int p) { return work(p); }},
      {"most sessions first", [&](int p) { return -count(p); }},
      {"fewest sessions first", [&](int p) { return count(p); }},
      {"longest session first", [&](int p) { return -work(p) * 100 / std::max(1, count(p)); }}};
  FirstFit best;
  bool any = false;
  for (const auto& [name, key] : orders) {
    std::vector<int> order(static_cast<std::size_t>(model.count()));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&key](int a, int b) { return key(a) < key(b); });
    FirstFit fit;
    fit.order = name;
    fit.routes.resize(order.size());
    schedule::Load free = model.capacity();
    for (const int patient : order) {
      schedule::Route& route = fit.routes[static_cast<std::size_t>(patient)];
      route = model.best(patient, &free, {}, fit.routes);
      fit.missing += route.visits.empty() ? 1 : 0;
      for (const schedule::Visit& visit : route.visits) {
        for (const schedule::CellUse& use : visit.cells)
          free[static_cast<std::size_t>(use.cell)] -= use.amount;
      }
    }
    fit.objective = objective(hospital, fit.routes);
    const bool better =
        !any || std::pair(fit.missing, fit.objective) < std::pair(best.missing, best.objective);
    any = true;
    if (better) best = std::move(fit);
  }
  return best;
}

}  // namespace cryobank::cht
