// The state of planning as MiniZinc data. Leads and gaps stay decisions of the solver; what the
// fixed doses use has been taken from the capacities, and the reserve too.
#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "service/schedule/day_model.hpp"
#include "service/schedule/exchange.hpp"

namespace cryobank::schedule {
namespace {

template <class Item>
std::string listed(const std::vector<Item>& items) {
  std::string out = "[";
  for (std::size_t i = 0; i < items.size(); ++i) out += cat(i == 0 ? "" : ",", items[i]);
  return out + "]";
}

constexpr int kNoPrevious = -100'000;  // "none" of the model

struct Columns {
  std::vector<int> release, lead_min, lead_max, transport, centre, clinic, weight, doses, from,
      previous, first_thaw, resumes;
  std::vector<int> earliest, latest, gap_min, gap_max, gap_at, gap_cost;
  std::vector<int> bridge_series, bridge_before, bridge_after, bridge_closed;
  std::vector<int> demand_series, demand_resource, demand_on, demand_amount, demand_after;
};

void add_columns(const DayProblem& problem, int index, Columns& c) {
  const Series& series = problem.series[static_cast<std::size_t>(index)];
  c.release.push_back(series.release);
  c.first_thaw.push_back(std::max(0, series.first_thaw));
  c.lead_min.push_back(series.lead_min);
  c.lead_max.push_back(series.lead_max);
  c.transport.push_back(series.transport);
  c.centre.push_back(series.thaw_calendar + 1);
  c.clinic.push_back(series.clinic_calendar + 1);
  c.weight.push_back(series.weight);
  c.resumes.push_back(series.resumes ? 1 : 0);
  c.previous.push_back(series.fixed.empty() ? kNoPrevious : series.fixed.back().day);
  c.from.push_back(static_cast<int>(c.earliest.size()) + 1);
  c.doses.push_back(static_cast<int>(series.doses.size()));
  for (std::size_t k = 0; k < series.doses.size(); ++k) {
    c.earliest.push_back(std::max(0, series.doses[k].earliest));
    const GapRule& gap = series.gaps[k];
    const bool none = gap.cost.empty();  // it has no day
    c.latest.push_back(none ? -1 : std::min(problem.days - 1, series.doses[k].latest));
    c.gap_min.push_back(none ? gap.max : gap.min);
    c.gap_max.push_back(gap.max);
    c.gap_at.push_back(static_cast<int>(c.gap_cost.size()) + 1);
    c.gap_cost.insert(c.gap_cost.end(), gap.cost.begin(), gap.cost.end());
    if (none) c.gap_cost.push_back(0);
  }
  for (const Bridge& bridge : series.bridges) {
    c.bridge_series.push_back(index + 1);
    c.bridge_before.push_back(bridge.before == kNoDay ? kNoPrevious : bridge.before);
    c.bridge_after.push_back(bridge.after);
    c.bridge_closed.push_back(bridge.closed ? 1 : 0);
  }
  for (const Demand& demand : series.demands) {
    c.demand_series.push_back(index + 1);
    c.demand_resource.push_back(demand.resource + 1);
    c.demand_on.push_back(static_cast<int>(demand.on) + 1);
    c.demand_amount.push_back(demand.amount);
    c.demand_after.push_back(demand.after);
  }
}

// What the lower levels can come to at most, so that one point of the level above outweighs them.
struct Most {
  Cost waiting = 0;
  Cost interval = 0;
  Cost doses = 0;
};

Most most_of(const DayProblem& problem) {
  Most most;
  for (const Series& series : problem.series) {
    const bool waits = series.fixed.empty() && !series.doses.empty();
    if (waits) most.waiting += Cost{series.weight} * std::max(0, problem.days - series.release);
    for (std::size_t k = waits ? 1 : 0; k < series.doses.size(); ++k) {
      const std::vector<std::int32_t>& cost = series.gaps[k].cost;
      most.interval += cost.empty() ? 0 : *std::max_element(cost.begin(), cost.end());
      const bool longer = (k == 0 && series.resumes) || !series.bridges.empty();
      if (longer) most.interval += problem.days;
    }
    most.doses += static_cast<Cost>(series.doses.size());
  }
  return most;
}

}  // namespace

Weights solver_weights(const DayProblem& problem) {
  constexpr Cost kSolverMax = 2'000'000'000;  // of Gecode's integers, with room for its sums
  const Most most = most_of(problem);
  Weights weights = problem.weights;
  weights.interval = std::min(weights.interval,
                              most.waiting * weights.waiting + std::max<Cost>(1, weights.waiting));
  const Cost rest = most.interval * weights.interval + most.waiting * weights.waiting;
  weights.unscheduled = std::min(weights.unscheduled, rest + 1);
  // A state that is too large for the order of its levels in 32 bits keeps the first of them as far
  // as it goes.
  if (most.doses > 0) {
    const Cost room = std::max<Cost>(1, (kSolverMax - std::min(rest, kSolverMax)) / most.doses);
    weights.unscheduled = std::min(weights.unscheduled, room);
  }
  return weights;
}

std::string write_minizinc(const DayProblem& problem) {
  Columns c;
  for (int s = 0; s < static_cast<int>(problem.series.size()); ++s) add_columns(problem, s, c);
  std::vector<int> open, blocked, first, second, apart;
  for (const OpenDays& days : problem.calendars) open.insert(open.end(), days.begin(), days.end());
  for (std::size_t s = 0; s < problem.series.size(); ++s) {
    const Series& series = problem.series[s];
    for (int d = 0; d < problem.days; ++d) {
      const bool no = !series.blocked.empty() && series.blocked[static_cast<std::size_t>(d)] != 0;
      blocked.push_back(no ? 1 : 0);
    }
  }
  for (const Apart& rule : problem.apart) {
    first.push_back(rule.first + 1);
    second.push_back(rule.second + 1);
    apart.push_back(rule.days);
  }
  const DayModel model(problem, Reserve::kept);
  const Weights weights = solver_weights(problem);
  std::string out =
      cat("days = ", problem.days, ";\nn_series = ", problem.series.size(),
          ";\nn_doses = ", c.earliest.size(), ";\nn_resources = ", problem.resources.size(),
          ";\nn_calendars = ", problem.calendars.size(), ";\nn_demands = ", c.demand_series.size(),
          ";\nn_costs = ", c.gap_cost.size(), ";\nn_bridges = ", c.bridge_series.size(),
          ";\nn_apart = ", apart.size(), ";\nw_unscheduled = ", weights.unscheduled,
          ";\nw_interval = ", weights.interval, ";\nw_waiting = ", weights.waiting, ";\n");
  const std::pair<std::string_view, const std::vector<int>*> columns[] = {
      {"release", &c.release},
      {"first_thaw", &c.first_thaw},
      {"lead_min", &c.lead_min},
      {"lead_max", &c.lead_max},
      {"transport", &c.transport},
      {"centre", &c.centre},
      {"clinic", &c.clinic},
      {"weight", &c.weight},
      {"resumes", &c.resumes},
      {"previous", &c.previous},
      {"dose_from", &c.from},
      {"dose_count", &c.doses},
      {"earliest", &c.earliest},
      {"latest", &c.latest},
      {"gap_min", &c.gap_min},
      {"gap_max", &c.gap_max},
      {"gap_at", &c.gap_at},
      {"gap_cost", &c.gap_cost},
      {"bridge_series", &c.bridge_series},
      {"bridge_before", &c.bridge_before},
      {"bridge_after", &c.bridge_after},
      {"bridge_closed", &c.bridge_closed},
      {"demand_series", &c.demand_series},
      {"demand_resource", &c.demand_resource},
      {"demand_on", &c.demand_on},
      {"demand_amount", &c.demand_amount},
      {"demand_after", &c.demand_after},
      {"apart_first", &first},
      {"apart_second", &second},
      {"apart_days", &apart},
      {"open_flat", &open},
      {"blocked_flat", &blocked}};
  for (const auto& [name, column] : columns) out += cat(name, " = ", listed(*column), ";\n");
  return out + cat("capacity_flat = ", listed(model.capacity()), ";\n");
}

}  // namespace cryobank::schedule
