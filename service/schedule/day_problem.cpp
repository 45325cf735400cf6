#include "service/schedule/day_problem.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::schedule {
namespace {

Error wrong(std::string_view what) {
  return make_error(ErrorCode::invalid_value, std::string(what));
}

bool within(int value, int low, int high) { return value >= low && value <= high; }

Status check_resource(const DayProblem& problem, const Resource& resource) {
  if (static_cast<int>(resource.capacity.size()) != problem.days) {
    return wrong(cat("resource \"", resource.name, "\": expected a capacity for each of ",
                     problem.days, " days, came ", resource.capacity.size()));
  }
  for (const std::int32_t capacity : resource.capacity) {
    if (within(capacity, 0, kAmountMax)) continue;
    return wrong(cat("resource \"", resource.name, "\": expected capacities from 0 to ", kAmountMax,
                     ", came ", capacity));
  }
  if (!within(resource.reserve, 0, kAmountMax)) {
    return wrong(
        cat("resource \"", resource.name, "\": expected a reserve from 0 to ", kAmountMax));
  }
  return {};
}

Status check_gap(const Series& series, const GapRule& gap) {
  const bool none = gap.cost.empty() && within(gap.min, gap.max + 1, kGapDaysMax) && gap.max >= 0;
  const bool fits = within(gap.min, 0, kGapDaysMax) && within(gap.max, gap.min, kGapDaysMax) &&
                    static_cast<int>(gap.cost.size()) == gap.max - gap.min + 1;
  if (!fits && !none) {
    return wrong(cat("series \"", series.name, "\": expected gaps within 0 to ", kGapDaysMax,
                     " days with one cost for each, came ", gap.min, " to ", gap.max, " with ",
                     gap.cost.size()));
  }
  for (const std::int32_t cost : gap.cost) {
    if (!within(cost, 0, kGapCostMax)) {
      return wrong(cat("series \"", series.name, "\": expected gap costs from 0 to ", kGapCostMax,
                       ", came ", cost));
    }
  }
  return {};
}

Status check_numbers(const DayProblem& problem, const Series& series) {
  const int calendars = static_cast<int>(problem.calendars.size());
  if (!within(series.lead_min, 0, kLeadDaysMax) ||
      !within(series.lead_max, series.lead_min, kLeadDaysMax) ||
      !within(series.transport, 0, kLeadDaysMax)) {
    return wrong(cat("series \"", series.name, "\": expected leads and transport of 0 to ",
                     kLeadDaysMax, " days, the shortest lead first"));
  }
  if (!within(series.weight, 1, 9)) {
    return wrong(cat("series \"", series.name, "\": expected a weight from 1 to 9"));
  }
  if (!within(series.thaw_calendar, 0, calendars - 1) ||
      !within(series.clinic_calendar, 0, calendars - 1)) {
    return wrong(cat("series \"", series.name, "\": expected calendars that exist"));
  }
  if (!series.blocked.empty() && static_cast<int>(series.blocked.size()) != problem.days) {
    return wrong(cat("series \"", series.name, "\": expected one mark a day"));
  }
  for (const Bridge& bridge : series.bridges) {
    if (within(bridge.after, 0, problem.days - 1) && bridge.before < bridge.after) continue;
    return wrong(cat("series \"", series.name, "\": expected bridges that end within the horizon"));
  }
  const int doses = static_cast<int>(series.doses.size());
  if (doses > kDosesPerSeriesMax || series.gaps.size() != series.doses.size()) {
    return wrong(cat("series \"", series.name, "\": expected at most ", kDosesPerSeriesMax,
                     " doses with one gap rule each"));
  }
  return {};
}

Status check_series(const DayProblem& problem, const Series& series) {
  TRY(check_numbers(problem, series));
  for (const Demand& demand : series.demands) {
    if (within(demand.resource, 0, static_cast<int>(problem.resources.size()) - 1) &&
        within(demand.amount, 0, kAmountMax) && within(demand.after, 0, kStayDaysMax) &&
        (demand.after == 0 || demand.on == Demand::On::infusion)) {
      continue;
    }
    return wrong(cat("series \"", series.name,
                     "\": expected demands of resources that exist, up to ", kStayDaysMax,
                     " days after an infusion"));
  }
  for (const GapRule& gap : series.gaps) {
    TRY(check_gap(series, gap));
  }
  for (std::size_t i = 1; i < series.fixed.size(); ++i) {
    if (series.fixed[i].day < series.fixed[i - 1].day) {
      return wrong(
          cat("series \"", series.name, "\": expected fixed doses in order of their days"));
    }
  }
  return {};
}

std::int64_t peak_of(const DayProblem& problem, const Routes& routes) {
  const auto cells = problem.resources.size() * static_cast<std::size_t>(problem.days);
  std::vector<std::int64_t> used(cells, 0);
  for (const Route& route : routes) {
    for (const Visit& visit : route.visits) {
      for (const CellUse& use : visit.cells) used[static_cast<std::size_t>(use.cell)] += use.amount;
    }
  }
  std::int64_t peak = 0;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const auto days = static_cast<std::size_t>(problem.days);
    const std::int64_t capacity = problem.resources[cell / days].capacity[cell % days];
    if (used[cell] > 0)
      peak = std::max(peak, used[cell] * 1'000 / std::max<std::int64_t>(1, capacity));
  }
  return peak;
}

}  // namespace

