// Improver: places all series, then takes some out again and again and puts them back better: those
// that cost much together with those that stand in their way, steered by the prices of scarce cells
// (bound.hpp). Worse plans are walked through within a shrinking allowance; the best is kept. The
// same model, prices and seed give the same routes after the same number of rounds, however the
// rounds are cut into calls. Owns its routes; the model must outlive it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/prng.hpp"
#include "service/schedule/series.hpp"

namespace cryobank::schedule {

class Improver {
 public:
  Improver(const SeriesModel& model, Prices prices, std::uint64_t seed);

  // The routes that stand before the first round; each must fit. Otherwise build() places them.
  void start_from(Routes routes);
  // Each series in turn on its best route beside those before it, in the order given.
  void build(const std::vector<int>& order);
  // `planned` rounds in all, over however many calls: the allowance shrinks with them.
  void run(std::int64_t rounds, std::int64_t planned);

  const Routes& routes() const { return best_; }
  Cost cost() const { return best_cost_; }
  std::int64_t rounds() const { return round_; }

 private:
  void take(int series, int sign);  // its cells: -1 used, +1 given back
  int pick_costly();
  std::vector<int> pick(int first, int size);
  void put_back(const std::vector<int>& order, const Prices& prices);
  void keep();
  const Prices& pick_prices();
  void draw_noise();

  const SeriesModel& model_;
  Prices prices_;
  Prices half_;
  Prices none_;
  Prices noise_;  // drawn anew now and then: ways that cost the same are all tried
  Prng random_;
  Load free_;
  Routes now_;
  Routes best_;
  std::vector<Cost> floor_;                // by series: its cost when nothing else stood
  std::vector<Cost> amount_;               // most that one visit takes of a cell
  std::vector<std::vector<int>> in_cell_;  // series that use a cell
  Cost now_cost_ = 0;
  Cost best_cost_ = 0;
  Cost best_placed_ = 0;  // of it, what the series pay that are placed whole
  std::int64_t round_ = 0;
};

}  // namespace cryobank::schedule
