#include "service/core/plan/plan_visits.hpp"

#include <algorithm>
#include <utility>

#include "service/core/plan/plan_version.hpp"
#include "service/core/problem/plan_problem.hpp"

namespace cryobank::core {
namespace {

using schedule::FeedVisit;

// One step of a dose, at its planned time or at the one that was taken back.
struct VisitStep {
  FeedVisit::Step step;
  WallTime planned;
  WallTime dropped;
};

class Visits {
 public:
  Visits(const config::SiteConfig& site, const inventory::View& view, const WantedVisits& wanted,
         WallTime from)
      : site_(site), view_(view), wanted_(wanted), from_(from) {}

  void add(const inventory::Course& course) {
    const std::string clinic = clinic_of(site_, view_, course.id.str());
    if (!wanted_.clinic.empty() && clinic != wanted_.clinic) return;
    const std::map<DoseId, PublishedVisit> told = published_visits(view_, course.id);
    int minutes = 0;
    for (const inventory::Dose& dose : course.doses) {
      const VisitStep steps[] = {
          {FeedVisit::Step::thaw, dose.thaw_at, dose.dropped.thaw},
          {FeedVisit::Step::harvest, dose.harvest_from, dose.dropped.harvest},
          {FeedVisit::Step::infusion, dose.infusion_at, dose.dropped.infusion}};
      for (const VisitStep& step : steps) {
        const WallTime at = step.planned.ms != 0 ? step.planned : step.dropped;
        const bool infusion = step.step == FeedVisit::Step::infusion;
        if (at.ms == 0 || at < from_ || (wanted_.until.ms != 0 && wanted_.until <= at)) continue;
        if ((infusion ? !wanted_.infusions : !wanted_.thaws)) continue;
        FeedVisit visit = visit_of(course, dose, step.step, at);
        visit.cancelled = visit.cancelled || step.planned.ms == 0;
        if (const auto known = told.find(dose.id); known != told.end()) {
          visit.moves = known->second.moves;
          visit.why = known->second.why;
          visit.by = known->second.by;
        }
        if (infusion) {
          if (minutes == 0) minutes = minutes_of(course, visit.minutes);
          visit.minutes = minutes;
          visit.place = clinic;
        }
        visits_.push_back(std::move(visit));
      }
    }
  }

  std::vector<FeedVisit> take(WallTime midnight) {
    std::stable_sort(visits_.begin(), visits_.end(),
                     [midnight](const FeedVisit& a, const FeedVisit& b) {
                       const bool past_a = a.at < midnight, past_b = b.at < midnight;
                       if (past_a != past_b) return past_b;
                       return past_a ? b.at < a.at : a.at < b.at;
                     });
    return std::move(visits_);
  }

 private:
  int minutes_of(const inventory::Course& course, int usual) const {
    const auto protocol = protocol_of(site_, view_, course);
    return protocol && protocol->infusion_minutes > 0 ? protocol->infusion_minutes : usual;
  }

  static bool is_done(const inventory::Dose& dose, FeedVisit::Step step) {
    switch (step) {
      case FeedVisit::Step::thaw:
        return dose.thawed_at.ms != 0;
      case FeedVisit::Step::harvest:
        return dose.harvested_at.ms != 0;
      case FeedVisit::Step::infusion:
        return dose.state == inventory::DoseState::infused;
    }
    CHECK(false);
  }

  static FeedVisit visit_of(const inventory::Course& course, const inventory::Dose& dose,
                            FeedVisit::Step step, WallTime at) {
    FeedVisit visit;
    visit.course = course.id.str();
    visit.patient = course.patient.str();
    visit.dose = dose.id.str();
    visit.step = step;
    visit.at = at;
    visit.sequence = course.revision;  // rises with every change of the course
    visit.cancelled = dose.state == inventory::DoseState::rejected ||
                      dose.state == inventory::DoseState::returned;
    visit.done = !visit.cancelled && is_done(dose, step);
    return visit;
  }

  const config::SiteConfig& site_;
  const inventory::View& view_;
  const WantedVisits& wanted_;
  WallTime from_;
  std::vector<FeedVisit> visits_;
};

}  // namespace

std::vector<FeedVisit> all_visits(const config::SiteConfig& site, const inventory::View& view,
                                  const WantedVisits& wanted, Day today) {
  const WallTime weeks = site.zone.at(Day{today.number - kVisitsKeptDays}, 0);
  Visits visits(site, view, wanted, wanted.from.ms != 0 ? wanted.from : weeks);
  if (!wanted.course.empty()) {
    if (const inventory::Course* course = view.course(wanted.course)) visits.add(*course);
  } else {
    for (const auto& [id, course] : view.base().courses) visits.add(*view.course(id));
  }
  return visits.take(site.zone.at(today, 0));
}

std::vector<FeedVisit> visits_of(const config::SiteConfig& site, const inventory::View& view,
                                 const WantedVisits& wanted, Day today, std::size_t& withheld) {
  std::vector<FeedVisit> visits = all_visits(site, view, wanted, today);
  if (visits.size() > kExportVisitsMax) {
    withheld += visits.size() - kExportVisitsMax;
    visits.resize(kExportVisitsMax);
  }
  std::stable_sort(visits.begin(), visits.end(),
                   [](const FeedVisit& a, const FeedVisit& b) { return a.at < b.at; });
  return visits;
}

}  // namespace cryobank::core
