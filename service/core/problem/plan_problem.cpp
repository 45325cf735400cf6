#include "service/core/problem/plan_problem.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "inventory/ledger/tables.hpp"
#include "service/core/problem/plan_closed.hpp"

namespace cryobank::core {
namespace {

using inventory::Dose;
using inventory::DoseState;
using schedule::kNoDay;
using schedule::Series;

// It has a day that people know, whether its vials are stored already or not.
bool is_published(const Dose& dose) {
  return may_be_planned(dose.state) && dose.thaw_at.ms != 0 && dose.infusion_at.ms != 0;
}

schedule::OpenDays open_days(const config::CalendarConfig* calendar, Day first, int days) {
  schedule::OpenDays open;
  for (int d = 0; d < days; ++d) {
    open.push_back(calendar == nullptr || calendar->open_on(Day{first.number + d}) ? 1 : 0);
  }
  return open;
}

class Maker {
 public:
  Maker(const config::SiteConfig& site, const inventory::View& view, WallTime now,
        const std::set<CourseId>& courses, const UnsafeDoses& unsafe, int horizon_days)
      : site_(site), view_(view), now_(now), unsafe_(unsafe) {
    made_.first = site.zone.local(now).day;
    made_.problem.days = horizon_days > 0 ? horizon_days : site.plan.horizon_days;
    if (site.plan.waiting_days_per_point > 0) {
      made_.problem.weights.interval = site.plan.waiting_days_per_point;
    }
    add_calendars();
    add_resources();
    for (const CourseId& course : courses) note_infusion(course);
    for (const config::ClinicConfig& clinic : site.clinics) add_clinic_places(clinic);
  }

  void add(const CourseId& id) {
    const inventory::Course* course = view_.course(id);
    if (course == nullptr) return leave_out(id, "no such course");
    if (made_.courses.size() >= schedule::kSeriesMax) return leave_out(id, "too many open courses");
    const Result<config::ProtocolConfig> protocol = protocol_of(site_, view_, *course);
    std::string fault = protocol ? why_unplannable(*protocol) : protocol.error().context;
    if (fault.empty() && !has_dates(*course)) fault = refusal_of(view_, *course);
    if (fault.empty()) return add_course(*course, *protocol);
    leave_out(id, fault);
    add_standing(*course, protocol ? *protocol : config::ProtocolConfig{});
  }

  PlanProblem take() {
    add_apart();
    return std::move(made_);
  }

 private:
  void leave_out(const CourseId& id, std::string_view why) {
    made_.left_out.push_back(cat("course ", id.str(), ": ", why));
  }

  int calendar_index(const CalendarId& id) {
    const auto found = calendars_.find(id);
    return found == calendars_.end() ? 0 : found->second;
  }

  void add_calendars() {
    schedule::DayProblem& problem = made_.problem;
    problem.calendars.push_back(open_days(nullptr, made_.first, problem.days));
    problem.calendar_names.push_back("every-day");
    for (const config::CalendarConfig& calendar : site_.calendars) {
      calendars_[calendar.id] = static_cast<int>(problem.calendars.size());
      problem.calendars.push_back(open_days(&calendar, made_.first, problem.days));
      problem.calendar_names.push_back(calendar.id.str());
    }
  }

  int add_resource(std::string name, int per_day, int reserve) {
    schedule::DayProblem& problem = made_.problem;
    schedule::Resource resource;
    resource.name = std::move(name);
    resource.capacity.assign(static_cast<std::size_t>(problem.days), per_day);
    resource.reserve = std::min(reserve, per_day);
    problem.resources.push_back(std::move(resource));
    return static_cast<int>(problem.resources.size()) - 1;
  }

  void add_resources() {
    for (const config::PlanResourceConfig& resource : site_.plan.resources) {
      const int index = add_resource(resource.id, resource.per_day, resource.reserve);
      schedule::Demand demand{index, schedule::Demand::On::thaw, resource.amount};
      if (resource.on == config::PlanResourceConfig::On::culture) {
        demand.on = schedule::Demand::On::culture;
      } else if (resource.on == config::PlanResourceConfig::On::harvest) {
        demand.on = schedule::Demand::On::harvest;
      }
      made_.centre.push_back(demand);
    }
  }

