// Series: many visits of one patient that must be placed together, and the seam through which the
// improver and the bound work on any kind of them. A cell is one resource in one period; a route is
// one way to place a whole series. Costs are integers in units of 1/kCostUnit, so that prices and
// tie-breaks lie below one unit of cost; no clock and no floating point, so a seed replays.
#pragma once

#include <cstdint>
#include <vector>

namespace cryobank::schedule {

using Cost = std::int64_t;

// One unit of cost is so many steps; what lies below one unit breaks ties and never more.
inline constexpr Cost kCostUnit = 1'024;

struct CellUse {
  std::int32_t cell = 0;
  std::int32_t amount = 0;
  bool operator==(const CellUse&) const = default;
};

struct Visit {
  int period = 0;  // when it takes place
  int variant = 0;
  std::vector<CellUse> cells;
  bool operator==(const Visit&) const = default;
};

struct Route {
  std::vector<Visit> visits;  // of the first doses; what is missing at the end is not placed
  Cost cost = 0;              // with its tie-breaks, without prices
  Cost priced = 0;            // with prices
  int missing = 0;
  bool operator==(const Route&) const = default;
};

using Load = std::vector<std::int32_t>;  // what is still free, by cell
using Prices = std::vector<Cost>;        // by cell; empty: all free of charge
using Routes = std::vector<Route>;       // by series

class SeriesModel {
 public:
  virtual ~SeriesModel() = default;
  virtual int count() const = 0;
  // What may be used in each cell, before any route of this model.
  virtual const Load& capacity() const = 0;
  // The cheapest route of one series. `free` null: capacities do not bind and ties are not broken,
  // which is the subproblem of the bound. `others`: the routes that stand, for rules between
  // series of one patient; that of `series` itself is not looked at.
  virtual Route best(int series, const Load* free, const Prices& prices,
                     const Routes& others) const = 0;
};

}  // namespace cryobank::schedule