Status check(const DayProblem& problem) {
  if (!within(problem.days, 1, kHorizonDaysMax)) {
    return wrong(cat("expected a horizon of 1 to ", kHorizonDaysMax, " days, came ", problem.days));
  }
  if (problem.series.size() > kSeriesMax || problem.resources.size() > kResourcesMax) {
    return wrong(cat("expected at most ", kSeriesMax, " series and ", kResourcesMax,
                     " resources, came ", problem.series.size(), " and ",
                     problem.resources.size()));
  }
  for (const OpenDays& open : problem.calendars) {
    if (static_cast<int>(open.size()) != problem.days)
      return wrong("expected calendars of all days");
  }
  for (const Resource& resource : problem.resources) {
    TRY(check_resource(problem, resource));
  }
  for (const Series& series : problem.series) {
    TRY(check_series(problem, series));
  }
  for (const Apart& rule : problem.apart) {
    const int count = static_cast<int>(problem.series.size());
    if (within(rule.first, 0, count - 1) && within(rule.second, 0, count - 1) &&
        rule.first != rule.second && within(rule.days, 1, kGapDaysMax)) {
      continue;
    }
    return wrong("expected rules between two series that exist, of 1 day or more");
  }
  return {};
}

std::int64_t gap_cost(const GapRule& rule, int gap) {
  if (rule.cost.empty()) return std::max(0, gap);
  if (gap <= rule.max) return rule.cost[static_cast<std::size_t>(std::max(0, gap - rule.min))];
  return rule.cost.back() + (gap - rule.max);
}

const Bridge* crossed_bridge(const Series& series, const GapRule& rule, int day, int next) {
  if (rule.cost.empty() || next - day <= rule.max) return nullptr;
  for (const Bridge& bridge : series.bridges) {
    const int before = std::max(bridge.before, day);
    if (next >= bridge.after && bridge.after - before > rule.max && before < bridge.after &&
        before - day < rule.max) {
      return &bridge;
    }
  }
  return nullptr;
}

std::int64_t gap_cost(const Series& series, const GapRule& rule, int day, int next) {
  const Bridge* bridge = crossed_bridge(series, rule, day, next);
  if (bridge == nullptr || bridge->closed) return gap_cost(rule, next - day);
  // As if the last possible day before and the first one after followed each other.
  const int apart = std::max(bridge->before, day) - day + next - bridge->after + 1;
  const auto cheapest = std::ranges::min_element(rule.cost);
  const auto free = std::find(rule.cost.rbegin(), rule.cost.rend(), *cheapest);
  const int longest_free = rule.max - static_cast<int>(free - rule.cost.rbegin());
  return apart <= longest_free ? *cheapest : gap_cost(rule, apart);
}