  void note_infusion(const CourseId& id) {
    const inventory::Course* course = view_.course(id);
    const auto protocol = course == nullptr ? make_error(ErrorCode::not_found, "no such course")
                                            : protocol_of(site_, view_, *course);
    if (!protocol) return;
    lengths_[clinic_of(site_, view_, id.str())].push_back(protocol->infusion_minutes);
  }

  // Of the infusions there; where no course is yet, of whatever may come.
  std::vector<int> lengths_of(const std::string& clinic) {
    std::vector<int> lengths = lengths_[clinic];
    if (!lengths.empty()) return lengths;
    for (const config::ProtocolConfig& protocol : site_.protocols) {
      if (protocol.infusion_minutes > 0) lengths.push_back(protocol.infusion_minutes);
    }
    return lengths;
  }

  void add_clinic_places(const config::ClinicConfig& clinic) {
    if (clinic.beds > 0) {
      made_.beds[clinic.id] =
          add_resource(cat("beds of ", clinic.id), clinic.beds, clinic.bed_reserve);
    }
    if (clinic.chairs == 0) return;
    const ChairUnits units = chair_units(site_, clinic, lengths_of(clinic.id));
    const int resource = add_resource(cat("chairs of ", clinic.id), units.per_day, units.reserve);
    made_.chairs[clinic.id] = {resource, units};
  }

  void add_clinic(const CourseId& course, const config::ProtocolConfig& protocol, Series& series) {
    const config::ClinicConfig* clinic = site_.find_clinic(clinic_of(site_, view_, course.str()));
    if (clinic == nullptr) return;
    series.clinic_calendar = calendar_index(clinic->calendar);
    const auto chairs = made_.chairs.find(clinic->id);
    if (chairs != made_.chairs.end()) {
      const auto& [resource, units] = chairs->second;
      const int amount = units.amount(protocol.infusion_minutes);
      series.demands.push_back({resource, schedule::Demand::On::infusion, amount});
    }
    const auto beds = made_.beds.find(clinic->id);
    for (int day = 0; beds != made_.beds.end() && day < protocol.bed_days; ++day) {
      series.demands.push_back({beds->second, schedule::Demand::On::infusion, 1, day});
    }
  }

  bool stays(const CourseId& course, const Dose& dose) const {
    if (!is_published(dose)) return false;
    if (dose.thaw_at < now_ || !dose.blocked.empty() || is_closed(course, dose)) return false;
    if (is_barred(site_, view_, course, site_.zone.local(dose.infusion_at).day) ||
        is_paused(view_, course, site_.zone.local(dose.thaw_at).day)) {
      return false;
    }
    const int thaw = site_.zone.local(dose.thaw_at).day.number - made_.first.number;
    return thaw < site_.plan.freeze_days;
  }

  bool is_closed(const CourseId& course, const Dose& dose) const {
    return !closed_fault(site_, view_, course, dose, made_.first).empty();
  }

  Series begin_series(const inventory::Course& course, const config::ProtocolConfig& protocol) {
    Series series;
    series.name = course.id.str();
    series.patient = course.patient.str();
    series.weight = protocol.urgency;
    std::tie(series.lead_min, series.lead_max) = protocol.lead_days();
    series.transport = transport_days(site_, protocol);
    series.thaw_calendar = calendar_index(site_.plan.centre_calendar);
    series.demands = made_.centre;
    // Today's thaw hour may have passed.
    series.first_thaw = std::max(1, site_.plan.freeze_days);
    series.release = series.first_thaw + series.lead_min + series.transport;
    add_clinic(course.id, protocol, series);
    return series;
  }

  // A course that cannot be planned holds what its doses take all the same.
  void add_standing(const inventory::Course& course, const config::ProtocolConfig& protocol) {
    Series series = begin_series(course, protocol);
    series.lead_min = 0;
    series.lead_max = schedule::kLeadDaysMax;
    std::vector<std::pair<int, const Dose*>> fixed;
    for (const Dose& dose : course.doses) {
      if (is_published(dose) || is_inside(dose)) fixed.emplace_back(day_of(dose), &dose);
    }
    sort_by_day(fixed);
    for (const auto& [day, dose] : fixed) add_fixed(series, *dose, day, protocol.bed_days);
    keep(course, std::move(series), {}, {});
  }

