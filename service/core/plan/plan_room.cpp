#include "service/core/plan/plan_room.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "base/text.hpp"
#include "service/core/problem/plan_problem.hpp"

namespace cryobank::core {
namespace {

using schedule::CellUse;
using schedule::kNoDay;

struct PublishedDose {
  bool settled = false;  // inside the freeze: it stays where it is
  bool told = false;
  int day = 0;
  CourseId course;
  int number = 0;
  schedule::Visit visit;

  auto order() const { return std::tuple(!settled, !told, day, course, number); }
};

class RoomCount {
 public:
  RoomCount(const config::SiteConfig& site, const inventory::View& view, WallTime plan_now)
      : site_(site),
        view_(view),
        made_(make_plan_problem(site, view, plan_now, {})),
        model_(made_.problem, schedule::Reserve::used) {
    for (const schedule::Resource& resource : made_.problem.resources) {
      free_.insert(free_.end(), resource.capacity.begin(), resource.capacity.end());
    }
  }

  std::vector<StoppedDose> over() {
    std::vector<PublishedDose> doses = published();
    std::ranges::sort(doses, {}, &PublishedDose::order);
    for (const PublishedDose& one : doses) {
      for (const CellUse& use : one.visit.cells) taken_of(use) += use.amount;
    }
    std::vector<StoppedDose> over;
    for (const PublishedDose& one : doses) {
      std::string why = lack_of(one);
      if (why.empty()) continue;
      StoppedDose stopped;
      stopped.course = one.course;
      stopped.number = one.number;
      stopped.dose = dose_of(one).id;
      stopped.why = std::move(why);
      stopped.movable = !one.settled;
      over.push_back(std::move(stopped));
    }
    return over;
  }

  const PlanProblem& made() const { return made_; }

 private:
  std::vector<PublishedDose> published() {
    taken_.assign(free_.size(), 0);
    std::vector<PublishedDose> doses;
    for (std::size_t s = 0; s < made_.courses.size(); ++s) {
      const schedule::Series& series = made_.problem.series[s];
      for (const schedule::FixedDose& fixed : series.fixed) add_fixed(s, fixed, doses);
      const std::vector<schedule::Visit>& visits = made_.standing[s].visits;
      for (std::size_t k = 0; k < visits.size(); ++k) {
        // What cannot stand on its day is stopped by another cause, and takes nobody's place.
        if (visits[k].period == kNoDay || !model_.may_stand(static_cast<int>(s), k)) continue;
        doses.push_back({false, series.doses[k].told, visits[k].period, made_.courses[s],
                         series.doses[k].number, visits[k]});
      }
    }
    return doses;
  }

  // Cells under way have their places whatever is published.
  void add_fixed(std::size_t s, const schedule::FixedDose& fixed,
                 std::vector<PublishedDose>& doses) {
    if (!fixed.uses) return;
    schedule::Visit visit = model_.visit(static_cast<int>(s), fixed.day, fixed.lead);
    const inventory::Dose& dose = view_.course(made_.courses[s])->dose(fixed.number);
    if (may_be_planned(dose.state)) {
      doses.push_back({true, true, fixed.day, made_.courses[s], fixed.number, std::move(visit)});
      return;
    }
    for (const CellUse& use : visit.cells) {
      free_of(use) -= use.amount;
      taken_of(use) += use.amount;
    }
  }

  const inventory::Dose& dose_of(const PublishedDose& one) const {
    return view_.course(one.course)->dose(one.number);
  }

  // Takes what the dose needs, or says what there is too little of.
  std::string lack_of(const PublishedDose& one) {
    for (const CellUse& use : one.visit.cells) {
      if (!is_by_minute(use) && free_of(use) < use.amount) return why(use);
    }
    if (std::string fault = chair_fault(one); !fault.empty()) return fault;
    for (const CellUse& use : one.visit.cells) free_of(use) -= use.amount;
    return {};
  }

