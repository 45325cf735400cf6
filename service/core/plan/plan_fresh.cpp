#include "service/core/plan/plan_fresh.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "inventory/ledger/apply/effects.hpp"

namespace cryobank::core {
namespace {

// One course of a proposal, looked at on another day.
struct SeriesThen {
  const config::SiteConfig& site;
  const inventory::View& view;
  const Proposal& proposal;
  std::size_t at;
  Day today;

  int freeze() const { return std::max(1, site.plan.freeze_days); }

  std::string passed(const schedule::Route& route) const {
    const PlanProblem& made = proposal.made;
    const inventory::Course* course = view.course(made.courses[at]);
    for (std::size_t k = 0; course != nullptr && k < made.doses[at].size(); ++k) {
      const inventory::Dose* dose = course->find(made.doses[at][k]);
      if (dose == nullptr) continue;
      const bool placed = k < route.visits.size();
      if (placed && keeps_its_time(made, at, k, route.visits[k], *dose)) continue;
      std::string why = placed ? thaw_passed(route.visits[k]) : std::string();
      if (why.empty()) why = frozen_since(*dose);
      if (why.empty()) continue;
      return cat("dose ", dose->id.str(), " of course ", course->id.str(), " ", why);
    }
    return {};
  }

  std::string thaw_passed(const schedule::Visit& visit) const {
    const Day thaw{proposal.made.first.number + visit.period -
                   proposal.made.problem.series[at].transport - visit.variant};
    if (thaw.number >= today.number + freeze()) return {};
    return cat("would be thawed on ", format_day(thaw), ", and today, ", format_day(today),
               ", the first day that can still be planned is ",
               format_day(Day{today.number + freeze()}));
  }

  // A date that came inside the freeze while the proposal waited stays. What was stopped is moved
  // for that very reason.
  std::string frozen_since(const inventory::Dose& dose) const {
    if (proposal.mends || dose.thaw_at.ms == 0 || !dose.blocked.empty()) return {};
    const Day thaw = site.zone.local(dose.thaw_at).day;
    const bool was_free = thaw.number >= proposal.made.first.number + freeze();
    if (!was_free || thaw.number >= today.number + freeze()) return {};
    return cat("is to be thawed on ", format_day(thaw), ", inside the freeze by now");
  }
};

}  // namespace

bool keeps_its_time(const PlanProblem& made, std::size_t series, std::size_t dose,
                    const schedule::Visit& visit, const inventory::Dose& planned) {
  const schedule::DoseNeed& need = made.problem.series[series].doses[dose];
  return need.published_day == visit.period && need.published_lead == visit.variant &&
         planned.blocked.empty();
}

std::string passed_text(const config::SiteConfig& site, const inventory::View& view,
                        WallTime plan_now, const Proposal& proposal,
                        const schedule::Routes& routes) {
  const Day today = site.zone.local(plan_now).day;
  if (today == proposal.made.first) return {};
  std::set<int> moved;
  for (const schedule::VisitMove& move :
       schedule::moves_between(proposal.made.problem, proposal.made.standing, routes)) {
    moved.insert(move.series);
  }
  for (const int series : moved) {
    const auto at = static_cast<std::size_t>(series);
    const std::string passed = SeriesThen{site, view, proposal, at, today}.passed(routes[at]);
    if (!passed.empty()) return passed;
  }
  return {};
}

void list_dayless(const inventory::View& view, const Proposal& proposal, const std::set<int>& moved,
                  const schedule::Routes& routes, Json& data) {
  SettledDoses dayless = dayless_doses(view);
  const PlanProblem& made = proposal.made;
  for (std::size_t at = 0; at < made.courses.size(); ++at) {
    if (proposal.rung != "whole-plan" && !moved.contains(static_cast<int>(at))) continue;
    for (std::size_t k = 0; k < made.doses[at].size(); ++k) {
      if (k >= routes[at].visits.size()) dayless.insert({made.courses[at], made.doses[at][k]});
    }
  }
  // The draft has the new days already: what has one is not listed.
  const bool known = view.document("plan", "dayless") != nullptr;
  if (dayless.empty() && !known) return;
  Json items = Json::array();
  for (const auto& [course, dose] : dayless) {
    items.push(Json::object().set("course", course.str()).set("dose", dose.str()));
  }
  inventory::add_document(data, "plan", "dayless", Json::object().set("items", std::move(items)));
}

}  // namespace cryobank::core
