#include "service/schedule/repair.hpp"

#include <algorithm>
#include <tuple>

namespace cryobank::schedule {
namespace {

// Candidates to move along; all sets of up to kMovedWithMax of them are not tried, only the most
// hindering first.
constexpr std::size_t kCandidatesMax = 8;
constexpr int kOptionDays = 42;
// So many days after the day on which a dose was stopped are soon enough, however near today is.
constexpr int kOwnDays = 7;

void change(Load& free, const Route& route, int sign) {
  for (const Visit& visit : route.visits) {
    for (const CellUse& use : visit.cells)
      free[static_cast<std::size_t>(use.cell)] += sign * use.amount;
  }
}

// The day of a dose until which all after it can be given where they have to be sooner: a person
// moves one of them, or its vials expire; and before any that stands in for an earlier one.
std::vector<int> latest_days(const Series& series) {
  std::vector<int> latest(series.doses.size());
  int needed = kHorizonDaysMax;
  int in_order = kHorizonDaysMax;
  for (std::size_t k = series.doses.size(); k-- > 0;) {
    latest[k] = std::min(needed, in_order);
    const DoseNeed& dose = series.doses[k];
    const bool passed = dose.latest < series.release;  // no day would do for it
    needed = std::min(needed, passed ? kHorizonDaysMax : dose.latest) - series.gaps[k].min;
    if (dose.published_day != kNoDay) in_order = std::min(in_order, dose.published_day - 1);
  }
  return latest;
}

// How many doses can stand on their published days before the first that cannot.
std::size_t standing_doses(const DayModel& model, int broken) {
  const Series& series = model.problem().series[static_cast<std::size_t>(broken)];
  const std::vector<int> latest = latest_days(series);
  int last = series.fixed.empty() ? kNoDay : series.fixed.back().day;
  std::size_t kept = 0;
  for (; kept < series.doses.size() && model.may_stand(broken, kept); ++kept) {
    const int day = series.doses[kept].published_day;
    const GapRule& rule = series.gaps[kept];
    const bool longer = (kept == 0 && series.resumes) ||
                        (last != kNoDay && crossed_bridge(series, rule, last, day) != nullptr);
    const bool apart =
        last == kNoDay || (day - last >= rule.min && (day - last <= rule.max || longer));
    if (rule.cost.empty() || !apart || day > latest[kept]) break;
    last = day;
  }
  return kept;
}

class Mender {
 public:
  Mender(const DayModel& model, const Routes& standing, int broken, int resume_by, KeepDays keep)
      : model_(model),
        routes_(standing),
        broken_(broken),
        resume_by_(resume_by),
        kept_(keep == KeepDays::before ? standing_doses(model, broken) : 0),
        free_(model.capacity()) {
    routes_[at(broken)] = Route{};
    for (const Route& route : routes_) change(free_, route, -1);
    if (keep == KeepDays::nothing) return;
    keep_what_fits();
    hold_to_its_day();
  }

  bool own_course() {
    routes_[at(broken_)] = best_own();
    return good(routes_[at(broken_)]);
  }

  bool few_courses() {
    const Routes before = routes_;
    const Load free_before = free_;
    const std::vector<int> near = hindering();
    for (int size = 1; size <= kMovedWithMax; ++size) {
      // One alone of each, then the first few together.
      const std::size_t tries = size == 1 ? near.size() : 1;
      for (std::size_t first = 0; first < tries && first + at(size) <= near.size(); ++first) {
        const auto begin = near.begin() + static_cast<std::ptrdiff_t>(first);
        if (try_with(std::vector<int>(begin, begin + size), before)) return true;
        routes_ = before;
        free_ = free_before;
      }
    }
    return false;
  }

  std::vector<Option> options() {
    std::vector<Option> list;
    const DayProblem& problem = model_.problem();
    const Series& series = problem.series[at(broken_)];
    if (kept_ >= series.doses.size()) return list;
    const int from = std::max(not_before_, series.doses[kept_].earliest);
    const int until = std::min(problem.days, from + kOptionDays);
    for (int day = from; day < until && list.size() < kOptionsMax;) {
      const Route route = best({day, kHorizonDaysMax, kept_});
      if (route.visits.size() <= kept_) break;
      list.push_back({route.visits[kept_].period, route.cost, route});
      day = route.visits[kept_].period + 1;
    }
    return list;
  }