  // The units of the day planner leave some minutes empty: dates by hand may use them.
  bool is_by_minute(const CellUse& use) const {
    return std::ranges::any_of(made_.chairs, [&](const auto& one) {
      return one.second.first == use.cell / made_.problem.days && one.second.second.unit > 0;
    });
  }

  std::string chair_fault(const PublishedDose& one) {
    const std::string clinic = clinic_of(site_, view_, one.course.str());
    const auto chairs = made_.chairs.find(clinic);
    if (chairs == made_.chairs.end() || chairs->second.second.unit == 0) return {};
    const auto hours = chair_day(site_, *site_.find_clinic(clinic));
    const auto protocol = protocol_of(site_, view_, *view_.course(one.course));
    if (!hours || !protocol || protocol->infusion_minutes == 0) return {};
    std::vector<schedule::ChairVisit>& visits = seated_[{clinic, one.day}];
    const inventory::Dose& dose = dose_of(one);
    visits.push_back({site_.zone.local(dose.infusion_at).minute, protocol->infusion_minutes,
                      cat("dose ", dose.id.str(), " of course ", one.course.str())});
    const std::vector<std::string> faults = schedule::chair_faults(*hours, visits);
    if (faults.empty()) return {};
    visits.pop_back();
    return cat("chairs of ", clinic, " on ", format_day(Day{made_.first.number + one.day}), ": ",
               faults.front());
  }

  std::int32_t& free_of(const CellUse& use) { return free_[static_cast<std::size_t>(use.cell)]; }
  std::int32_t& taken_of(const CellUse& use) { return taken_[static_cast<std::size_t>(use.cell)]; }

  std::string why(const CellUse& use) {
    const schedule::DayProblem& problem = made_.problem;
    const int index = use.cell / problem.days;
    const schedule::Resource& resource = problem.resources[static_cast<std::size_t>(index)];
    const int day = use.cell % problem.days;
    return cat("more is planned on ", format_day(Day{made_.first.number + day}), " than ",
               resource.name, " takes: ", taken_of(use), " where there is room for ",
               resource.capacity[static_cast<std::size_t>(day)]);
  }

  const config::SiteConfig& site_;
  const inventory::View& view_;
  PlanProblem made_;
  schedule::DayModel model_;
  std::vector<std::int32_t> free_;   // by cell
  std::vector<std::int32_t> taken_;  // of all that is published
  std::map<std::pair<std::string, int>, std::vector<schedule::ChairVisit>> seated_;  // by day
};

// One protocol without infusion minutes takes the minute from every chair of its clinic.
std::optional<std::string> chairs_by_day(const config::SiteConfig& site,
                                         const inventory::View& view, const PlanProblem& made,
                                         const config::ClinicConfig& clinic) {
  if (!chair_day(site, clinic)) return std::nullopt;
  bool timed = false;
  const inventory::Course* untimed = nullptr;
  for (const CourseId& id : made.courses) {
    if (clinic_of(site, view, id.str()) != clinic.id) continue;
    const inventory::Course* course = view.course(id);
    const auto protocol = protocol_of(site, view, *course);
    if (!protocol) continue;
    timed = timed || protocol->infusion_minutes > 0;
    if (protocol->infusion_minutes == 0 && untimed == nullptr) untimed = course;
  }
  if (!timed || untimed == nullptr) return std::nullopt;
  return cat("clinic ", clinic.id, ": its ", clinic.chairs, " chairs are ", clinic.chairs,
             " infusions a day and not counted by the minute, since protocol ",
             untimed->protocol.str(), " of course ", untimed->id.str(),
             " tells no infusion_minutes");
}

}  // namespace

PlanRoom look_at_room(const config::SiteConfig& site, const inventory::View& view,
                      WallTime plan_now) {
  RoomCount room(site, view, plan_now);
  PlanRoom found;
  found.over = room.over();
  for (const config::ClinicConfig& clinic : site.clinics) {
    if (auto told = chairs_by_day(site, view, room.made(), clinic)) {
      found.warnings.push_back(std::move(*told));
    }
  }
  return found;
}

}  // namespace cryobank::core
