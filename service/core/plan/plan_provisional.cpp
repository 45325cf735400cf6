#include "service/core/plan/plan_provisional.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "service/schedule/explain.hpp"

namespace cryobank::core {

std::string missing_text(const PlanProblem& made, const schedule::DayModel& model, int series) {
  constexpr std::size_t kTextMax = 500;
  std::string why;
  for (const schedule::LateDose& late : schedule::explain(model, made.standing)) {
    if (late.series != series || late.day >= 0) continue;
    why += cat(why.empty() ? "" : "; ", "dose ", late.number, " finds no day",
               late.reasons.empty() ? " within the horizon" : ":");
    const char* comma = " ";
    for (const schedule::Reason& reason : late.reasons) {
      why += cat(comma, schedule::to_text(made.problem, reason));
      comma = ", ";
    }
  }
  return clip(why, kTextMax);
}

ProvisionalPlanner::ProvisionalPlanner(const PlanAsk& ask)
    : site_(ask.bank.config),
      made_(make_plan_problem(ask.bank.config, ask.view(),
                              ask.clock.plan_time(ask.context.now.wall), {}, {},
                              schedule::kHorizonDaysMax)) {
  schedule::DayProblem& problem = made_.problem;
  const schedule::DayModel model(problem, schedule::Reserve::kept);
  const auto days = static_cast<std::size_t>(problem.days);
  for (std::size_t r = 0; r < problem.resources.size(); ++r) {
    for (std::size_t d = 0; d < days; ++d) {
      problem.resources[r].capacity[d] = model.capacity()[r * days + d];
    }
    problem.resources[r].reserve = 0;
  }
  for (const schedule::Route& route : made_.standing) take(route);
  problem.series.clear();
  problem.apart.clear();
}

void ProvisionalPlanner::take(const schedule::Route& route) {
  schedule::DayProblem& problem = made_.problem;
  for (const schedule::Visit& visit : route.visits) {
    for (const schedule::CellUse& use : visit.cells) {
      const int resource = use.cell / problem.days;
      std::int32_t& free = problem.resources[static_cast<std::size_t>(resource)]
                               .capacity[static_cast<std::size_t>(use.cell % problem.days)];
      free = std::max(0, free - use.amount);
    }
  }
}

void ProvisionalPlanner::add_demands(const config::ProtocolConfig& protocol,
                                     schedule::Series& series) const {
  using On = schedule::Demand::On;
  series.demands = made_.centre;
  if (site_.clinics.empty()) return;
  const std::string& clinic = site_.clinics.front().id;
  if (const auto chairs = made_.chairs.find(clinic); chairs != made_.chairs.end()) {
    const auto& [resource, units] = chairs->second;
    series.demands.push_back({resource, On::infusion, units.amount(protocol.infusion_minutes)});
  }
  const auto beds = made_.beds.find(clinic);
  for (int day = 0; beds != made_.beds.end() && day < protocol.bed_days; ++day) {
    series.demands.push_back({beds->second, On::infusion, 1, day});
  }
}

schedule::Series ProvisionalPlanner::series_of(const std::string& referral,
                                               const config::ProtocolConfig& protocol,
                                               int ready) const {
  schedule::Series series;
  series.name = referral;
  std::tie(series.lead_min, series.lead_max) = protocol.lead_days();
  series.transport = transport_days(site_, protocol);
  series.first_thaw = ready;
  series.release = ready + series.lead_min + series.transport;
  const auto calendar = [this](const CalendarId& id) {
    const auto& names = made_.problem.calendar_names;
    const auto found = std::find(names.begin(), names.end(), id.str());
    return found == names.end() ? 0 : static_cast<int>(found - names.begin());
  };
  series.thaw_calendar = calendar(site_.plan.centre_calendar);
  if (!site_.clinics.empty()) {
    series.clinic_calendar = calendar(site_.clinics.front().calendar);
  }
  add_demands(protocol, series);
  for (int number = 1; number <= protocol.doses; ++number) {
    schedule::DoseNeed need;
    need.number = number;
    need.latest = made_.problem.days - 1;
    series.doses.push_back(need);
    series.gaps.push_back(gap_rule(protocol, number));
  }
  series.bridges = schedule::find_bridges(made_.problem, series);
  return series;
}

ProvisionalDoses ProvisionalPlanner::plan(const std::string& referral,
                                          const config::ProtocolConfig& protocol, int ready) {
  made_.problem.series = {series_of(referral, protocol, ready)};
  if (const Status fits = schedule::check(made_.problem); !fits) return {{}, fits.error().context};
  const schedule::DayModel model(made_.problem, schedule::Reserve::used);
  const schedule::Load free = model.capacity();
  const schedule::Route route = model.best(0, &free, {}, {schedule::Route{}});
  ProvisionalDoses doses;
  for (const schedule::Visit& visit : route.visits) {
    doses.days.push_back(Day{made_.first.number + visit.period});
  }
  if (route.missing > 0) {
    made_.standing = {route};
    doses.why = missing_text(made_, model, 0);
    return doses;
  }
  take(route);
  return doses;
}

}  // namespace cryobank::core