namespace {

// Whether calendars and the patient allow an infusion on that day, with any lead.
bool is_possible(const DayProblem& problem, const Series& series, int day) {
  const auto is_open = [&](int calendar, int on) {
    return on >= 0 &&
           problem.calendars[static_cast<std::size_t>(calendar)][static_cast<std::size_t>(on)] != 0;
  };
  if (!is_open(series.clinic_calendar, day)) return false;
  if (!series.blocked.empty() && series.blocked[static_cast<std::size_t>(day)] != 0) return false;
  const int harvest = day - series.transport;
  if (!is_open(series.thaw_calendar, harvest)) return false;
  for (int lead = series.lead_min; lead <= series.lead_max; ++lead) {
    const int thaw = harvest - lead;
    if (thaw >= std::max(0, series.first_thaw) && is_open(series.thaw_calendar, thaw)) return true;
  }
  return false;
}

}  // namespace

std::vector<Bridge> find_bridges(const DayProblem& problem, const Series& series) {
  int longest = kGapDaysMax;  // a gap that every dose may have
  for (const GapRule& rule : series.gaps) {
    if (!rule.cost.empty()) longest = std::min(longest, rule.max);
  }
  std::vector<Bridge> bridges;
  int before = kNoDay;
  bool closed = true;
  // With no possible day before, only a dose that is given or fixed has a gap over it.
  const auto is_longer = [&](int day) {
    if (before != kNoDay) return day - before > longest;
    return !series.fixed.empty() && day - series.fixed.back().day > longest;
  };
  for (int day = 0; day < problem.days; ++day) {
    const auto at = static_cast<std::size_t>(day);
    closed = closed && (series.blocked.empty() || series.blocked[at] == 0);
    if (!is_possible(problem, series, day)) continue;
    if (is_longer(day)) bridges.push_back({before, day, closed});
    closed = true;
    before = day;
  }
  return bridges;
}

int move_cost(const DayProblem& problem, const DoseNeed& dose, int day, int lead) {
  if (dose.published_day == kNoDay) return 0;
  if (dose.published_day == day) return dose.published_lead == lead ? 0 : 1;
  // A move of next week disturbs more than one of next month, and most what a patient knows.
  constexpr int kCloseDays = 28;
  constexpr int kTold = 4;
  const int weeks =
      std::clamp(kCloseDays - (dose.published_day - problem.today), 0, kCloseDays) / 7;
  return (2 + weeks) * (dose.told ? kTold : 1);
}

Objective measure(const DayProblem& problem, const Routes& routes) {
  Objective total;
  for (std::size_t s = 0; s < problem.series.size(); ++s) {
    const Series& series = problem.series[s];
    const Route& route = routes[s];
    total.unscheduled += static_cast<std::int64_t>(series.doses.size());
    int last = series.fixed.empty() ? kNoDay : series.fixed.back().day;
    for (std::size_t k = 0; k < route.visits.size(); ++k) {
      const int day = route.visits[k].period;
      if (day == kNoDay) continue;
      --total.unscheduled;
      if (last == kNoDay) {
        total.waiting += std::int64_t{series.weight} * (day - series.release);
      } else {
        total.interval += gap_cost(series, series.gaps[k], last, day);
      }
      last = day;
      total.disturbance += move_cost(problem, series.doses[k], day, route.visits[k].variant);
    }
  }
  total.peak = peak_of(problem, routes);
  return total;
}

Cost plan_cost(const Weights& weights, const Objective& objective) {
  return objective.unscheduled * weights.unscheduled + objective.interval * weights.interval +
         objective.waiting * weights.waiting;
}

}  // namespace cryobank::schedule
