#include "service/schedule/explain.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cryobank::schedule {
namespace {

// Days looked at for a dose that found no place.
constexpr int kLookDays = 30;

class Looker {
 public:
  Looker(const DayModel& model, const Routes& routes)
      : model_(model), problem_(model.problem()), routes_(routes), free_(model.capacity()) {
    for (const Route& route : routes) change(route, -1);
  }

  void look(int index, std::vector<LateDose>& out) {
    const Series& series = problem_.series[static_cast<std::size_t>(index)];
    const Route& route = routes_[static_cast<std::size_t>(index)];
    change(route, 1);
    int last = series.fixed.empty() ? -1 : series.fixed.back().day;
    for (std::size_t k = 0; k < series.doses.size(); ++k) {
      const bool first = k == 0 && series.fixed.empty();
      const int wanted = first ? std::max(0, series.release) : last + free_gap(series.gaps[k]);
      const bool placed = k < route.visits.size();
      if (placed && route.visits[k].period == kNoDay) continue;
      const int day = placed ? route.visits[k].period : -1;
      if (!placed || day > wanted) {
        LateDose late{index, series.doses[k].number, wanted, day, {}};
        if (!placed && series.gaps[k].cost.empty() && !first) {
          late.reasons.push_back({Reason::What::no_gap, 0, wanted});
          out.push_back(std::move(late));
          break;
        }
        if (placed && !first) add_forced(late, series, k, last);
        int from = wanted;
        int until = placed ? day : std::min(problem_.days, wanted + kLookDays);
        if (!placed && !first && !may_be_longer(series, k, last)) {
          from = last + series.gaps[k].min;
          until = std::min(problem_.days, last + series.gaps[k].max + 1);
        }
        // The wanted day and those after it first: of alike reasons the first is told.
        const int middle = std::max({0, from, std::min(wanted, until)});
        for (int d = middle; d < until; ++d) add(late, why_not(index, k, d));
        for (int d = std::max(0, from); d < middle; ++d) add(late, why_not(index, k, d));
        out.push_back(std::move(late));
      }
      if (!placed) break;  // the doses after it wait for it
      last = day;
    }
    change(route, -1);
  }

 private:
  void change(const Route& route, int sign) {
    for (const Visit& visit : route.visits) {
      for (const CellUse& use : visit.cells)
        free_[static_cast<std::size_t>(use.cell)] += sign * use.amount;
    }
  }

  // The longest gap that costs no more than the cheapest.
  static int free_gap(const GapRule& rule) {
    if (rule.cost.empty()) return rule.min;
    const std::int32_t cheapest = *std::min_element(rule.cost.begin(), rule.cost.end());
    int gap = rule.max;
    while (gap > rule.min && gap_cost(rule, gap) > cheapest) --gap;
    return gap;
  }

  // After a hold, or over days on which nothing is possible.
  static bool may_be_longer(const Series& series, std::size_t dose, int last) {
    const int longest = series.gaps[dose].max;
    return (dose == 0 && series.resumes) ||
           std::ranges::any_of(series.bridges, [&](const Bridge& bridge) {
             return bridge.before - last < longest && bridge.after - last > longest;
           });
  }

  static void add(LateDose& late, const Reason& reason) {
    const bool again = std::any_of(late.reasons.begin(), late.reasons.end(), [&](const Reason& r) {
      return r.what == reason.what && r.index == reason.index;
    });
    if (!again) late.reasons.push_back(reason);
  }

  // A gap that the calendars alone force is told with both its ends.
  static void add_forced(LateDose& late, const Series& series, std::size_t dose, int last) {
    const GapRule& rule = series.gaps[dose];
    const Bridge* bridge = crossed_bridge(series, rule, last, late.day);
    if (bridge == nullptr || !bridge->closed) return;
    late.reasons.push_back({Reason::What::forced_gap,
                            late.series,
                            std::max(bridge->before, last),
                            bridge->after,
                            rule.max,
                            {},
                            {},
                            rule.min});
  }

