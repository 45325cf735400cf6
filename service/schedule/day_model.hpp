// Day model: the exact best route of one series when the others stand: a shortest path over dose
// and infusion day, each day with its cheapest lead. Doses are placed in order; what cannot be
// placed stays missing at the end and costs more than anything else. Cells are resource x day, in
// that order. `problem` must pass check() and outlive the model; it is not copied.
#pragma once

#include <utility>
#include <vector>

#include "service/schedule/day_problem.hpp"

namespace cryobank::schedule {

// Whether a day's reserve may be used: never by routine planning, always by the repair of a hold.
enum class Reserve : std::uint8_t { kept, used };

class DayModel final : public SeriesModel {
 public:
  DayModel(const DayProblem& problem, Reserve reserve);

  int count() const override { return static_cast<int>(problem_.series.size()); }
  const Load& capacity() const override { return capacity_; }
  Route best(int series, const Load* free, const Prices& prices,
             const Routes& others) const override;

  // The same, the first `kept` doses on their published days, and the first dose after them on
  // `day` or later and on `until` or before. Missing is what is placed on none of these.
  struct Within {
    int day = 0;
    int until = kHorizonDaysMax;
    std::size_t kept = 0;
  };
  Route best_within(int series, const Within& within, const Load* free, const Prices& prices,
                    const Routes& others) const;
  // May a dose stand on its published day and lead, whatever the places: calendars, the patient,
  // its own first and last day.
  bool may_stand(int series, std::size_t dose) const;

  int cell(int resource, int day) const { return resource * problem_.days + day; }
  // The visit of a series on an infusion day with a lead: what it uses.
  Visit visit(int series, int day, int lead) const;
  // Its cost and missing doses as best() would count them; for routes made elsewhere.
  void value(int series, Route& route) const;
  const DayProblem& problem() const { return problem_; }

 private:
  struct Node {
    Cost cost = 0;
    int lead = -1;  // -1: this day is impossible
  };
  struct Search;

  bool open(const Series& series, int day, int lead) const;
  bool fits(const Series& series, int day, int lead, const Load& free) const;
  Cost price(const Series& series, int day, int lead, const Prices& prices) const;
  void find_nodes(Search& search) const;
  void block_kin(Search& search) const;
  void keep_published(Search& search) const;
  std::pair<Cost, int> best_rest(const Search& search, std::size_t dose, int day) const;
  void cross(const Search& search, std::size_t dose, int day, std::pair<Cost, int>& best) const;
  void solve(Search& search) const;
  Cost enter_cost(const Search& search, std::size_t dose, int day) const;
  Route read_route(const Search& search) const;
  bool overlaps(const Route& route, const Load& free) const;

  const DayProblem& problem_;
  Load capacity_;
};

}  // namespace cryobank::schedule
