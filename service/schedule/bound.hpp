// Bound: no plan can cost less. Capacities get prices instead of limits; then every series is a
// priced shortest path for itself, and the sum of those less the price of all capacity is below
// every plan, for any prices of 0 or more (Lagrangian relaxation; the subproblem has the
// integrality property, so the best prices reach the linear program's bound). Prices are improved
// from the best ones known, along the mean of all subgradients, by steps of Polyak's length, in
// integers.
// Source of the scheme: Barahona and Anbil, Math. Programming 87 (2000), the volume algorithm.
#pragma once

#include <cstdint>

#include "service/schedule/series.hpp"

namespace cryobank::schedule {

class Bound {
 public:
  explicit Bound(const SeriesModel& model);
  // `target`: the cost of a plan that is known, in units of cost x kCostUnit.
  void run(int steps, Cost target);
  // In whole units of cost, rounded up, since every plan costs a whole number.
  Cost cost() const;
  const Prices& prices() const { return best_prices_; }  // those of the best bound
  int steps() const { return steps_; }

 private:
  __extension__ using Wide = __int128;

  Cost evaluate(std::vector<std::int64_t>& over);
  void lean(const std::vector<std::int64_t>& over);
  bool go(Cost aim);

  const SeriesModel& model_;
  Prices prices_;
  Prices best_prices_;
  std::vector<std::int64_t> way_;
  std::vector<std::int64_t> amount_;  // most that one visit takes of each cell
  Cost best_ = 0;
  std::int64_t length_;  // of the next step, in per mille of Polyak's
  int stuck_ = 0;
  int steps_ = 0;
  bool restart_ = false;  // the next subgradient is the way to go
};

}  // namespace cryobank::schedule