  // Where a gap is longer than its rule, since the patient is away: as it is, or nothing before.
  std::vector<Option> ways_around() const {
    const Series& series = model_.problem().series[at(broken_)];
    const Route& own = routes_[at(broken_)];
    const Bridge* crossed = nullptr;
    for (std::size_t k = 1; k < own.visits.size() && crossed == nullptr; ++k) {
      crossed =
          crossed_bridge(series, series.gaps[k], own.visits[k - 1].period, own.visits[k].period);
    }
    if (crossed == nullptr || crossed->closed) return {};
    std::vector<Option> list{{own.visits.front().period, own.cost, own}};
    const Route after = best({crossed->after, kHorizonDaysMax, 0});
    if (!after.visits.empty()) {
      list.push_back({after.visits.front().period, after.cost, after});
    }
    return list;
  }

  Routes take() { return std::move(routes_); }

 private:
  static std::size_t at(int series) { return static_cast<std::size_t>(series); }

  // Another series of the patient, or a full day, may have come too near to some of them: those
  // before it stay.
  void keep_what_fits() {
    while (kept_ > 0) {
      const std::size_t placed = best({0, kHorizonDaysMax, kept_}).visits.size();
      if (placed >= kept_) return;
      kept_ = placed;
    }
  }

  // What was stopped goes on as near to its day as can be. A course that has not begun is not begun
  // sooner for it: nobody asked for that, and waiting for the first dose would pull all of it.
  void hold_to_its_day() {
    const Series& series = model_.problem().series[at(broken_)];
    if (kept_ >= series.doses.size()) return;
    const DoseNeed& stopped = series.doses[kept_];
    if (stopped.published_day == kNoDay) return;
    resume_by_ = std::max(resume_by_, stopped.published_day + kOwnDays);
    const bool begun = kept_ > 0 || !series.fixed.empty();
    if (begun || stopped.latest < stopped.published_day) return;
    const int day = std::max(0, stopped.published_day);
    const Route later = best({day, kHorizonDaysMax, 0});
    if (later.missing <= best({0, kHorizonDaysMax, 0}).missing) not_before_ = day;
  }

  // The cheapest route; where that resumes late, the cheapest that resumes soon enough, if any
  // does.
  Route best_own() const {
    Route cheapest = best({not_before_, kHorizonDaysMax, kept_});
    if (good(cheapest)) return cheapest;
    Route soon = best({not_before_, resume_by_, kept_});
    return good(soon) ? soon : cheapest;
  }

  Route best(const DayModel::Within& within) const {
    return model_.best_within(broken_, within, &free_, {}, routes_);
  }

  // All is placed, and what was stopped goes on soon enough.
  bool good(const Route& route) const {
    return route.missing == 0 &&
           (route.visits.size() <= kept_ || route.visits[kept_].period <= resume_by_);
  }

  // Marks what the broken one lacks for a visit.
  void want(const Visit& visit, std::vector<std::uint8_t>& wanted) const {
    for (const CellUse& use : visit.cells) {
      if (free_[at(use.cell)] < use.amount) wanted[at(use.cell)] = 1;
    }
  }

