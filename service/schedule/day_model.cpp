#include "service/schedule/day_model.hpp"

#include <algorithm>
#include <limits>

namespace cryobank::schedule {
namespace {

constexpr Cost kImpossible = std::numeric_limits<Cost>::max() / 4;

// Days on which a demand is felt, for an infusion on `day` after `lead` days of culture.
struct Span {
  int first;
  int last;
};
Span span_of(const Series& series, const Demand& demand, int day, int lead, int days) {
  const int harvest = day - series.transport;
  const int thaw = harvest - lead;
  switch (demand.on) {
    case Demand::On::thaw:
      return {thaw, thaw};
    case Demand::On::culture:
      return {thaw, harvest - 1};
    case Demand::On::harvest:
      return {harvest, harvest};
    case Demand::On::infusion:
      break;
  }
  const int stay = day + demand.after;
  return {stay, std::min(stay, days - 1)};
}

}  // namespace

struct DayModel::Search {
  int series;
  const Load* free;
  const Prices& prices;
  const Routes& others;
  bool spread = false;             // gaps so long that no two doses lie in culture at once
  std::vector<Node> nodes;         // by day
  std::vector<Cost> value;         // by dose and day: of this dose and all after it
  std::vector<std::int16_t> next;  // the day of the next dose; -1: none is placed
  Cost priced = 0;
  int first = -1;
  Within within{};
};

DayModel::DayModel(const DayProblem& problem, Reserve reserve) : problem_(problem) {
  const auto days = static_cast<std::size_t>(problem.days);
  capacity_.resize(problem.resources.size() * days);
  for (std::size_t r = 0; r < problem.resources.size(); ++r) {
    const Resource& resource = problem.resources[r];
    const std::int32_t kept = reserve == Reserve::kept ? resource.reserve : 0;
    for (std::size_t d = 0; d < days; ++d) {
      capacity_[r * days + d] = std::max(0, resource.capacity[d] - kept);
    }
  }
  for (const Series& series : problem.series) {
    for (const FixedDose& fixed : series.fixed) {
      if (!fixed.uses) continue;
      for (const Demand& demand : series.demands) {
        const Span span = span_of(series, demand, fixed.day, fixed.lead, problem.days);
        for (int d = std::max(0, span.first); d <= std::min(problem.days - 1, span.last); ++d) {
          std::int32_t& free = capacity_[static_cast<std::size_t>(cell(demand.resource, d))];
          free = std::max(0, free - demand.amount);
        }
      }
    }
  }
}

Visit DayModel::visit(int series_index, int day, int lead) const {
  const Series& series = problem_.series[static_cast<std::size_t>(series_index)];
  Visit visit{day, lead, {}};
  for (const Demand& demand : series.demands) {
    const Span span = span_of(series, demand, day, lead, problem_.days);
    // What was missed may have begun before the horizon.
    for (int d = std::max(0, span.first); d <= std::min(problem_.days - 1, span.last); ++d) {
      visit.cells.push_back({cell(demand.resource, d), demand.amount});
    }
  }
  return visit;
}

bool DayModel::open(const Series& series, int day, int lead) const {
  const int harvest = day - series.transport;
  const int thaw = harvest - lead;
  if (thaw < std::max(0, series.first_thaw)) return false;
  const OpenDays& centre = problem_.calendars[static_cast<std::size_t>(series.thaw_calendar)];
  return centre[static_cast<std::size_t>(thaw)] != 0 &&
         centre[static_cast<std::size_t>(harvest)] != 0;
}

bool DayModel::fits(const Series& series, int day, int lead, const Load& free) const {
  for (const Demand& demand : series.demands) {
    const Span span = span_of(series, demand, day, lead, problem_.days);
    for (int d = span.first; d <= span.last; ++d) {
      if (free[static_cast<std::size_t>(cell(demand.resource, d))] < demand.amount) return false;
    }
  }
  return true;
}

Cost DayModel::price(const Series& series, int day, int lead, const Prices& prices) const {
  Cost sum = 0;
  for (const Demand& demand : series.demands) {
    const Span span = span_of(series, demand, day, lead, problem_.days);
    for (int d = span.first; d <= span.last; ++d) {
      sum += prices[static_cast<std::size_t>(cell(demand.resource, d))] * demand.amount;
    }
  }
  return sum;
}

void DayModel::find_nodes(Search& search) const {
  const Series& series = problem_.series[static_cast<std::size_t>(search.series)];
  const OpenDays& clinic = problem_.calendars[static_cast<std::size_t>(series.clinic_calendar)];
  search.nodes.assign(static_cast<std::size_t>(problem_.days), Node{});
  for (int day = 0; day < problem_.days; ++day) {
    const auto at = static_cast<std::size_t>(day);
    if (clinic[at] == 0 || (!series.blocked.empty() && series.blocked[at] != 0)) continue;
    Node& node = search.nodes[at];
    for (int lead = series.lead_min; lead <= series.lead_max; ++lead) {
      if (!open(series, day, lead)) continue;
      if (search.free != nullptr && !fits(series, day, lead, *search.free)) continue;
      const Cost cost = search.prices.empty() ? 0 : price(series, day, lead, search.prices);
      if (node.lead < 0 || cost < node.cost) node = {cost, lead};
    }
  }
}

// Days too near an infusion of another series of the same patient.
void DayModel::block_kin(Search& search) const {
  for (const Apart& rule : problem_.apart) {
    if (rule.first != search.series && rule.second != search.series) continue;
    const auto other =
        static_cast<std::size_t>(rule.first == search.series ? rule.second : rule.first);
    const auto block = [&](int day) {
      const int from = std::max(0, day - rule.days + 1);
      for (int d = from; d <= std::min(problem_.days - 1, day + rule.days - 1); ++d) {
        search.nodes[static_cast<std::size_t>(d)].lead = -1;
      }
    };
    for (const FixedDose& fixed : problem_.series[other].fixed) block(fixed.day);
    // The bound relaxes the rule where the other is not fixed.
    if (search.free == nullptr || other >= search.others.size()) continue;
    for (const Visit& visit : search.others[other].visits) block(visit.period);
  }
}

bool DayModel::may_stand(int series_index, std::size_t dose) const {
  const Series& series = problem_.series[static_cast<std::size_t>(series_index)];
  const DoseNeed& need = series.doses[dose];
  const int day = need.published_day;
  if (day < std::max(0, need.earliest) || day > std::min(need.latest, problem_.days - 1)) {
    return false;
  }
  const auto at = static_cast<std::size_t>(day);
  const OpenDays& clinic = problem_.calendars[static_cast<std::size_t>(series.clinic_calendar)];
  const bool there = series.blocked.empty() || series.blocked[at] == 0;
  const bool fits =
      need.published_lead >= series.lead_min && need.published_lead <= series.lead_max;
  return clinic[at] != 0 && there && fits && open(series, day, need.published_lead);
}

// A dose that keeps its day keeps its thaw too, if there is room.
void DayModel::keep_published(Search& search) const {
  const Series& series = problem_.series[static_cast<std::size_t>(search.series)];
  for (std::size_t k = 0; k < search.within.kept; ++k) {
    const DoseNeed& need = series.doses[k];
    Node& node = search.nodes[static_cast<std::size_t>(need.published_day)];
    const bool fits = search.free == nullptr ||
                      this->fits(series, need.published_day, need.published_lead, *search.free);
    if (node.lead >= 0 && fits) node.lead = need.published_lead;
  }
}

// Cost of coming to the first dose, and what a dose's own day adds.
Cost DayModel::enter_cost(const Search& search, std::size_t dose, int day) const {
  const Series& series = problem_.series[static_cast<std::size_t>(search.series)];
  if (dose != 0) return 0;
  if (series.fixed.empty()) {
    return problem_.weights.waiting * series.weight * (day - series.release) * kCostUnit;
  }
  const int last = series.fixed.back().day;
  const GapRule& rule = series.gaps[0];
  if (rule.cost.empty() || day - last < rule.min) return kImpossible;
  if (day - last > rule.max && !series.resumes &&
      crossed_bridge(series, rule, last, day) == nullptr) {
    return kImpossible;
  }
  return problem_.weights.interval * gap_cost(series, rule, last, day) * kCostUnit;
}

// Cheapest rest of the series after a dose on `day`, and the day of the next dose; -1: none.
std::pair<Cost, int> DayModel::best_rest(const Search& search, std::size_t dose, int day) const {
  const Series& series = problem_.series[static_cast<std::size_t>(search.series)];
  const std::size_t left = series.doses.size() - dose - 1;
  std::pair<Cost, int> best{problem_.weights.unscheduled * kCostUnit * static_cast<Cost>(left), -1};
  if (left == 0) return best;
  const GapRule& rule = series.gaps[dose + 1];
  const Cost* after = &search.value[(dose + 1) * static_cast<std::size_t>(problem_.days)];
  const Cost point = problem_.weights.interval * kCostUnit;
  const int from = search.spread ? std::max(rule.min, series.lead_max) : rule.min;
  const int until = std::min(rule.max, problem_.days - 1 - day);
  for (int gap = from; gap <= until; ++gap) {
    const Cost cost =
        point * rule.cost[static_cast<std::size_t>(gap - rule.min)] + after[day + gap];
    if (cost < best.first) best = {cost, day + gap};
  }
  if (!series.bridges.empty()) cross(search, dose, day, best);
  return best;
}

// The same over days on which the patient cannot, longer than the longest gap.
void DayModel::cross(const Search& search, std::size_t dose, int day,
                     std::pair<Cost, int>& best) const {
  const Series& series = problem_.series[static_cast<std::size_t>(search.series)];
  const GapRule& rule = series.gaps[dose + 1];
  const Cost* after = &search.value[(dose + 1) * static_cast<std::size_t>(problem_.days)];
  for (const Bridge& bridge : series.bridges) {
    if (bridge.before < day || bridge.before - day >= rule.max) continue;
    for (int next = std::max(bridge.after, day + rule.max + 1); next < problem_.days; ++next) {
      if (crossed_bridge(series, rule, day, next) == nullptr) continue;
      const Cost cost =
          problem_.weights.interval * kCostUnit * gap_cost(series, rule, day, next) + after[next];
      if (cost < best.first) best = {cost, next};
    }
  }
}

void DayModel::solve(Search& search) const {
  const Series& series = problem_.series[static_cast<std::size_t>(search.series)];
  const auto days = static_cast<std::size_t>(problem_.days);
  const std::size_t doses = series.doses.size();
  const Within& within = search.within;
  search.value.assign(doses * days, kImpossible);
  search.next.assign(doses * days, -1);
  const Cost tie_max = doses == 0 ? 0 : (kCostUnit - 1) / static_cast<Cost>(doses);
  for (std::size_t k = doses; k-- > 0;) {
    const DoseNeed& dose = series.doses[k];
    const int release = k == 0 && series.fixed.empty() ? series.release : 0;
    int from = 0;
    int last = std::min(problem_.days - 1, dose.latest);
    if (k < within.kept) {
      from = dose.published_day;
      last = std::min(last, dose.published_day);
    } else if (k == within.kept) {
      from = within.day;
      last = std::min(last, within.until);
    }
    for (int day = std::max({0, dose.earliest, release, from}); day <= last; ++day) {
      const Node& node = search.nodes[static_cast<std::size_t>(day)];
      if (node.lead < 0) continue;
      const auto [rest, next] = best_rest(search, k, day);
      Cost own = node.cost + enter_cost(search, k, day);
      if (search.free != nullptr && dose.published_day != kNoDay) {
        own += std::min<Cost>(tie_max, move_cost(problem_, dose, day, node.lead));
      }
      const std::size_t at = k * days + static_cast<std::size_t>(day);
      search.value[at] = std::min(kImpossible, own + rest);
      search.next[at] = static_cast<std::int16_t>(next);
    }
  }
  search.priced = problem_.weights.unscheduled * kCostUnit * static_cast<Cost>(doses);
  search.first = -1;
  for (int day = 0; doses > 0 && day < problem_.days; ++day) {
    const Cost value = search.value[static_cast<std::size_t>(day)];
    if (value >= search.priced) continue;
    search.priced = value;
    search.first = day;
  }
}

void DayModel::value(int series_index, Route& route) const {
  const Series& series = problem_.series[static_cast<std::size_t>(series_index)];
  const std::size_t doses = series.doses.size();
  route.missing = static_cast<int>(doses);
  route.cost = 0;
  const Cost tie_max = doses == 0 ? 0 : (kCostUnit - 1) / static_cast<Cost>(doses);
  int last = series.fixed.empty() ? kNoDay : series.fixed.back().day;
  for (std::size_t k = 0; k < route.visits.size(); ++k) {
    const int day = route.visits[k].period;
    if (day == kNoDay) continue;
    --route.missing;
    if (last == kNoDay) {
      route.cost += problem_.weights.waiting * series.weight * (day - series.release) * kCostUnit;
    } else {
      route.cost +=
          problem_.weights.interval * gap_cost(series, series.gaps[k], last, day) * kCostUnit;
    }
    last = day;
    const Cost tie = move_cost(problem_, series.doses[k], day, route.visits[k].variant);
    route.cost += std::min(tie_max, tie);
  }
  route.cost += problem_.weights.unscheduled * kCostUnit * route.missing;
}

Route DayModel::read_route(const Search& search) const {
  Route route;
  route.priced = search.priced;
  const auto days = static_cast<std::size_t>(problem_.days);
  int day = search.first;
  for (std::size_t k = 0; day >= 0; ++k) {
    route.visits.push_back(
        visit(search.series, day, search.nodes[static_cast<std::size_t>(day)].lead));
    day = search.next[k * days + static_cast<std::size_t>(day)];
  }
  value(search.series, route);
  return route;
}

// Two doses of one series may lie in culture at once; the path counts each for itself.
bool DayModel::overlaps(const Route& route, const Load& free) const {
  std::vector<CellUse> uses;
  for (const Visit& visit : route.visits) {
    uses.insert(uses.end(), visit.cells.begin(), visit.cells.end());
  }
  std::sort(uses.begin(), uses.end(),
            [](const CellUse& a, const CellUse& b) { return a.cell < b.cell; });
  for (std::size_t i = 0; i < uses.size();) {
    std::int64_t sum = 0;
    std::size_t j = i;
    for (; j < uses.size() && uses[j].cell == uses[i].cell; ++j) sum += uses[j].amount;
    if (sum > free[static_cast<std::size_t>(uses[i].cell)]) return true;
    i = j;
  }
  return false;
}

Route DayModel::best(int series, const Load* free, const Prices& prices,
                     const Routes& others) const {
  return best_within(series, {}, free, prices, others);
}

Route DayModel::best_within(int series, const Within& within, const Load* free,
                            const Prices& prices, const Routes& others) const {
  Search search{series, free, prices, others, false, {}, {}, {}, 0, -1, within};
  find_nodes(search);
  block_kin(search);
  keep_published(search);
  solve(search);
  Route route = read_route(search);
  if (free == nullptr || !overlaps(route, *free)) return route;
  search.spread = true;
  solve(search);
  Route apart = read_route(search);
  for (Route* one : {&route, &apart}) {
    while (overlaps(*one, *free)) {
      one->visits.pop_back();
      value(series, *one);
    }
  }
  return apart.cost <= route.cost ? apart : route;
}

}  // namespace cryobank::schedule
