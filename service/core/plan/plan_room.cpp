#include "service/core/plan/plan_room.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/text.hpp"

namespace cryobank::core {
namespace {

using schedule::CellUse;
using schedule::kNoDay;

// Where a course is given, and by what.
struct GivenCourse {
  std::string clinic;
  std::optional<config::ProtocolConfig> protocol;
};

struct PublishedDose {
  std::size_t series = 0;
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
    for (const CourseId& id : made_.courses) {
      const auto protocol = protocol_of(site, view, *view.course(id));
      given_.push_back(
          {clinic_of(site, view, id.str()), protocol ? std::optional(*protocol) : std::nullopt});
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
      StoppedDose stopped;
      std::string why = lack_of(one, stopped.unseated);
      if (why.empty()) continue;
      stopped.course = one.course;
      stopped.number = one.number;
      stopped.dose = dose_of(one).id;
      stopped.why = std::move(why);
      stopped.movable = !one.settled;
      over.push_back(std::move(stopped));
    }
    return over;
  }

  // One protocol without infusion minutes takes the minute from every chair of its clinic.
  std::optional<std::string> chairs_by_day(const config::ClinicConfig& clinic) const {
    if (!chair_day(site_, clinic)) return std::nullopt;
    bool timed = false;
    const inventory::Course* untimed = nullptr;
    for (std::size_t s = 0; s < given_.size(); ++s) {
      if (given_[s].clinic != clinic.id || !given_[s].protocol) continue;
      const bool told = given_[s].protocol->infusion_minutes > 0;
      timed = timed || told;
      if (!told && untimed == nullptr) untimed = view_.course(made_.courses[s]);
    }
    if (!timed || untimed == nullptr) return std::nullopt;
    return cat("clinic ", clinic.id, ": its ", clinic.chairs, " chairs are ", clinic.chairs,
               " infusions a day and not counted by the minute, since protocol ",
               untimed->protocol.str(), " of course ", untimed->id.str(),
               " tells no infusion_minutes");
  }

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
        doses.push_back({s, false, series.doses[k].told, visits[k].period, made_.courses[s],
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
      doses.push_back({s, true, true, fixed.day, made_.courses[s], fixed.number, std::move(visit)});
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
  std::string lack_of(const PublishedDose& one, bool& unseated) {
    for (const CellUse& use : one.visit.cells) {
      if (!is_by_minute(use) && free_of(use) < use.amount) return why(use);
    }
    if (std::string fault = chair_fault(one); !fault.empty()) {
      unseated = true;
      return fault;
    }
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
    const auto& [clinic, protocol] = given_[one.series];
    const auto chairs = made_.chairs.find(clinic);
    if (chairs == made_.chairs.end() || chairs->second.second.unit == 0) return {};
    const auto hours = chair_day(site_, *site_.find_clinic(clinic));
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
  std::vector<GivenCourse> given_;  // by series
  schedule::DayModel model_;
  std::vector<std::int32_t> free_;   // by cell
  std::vector<std::int32_t> taken_;  // of all that is published
  std::map<std::pair<std::string, int>, std::vector<schedule::ChairVisit>> seated_;  // by day
};

}  // namespace

PlanRoom look_at_room(const config::SiteConfig& site, const inventory::View& view,
                      WallTime plan_now) {
  RoomCount room(site, view, plan_now);
  PlanRoom found;
  found.over = room.over();
  for (const config::ClinicConfig& clinic : site.clinics) {
    if (auto told = room.chairs_by_day(clinic)) {
      found.warnings.push_back(std::move(*told));
    }
  }
  return found;
}

void unseat(const config::SiteConfig& site, const inventory::View& view,
            const std::vector<StoppedDose>& over, PlanProblem& made) {
  std::set<std::pair<CourseId, int>> leaving;
  for (const StoppedDose& one : over) leaving.insert({one.course, one.number});
  ChairBook chairs(site, view, std::move(leaving));
  for (const StoppedDose& one : over) {
    const auto found = std::ranges::find(made.courses, one.course);
    if (!one.unseated || found == made.courses.end()) continue;
    const auto s = static_cast<std::size_t>(found - made.courses.begin());
    std::vector<schedule::DoseNeed>& needs = made.problem.series[s].doses;
    const auto need = std::ranges::find(needs, one.number, &schedule::DoseNeed::number);
    const auto k = static_cast<std::size_t>(need - needs.begin());
    const auto protocol = protocol_of(site, view, *view.course(one.course));
    if (!protocol || need == needs.end() || k >= made.standing[s].visits.size()) continue;
    const Day day{made.first.number + need->published_day};
    if (!chairs.seat(one.course, *protocol, day, need->published_lead)) {
      need->earliest = std::max(need->earliest, need->published_day + 1);
    }
    need->published_lead = made.standing[s].visits[k].variant = schedule::kOtherMinute;
  }
}

}  // namespace cryobank::core