  // Series that use what the broken one lacks, on its best route or on any day on which it might
  // begin soon enough: by how often, and told patients last.
  std::vector<int> hindering() const {
    const DayProblem& problem = model_.problem();
    const Series& own = problem.series[at(broken_)];
    std::vector<std::uint8_t> wanted(free_.size(), 0);
    const DayModel::Within kept{not_before_, kHorizonDaysMax, kept_};
    const Load& all = model_.capacity();
    for (const Visit& visit : model_.best_within(broken_, kept, &all, {}, routes_).visits) {
      want(visit, wanted);
    }
    int from = own.release;
    if (kept_ > 0) from = std::max(from, own.doses[kept_ - 1].published_day + 1);
    if (kept_ < own.doses.size()) from = std::max(from, own.doses[kept_].earliest);
    for (int day = std::max(not_before_, from); day <= std::min(resume_by_, problem.days - 1);
         ++day) {
      for (int lead = own.lead_min; lead <= own.lead_max; ++lead) {
        if (day - own.transport - lead >= 0) want(model_.visit(broken_, day, lead), wanted);
      }
    }
    std::vector<std::tuple<int, int, int>> found;  // told doses, -hits, series
    for (int s = 0; s < model_.count(); ++s) {
      if (s == broken_) continue;
      int hits = 0;
      int told = 0;
      const Route& route = routes_[at(s)];
      for (std::size_t k = 0; k < route.visits.size(); ++k) {
        if (problem.series[at(s)].doses[k].told) ++told;
        for (const CellUse& use : route.visits[k].cells) hits += wanted[at(use.cell)];
      }
      if (hits > 0) found.emplace_back(told, -hits, s);
    }
    std::sort(found.begin(), found.end());
    std::vector<int> out;
    for (const auto& [told, hits, series] : found) {
      if (out.size() < kCandidatesMax) out.push_back(series);
    }
    return out;
  }

  bool try_with(const std::vector<int>& taken, const Routes& before) {
    for (const int other : taken) {
      change(free_, routes_[at(other)], 1);
      routes_[at(other)] = Route{};
    }
    routes_[at(broken_)] = Route{};
    Route& own = routes_[at(broken_)];
    own = best_own();
    if (!good(own)) return false;
    change(free_, own, -1);
    for (const int other : taken) {
      Route& route = routes_[at(other)];
      route = model_.best(other, &free_, {}, routes_);
      if (route.missing > before[at(other)].missing) return false;
      change(free_, route, -1);
    }
    return true;
  }

  const DayModel& model_;
  Routes routes_;
  int broken_;
  int resume_by_;
  std::size_t kept_;    // doses before what was stopped: they stay on their days
  int not_before_ = 0;  // the first one after those
  Load free_;           // beside all but the broken one
};

}  // namespace

std::string_view name_of(Rung rung) {
  switch (rung) {
    case Rung::own_course:
      return "own-course";
    case Rung::few_courses:
      return "few-courses";
    case Rung::options:
      return "options";
  }
  return {};
}

Repair repair(const DayModel& model, const Routes& standing, int broken, int resume_by,
              KeepDays keep) {
  Mender mender(model, standing, broken, resume_by, keep);
  Repair out;
  if (mender.own_course()) {
    out.options = mender.ways_around();
  } else {
    out.rung = Rung::few_courses;
    if (!mender.few_courses()) {
      out.rung = Rung::options;
      out.options = mender.options();
    }
  }
  out.routes = mender.take();
  out.moves = moves_between(model.problem(), standing, out.routes);
  return out;
}

std::vector<VisitMove> moves_between(const DayProblem& problem, const Routes& before,
                                     const Routes& after) {
  std::vector<VisitMove> moves;
  for (std::size_t s = 0; s < problem.series.size(); ++s) {
    const std::vector<DoseNeed>& doses = problem.series[s].doses;
    const Route none;
    const Route& was = s < before.size() ? before[s] : none;
    for (std::size_t k = 0; k < doses.size(); ++k) {
      const auto day = [k](const Route& route) {
        return k < route.visits.size() ? route.visits[k].period : kNoDay;
      };
      const auto lead = [k](const Route& route) {
        return k < route.visits.size() ? route.visits[k].variant : -1;
      };
      if (day(was) == day(after[s]) && lead(was) == lead(after[s])) continue;
      // A day that lies beyond what the route shows is known all the same.
      const int from = k < was.visits.size() ? day(was) : doses[k].published_day;
      moves.push_back({static_cast<int>(s), doses[k].number, from, day(after[s]), doses[k].told});
    }
  }
  return moves;
}

}  // namespace cryobank::schedule
