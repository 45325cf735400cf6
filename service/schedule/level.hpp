// Leveller: lowers the highest load of a plan where nothing else gets worse by it: the last level
// of the objective (day_problem.hpp). Of the series in the fullest cell, one after the other is
// taken out and put back on a best route that makes no cell as full as that one was, if there is
// one that costs the same, moves of published dates included. Ends when none is. The same routes
// give the same. Owns its routes; the model must outlive it.
#pragma once

#include <cstdint>
#include <vector>

#include "service/schedule/day_model.hpp"

namespace cryobank::schedule {

class Leveller {
 public:
  // Each route as best() values it.
  Leveller(const DayModel& model, Routes routes);

  // Tries one series; false: nothing is left to be tried.
  bool step();
  const Routes& routes() const { return routes_; }

 private:
  void take(int series, int sign);
  std::int64_t load_of(std::size_t cell) const;  // in per mille of its capacity
  void find_fullest();
  std::int64_t moved(int series, const Route& route) const;

  const DayModel& model_;
  Routes routes_;
  std::vector<std::int32_t> whole_;  // by cell: its capacity, the reserve included
  std::vector<std::int32_t> used_;
  std::int64_t fullest_ = 0;
  std::vector<int> tries_;  // series in the fullest cell that were not tried yet
};

}  // namespace cryobank::schedule