  void add_course(const inventory::Course& course, const config::ProtocolConfig& protocol) {
    Series series = begin_series(course, protocol);
    block_pauses(site_, view_, course.id, made_.first, made_.problem.days, series);
    series.refused = refusal_of(view_, course);
    if (!series.refused.empty()) {
      series.blocked.assign(static_cast<std::size_t>(made_.problem.days), 1);
    }
    const DoseOrder order = order_doses(course, unsafe_of(course.id), safe_from(site_, now_));
    std::vector<const Dose*> open;
    const auto fixed = fixed_doses(course, order, !series.refused.empty(), open);
    for (const auto& [day, dose] : fixed) add_fixed(series, *dose, day, protocol.bed_days);
    series.resumes = series.resumes || !order.put_back.empty();
    std::vector<DoseId> ids;
    std::vector<std::pair<int, int>> planned;
    for (const Dose* dose : open) {
      const int day = is_published(*dose) ? day_of(*dose) : kNoDay;
      add_need(protocol, series, *dose, day);
      ids.push_back(dose->id);
      planned.emplace_back(day, day == kNoDay ? series.lead_min : lead_of(*dose, series, day));
    }
    if (keep(course, std::move(series), std::move(ids), planned)) {
      made_.put_back.back() = order.put_back;
    }
  }

  // Thawed and not given yet, or given on a day that is known.
  static bool is_inside(const Dose& dose) {
    const bool out = dose.state == DoseState::rejected || dose.state == DoseState::returned;
    return !out && !may_be_planned(dose.state) && dose.infusion_at.ms != 0;
  }

  static void sort_by_day(std::vector<std::pair<int, const Dose*>>& doses) {
    std::stable_sort(doses.begin(), doses.end(),
                     [](const auto& x, const auto& y) { return x.first < y.first; });
  }

  // Given, under way or inside the freeze, by day; `open` gets the others, in the order they are
  // given. `refused`: no dose keeps its day, however near.
  std::vector<std::pair<int, const Dose*>> fixed_doses(const inventory::Course& course,
                                                       const DoseOrder& order, bool refused,
                                                       std::vector<const Dose*>& open) const {
    std::vector<std::pair<int, const Dose*>> fixed;
    for (const Dose* dose : order.doses) {
      if (!refused && stays(course.id, *dose) && !order.put_back.contains(dose->number)) {
        fixed.emplace_back(day_of(*dose), dose);
      } else {
        open.push_back(dose);
      }
    }
    for (const Dose& dose : course.doses) {
      if (is_inside(dose)) fixed.emplace_back(day_of(dose), &dose);
    }
    sort_by_day(fixed);
    return fixed;
  }

  const std::set<int>& unsafe_of(const CourseId& course) const {
    static const std::set<int> kNone;
    const auto found = unsafe_.find(course);
    return found == unsafe_.end() ? kNone : found->second;
  }

  // Of its infusion, as it was or is planned.
  int day_of(const Dose& dose) const {
    const bool given = dose.state == DoseState::infused && dose.infused_at.ms != 0;
    const WallTime at = given ? dose.infused_at : dose.infusion_at;
    return site_.zone.local(at).day.number - made_.first.number;
  }

  int lead_of(const Dose& dose, const Series& series, int day) const {
    if (dose.thaw_at.ms == 0) return series.lead_min;
    const int thaw = site_.zone.local(dose.thaw_at).day.number - made_.first.number;
    return std::clamp(day - series.transport - thaw, series.lead_min, series.lead_max);
  }

  // As it is, whatever its protocol allows: a dose planned by hand lies in culture that long.
  int lead_taken(const Dose& dose, const Series& series, int day) const {
    if (dose.thaw_at.ms == 0) return series.lead_min;
    const int thaw = site_.zone.local(dose.thaw_at).day.number - made_.first.number;
    return std::clamp(day - series.transport - thaw, 0, schedule::kLeadDaysMax);
  }

  void add_fixed(Series& series, const Dose& dose, int day, int bed_days) {
    // Whoever had an infusion lately may lie in a bed still.
    const bool stays = day <= 0 && day + bed_days > 0;
    const bool uses = (day >= 0 && dose.state != DoseState::infused) || stays;
    const int last = series.fixed.empty() ? day : std::max(day, series.fixed.back().day);
    series.fixed.push_back({dose.number, last, lead_taken(dose, series, day), uses});
  }