  Reason why_not(int index, std::size_t dose, int day) const {
    const Series& series = problem_.series[static_cast<std::size_t>(index)];
    const auto open = [&](int calendar, int on) {
      return on >= 0 && on < problem_.days &&
             problem_.calendars[static_cast<std::size_t>(calendar)][static_cast<std::size_t>(on)] !=
                 0;
    };
    if (!series.refused.empty()) return {Reason::What::refused, index, day, -1};
    if (!open(series.clinic_calendar, day)) {
      return {Reason::What::clinic_closed, series.clinic_calendar, day, -1};
    }
    if (!series.blocked.empty() && series.blocked[static_cast<std::size_t>(day)] != 0) {
      return {Reason::What::patient_away, 0, day, -1};
    }
    const DoseNeed& need = series.doses[dose];
    if (day < need.earliest) return {Reason::What::not_yet, 0, day, need.earliest};
    if (day > need.latest) {
      const auto what = need.latest_because.empty() ? Reason::What::too_late : Reason::What::expiry;
      return {what, 0, day, need.latest, 0, need.latest_because};
    }
    const int first = std::max(0, series.first_thaw) + series.lead_min + series.transport;
    Reason reason{Reason::What::not_yet, 0, day, first};
    for (int lead = series.lead_min; lead <= series.lead_max; ++lead) {
      const int harvest = day - series.transport;
      if (harvest - lead < std::max(0, series.first_thaw)) continue;
      if (!open(series.thaw_calendar, harvest) || !open(series.thaw_calendar, harvest - lead)) {
        if (reason.lacks.empty()) {
          reason = {Reason::What::centre_closed, series.thaw_calendar, day, -1};
        }
        continue;
      }
      std::vector<Lack> lacks = lacks_of(index, day, lead);
      if (lacks.empty()) return possible(index, day);
      if (!reason.lacks.empty() && lacks.size() >= reason.lacks.size()) continue;
      const Lack& first_lack = lacks.front();
      const Resource& resource = problem_.resources[static_cast<std::size_t>(first_lack.resource)];
      const std::int32_t places = resource.capacity[static_cast<std::size_t>(first_lack.day)];
      reason = {Reason::What::full, first_lack.resource, day, places - resource.reserve};
      reason.lacks = std::move(lacks);
    }
    return reason;
  }

  // Of each resource and day that has too little left for it.
  std::vector<Lack> lacks_of(int index, int day, int lead) const {
    std::vector<Lack> lacks;
    for (const CellUse& use : model_.visit(index, day, lead).cells) {
      const std::int32_t missing = use.amount - free_[static_cast<std::size_t>(use.cell)];
      if (missing > 0)
        lacks.push_back({use.cell / problem_.days, use.cell % problem_.days, missing});
    }
    return lacks;
  }

  Reason possible(int index, int day) const {
    for (const Apart& rule : problem_.apart) {
      if (rule.first != index && rule.second != index) continue;
      const auto other = static_cast<std::size_t>(rule.first == index ? rule.second : rule.first);
      for (const Visit& visit : routes_[other].visits) {
        const int distance = std::max(visit.period - day, day - visit.period);
        if (distance < rule.days)
          return {Reason::What::other_series, static_cast<int>(other), day, -1};
      }
    }
    return {Reason::What::later_doses, 0, day, -1};
  }

  const DayModel& model_;
  const DayProblem& problem_;
  const Routes& routes_;
  Load free_;
};

}  // namespace

std::string_view name_of(Reason::What what) {
  switch (what) {
    case Reason::What::centre_closed:
      return "centre-closed";
    case Reason::What::clinic_closed:
      return "clinic-closed";
    case Reason::What::patient_away:
      return "patient-away";
    case Reason::What::not_yet:
      return "not-yet";
    case Reason::What::too_late:
      return "too-late";
    case Reason::What::expiry:
      return "vial-expires";
    case Reason::What::forced_gap:
      return "forced-gap";
    case Reason::What::full:
      return "full";
    case Reason::What::refused:
      return "refused";
    case Reason::What::other_series:
      return "other-series";
    case Reason::What::later_doses:
      return "later-doses";
    case Reason::What::no_gap:
      return "no-gap";
  }
  CHECK(false);
}

std::vector<LateDose> explain(const DayModel& model, const Routes& routes) {
  std::vector<LateDose> out;
  Looker looker(model, routes);
  for (int s = 0; s < model.count(); ++s) looker.look(s, out);
  return out;
}

std::string to_text(const DayProblem& problem, const Reason& reason) {
  const auto calendar = [&] {
    const auto index = static_cast<std::size_t>(reason.index);
    return index < problem.calendar_names.size() ? problem.calendar_names[index]
                                                 : cat("calendar ", reason.index);
  };
  switch (reason.what) {
    case Reason::What::centre_closed:
      return cat(calendar(), " closed on the thaw or harvest day");
    case Reason::What::clinic_closed:
      return cat(calendar(), " closed");
    case Reason::What::patient_away:
      return "the patient cannot";
    case Reason::What::not_yet:
      return "not possible yet";
    case Reason::What::too_late:
      return "after its last day";
    case Reason::What::expiry:
      return reason.because;
    case Reason::What::forced_gap:
      return cat("centre and clinic are closed for ", reason.limit - reason.day, " days where ",
                 reason.allowed, " are allowed");
    case Reason::What::full:
      return cat(problem.resources[static_cast<std::size_t>(reason.index)].name, " full");
    case Reason::What::refused:
      return problem.series[static_cast<std::size_t>(reason.index)].refused;
    case Reason::What::other_series:
      return cat("too near to series ",
                 problem.series[static_cast<std::size_t>(reason.index)].name);
    case Reason::What::no_gap:
      return "its shortest interval is above its longest";
    case Reason::What::later_doses:
      return "later doses would come worse";
  }
  return {};
}

}  // namespace cryobank::schedule
