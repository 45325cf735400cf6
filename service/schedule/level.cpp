#include "service/schedule/level.hpp"

#include <algorithm>
#include <utility>

namespace cryobank::schedule {

Leveller::Leveller(const DayModel& model, Routes routes)
    : model_(model), routes_(std::move(routes)) {
  for (const Resource& resource : model.problem().resources) {
    whole_.insert(whole_.end(), resource.capacity.begin(), resource.capacity.end());
  }
  used_.assign(whole_.size(), 0);
  for (int s = 0; s < static_cast<int>(routes_.size()); ++s) take(s, 1);
  find_fullest();
}

void Leveller::take(int series, int sign) {
  for (const Visit& visit : routes_[static_cast<std::size_t>(series)].visits) {
    for (const CellUse& use : visit.cells) {
      used_[static_cast<std::size_t>(use.cell)] += sign * use.amount;
    }
  }
}

std::int64_t Leveller::load_of(std::size_t cell) const {
  return std::int64_t{used_[cell]} * 1'000 / std::max(1, whole_[cell]);
}

void Leveller::find_fullest() {
  std::size_t fullest = 0;
  for (std::size_t cell = 1; cell < used_.size(); ++cell) {
    if (load_of(cell) > load_of(fullest)) fullest = cell;
  }
  fullest_ = used_.empty() ? 0 : load_of(fullest);
  tries_.clear();
  for (std::size_t s = 0; fullest_ > 0 && s < routes_.size(); ++s) {
    const bool there = std::ranges::any_of(routes_[s].visits, [&](const Visit& visit) {
      return std::ranges::any_of(visit.cells, [&](const CellUse& use) {
        return static_cast<std::size_t>(use.cell) == fullest;
      });
    });
    if (there) tries_.push_back(static_cast<int>(s));
  }
}

std::int64_t Leveller::moved(int series, const Route& route) const {
  const DayProblem& problem = model_.problem();
  const Series& own = problem.series[static_cast<std::size_t>(series)];
  std::int64_t cost = 0;
  for (std::size_t k = 0; k < route.visits.size(); ++k) {
    cost += move_cost(problem, own.doses[k], route.visits[k].period, route.visits[k].variant);
  }
  return cost;
}

bool Leveller::step() {
  if (tries_.empty()) return false;
  const int series = tries_.back();
  tries_.pop_back();
  take(series, -1);
  Load free = model_.capacity();
  for (std::size_t cell = 0; cell < free.size(); ++cell) {
    const std::int64_t below = (fullest_ * whole_[cell] - 1) / 1'000;
    free[cell] = std::min(free[cell], static_cast<std::int32_t>(std::max<std::int64_t>(0, below)));
    free[cell] -= used_[cell];
  }
  Route& route = routes_[static_cast<std::size_t>(series)];
  Route other = model_.best(series, &free, {}, routes_);
  const bool same = other.missing == route.missing && other.cost == route.cost &&
                    moved(series, other) <= moved(series, route);
  if (same) route = std::move(other);
  take(series, 1);
  if (same) find_fullest();
  return true;
}

}  // namespace cryobank::schedule