  void add_need(const config::ProtocolConfig& protocol, Series& series, const Dose& dose, int day) {
    schedule::DoseNeed need;
    need.number = dose.number;
    need.latest = made_.problem.days - 1;
    const auto last = last_infusion(site_, view_, dose, series.lead_min + series.transport, now_);
    if (last && last->day.number - made_.first.number < need.latest) {
      need.latest = last->day.number - made_.first.number;
      need.latest_because = last->because;
    }
    if (day != kNoDay) {
      need.published_day = day;
      need.published_lead = lead_of(dose, series, day);
    }
    const Json* told = view_.document("told", series.name);
    need.told = told != nullptr && told->has(dose.id.str());
    const bool closed = day != kNoDay && is_closed(CourseId(series.name), dose);
    if (day != kNoDay && (dose.thaw_at < now_ || !dose.blocked.empty() || closed)) {
      series.resumes = true;  // what was missed may come later than the longest gap
      if (dose.blocked == kNotFit) need.earliest = day + 1;
    }
    series.doses.push_back(need);
    // By how many are given before it: numbers have holes, and doses change places.
    const auto place = static_cast<int>(series.fixed.size() + series.doses.size());
    series.gaps.push_back(gap_rule(protocol, place));
  }

  bool keep(const inventory::Course& course, Series series, std::vector<DoseId> ids,
            const std::vector<std::pair<int, int>>& planned) {
    // With nothing to be placed it takes its places all the same.
    if (ids.empty() && series.fixed.empty()) return false;
    const int index = static_cast<int>(made_.courses.size());
    if (!series.fixed.empty() && !series.gaps.empty() &&
        series.fixed.back().day + series.gaps[0].max < series.release) {
      series.resumes = true;
    }
    series.bridges = schedule::find_bridges(made_.problem, series);
    made_.problem.series.push_back(std::move(series));
    made_.courses.push_back(course.id);
    made_.revisions.push_back(course.revision);
    made_.doses.push_back(std::move(ids));
    made_.put_back.emplace_back();
    made_.standing.emplace_back();
    standing_.emplace_back(index, planned);
    return true;
  }

  const CourseId& course_of(int series) const {
    return made_.courses[static_cast<std::size_t>(series)];
  }

  void add_apart() {
    std::map<std::string, std::vector<int>> by_patient;
    const std::vector<Series>& all = made_.problem.series;
    for (int s = 0; s < static_cast<int>(all.size()); ++s) {
      std::vector<int>& others = by_patient[all[static_cast<std::size_t>(s)].patient];
      for (const int other : others) {
        const int days = days_between(site_, view_, course_of(other), course_of(s));
        made_.problem.apart.push_back({other, s, days});
      }
      others.push_back(s);
    }
    const schedule::DayModel model(made_.problem, schedule::Reserve::used);
    for (const auto& [index, planned] : standing_) {
      schedule::Route& route = made_.standing[static_cast<std::size_t>(index)];
      for (const auto& [day, lead] : planned) {
        if (day >= made_.problem.days) break;
        route.visits.push_back(day == kNoDay ? schedule::Visit{kNoDay, 0, {}}
                                             : model.visit(index, day, lead));
      }
      while (!route.visits.empty() && route.visits.back().period == kNoDay) {
        route.visits.pop_back();
      }
      model.value(index, route);
    }
  }

  const config::SiteConfig& site_;
  const inventory::View& view_;
  WallTime now_;
  const UnsafeDoses& unsafe_;
  PlanProblem made_;
  std::map<CalendarId, int> calendars_;
  std::map<std::string, std::vector<int>> lengths_;  // of infusions, by clinic; 0: not told
  // By series: day and lead of each dose to be placed, as the record has them.
  std::vector<std::pair<int, std::vector<std::pair<int, int>>>> standing_;
};

}  // namespace

PlanProblem make_plan_problem(const config::SiteConfig& site, const inventory::View& view,
                              WallTime plan_now, const std::vector<CourseId>& also,
                              const UnsafeDoses& unsafe, int horizon_days) {
  std::set<CourseId> courses(also.begin(), also.end());
  for (const inventory::Appointment& entry : view.base().agenda) {
    if (courses.size() > schedule::kSeriesMax) break;
    courses.insert(entry.course);
  }
  Maker maker(site, view, plan_now, courses, unsafe, horizon_days);
  for (const CourseId& course : courses) maker.add(course);
  return maker.take();
}

}  // namespace cryobank::core
