#include "service/core/plan/plan_problem.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "inventory/ledger/tables.hpp"

namespace cryobank::core {
namespace {

using inventory::Dose;
using inventory::DoseState;
using schedule::Series;

constexpr int kDayMinutes = 24 * 60;

// Local minute of the harvest, and whole days from harvest to infusion.
struct Harvest {
  int minute = 0;
  int transport_days = 0;
};
Harvest harvest_of(const config::SiteConfig& site, const config::ProtocolConfig& protocol) {
  Harvest harvest{site.plan.infusion_minute - protocol.transport_hours * 60, 0};
  while (harvest.minute < 0) {
    harvest.minute += kDayMinutes;
    ++harvest.transport_days;
  }
  return harvest;
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
    if (!protocol) return leave_out(id, protocol.error().context);
    const auto [shortest, longest] = protocol->lead_days();
    if (protocol->reculture_max_hours == 0) {
      return leave_out(id, cat("protocol ", protocol->id.str(), " version ", protocol->version,
                               " has no reculture_hours, set by your laboratory"));
    }
    if (shortest > longest) {
      return leave_out(id,
                       cat("no whole number of days lies within the re-culture hours of protocol ",
                           protocol->id.str()));
    }
    add_course(*course, *protocol);
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

  void add_clinic_places(const config::ClinicConfig& clinic) {
    if (clinic.beds > 0) {
      made_.beds[clinic.id] =
          add_resource(cat("beds of ", clinic.id), clinic.beds, clinic.bed_reserve);
    }
    if (clinic.chairs == 0) return;
    const ChairUnits units = chair_units(site_, clinic, lengths_[clinic.id]);
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

  void add_pauses(const CourseId& course, Series& series) {
    const int days = made_.problem.days;
    for (const std::string& id : pauses_of(view_, course)) {
      const Json& pause = *view_.document("pause", id);
      const Result<Day> from = parse_day(text_in(pause, "from"));
      const Result<Day> until = parse_day(text_in(pause, "until"));
      if (!from) continue;
      if (series.blocked.empty()) series.blocked.assign(static_cast<std::size_t>(days), 0);
      // Nothing is thawed in that time either: the first infusion after it is a culture later.
      const int last = until
                           ? until->number - made_.first.number + series.transport + series.lead_max
                           : days - 1;
      for (int d = std::max(0, from->number - made_.first.number); d <= std::min(days - 1, last);
           ++d) {
        series.blocked[static_cast<std::size_t>(d)] = 1;
      }
      series.resumes = true;
    }
  }

  // The last infusion day that the dose's vials allow.
  int latest_of(const Dose& dose, const Series& series) const {
    int latest = made_.problem.days - 1;
    for (const AliquotId& id : dose.aliquots) {
      const auto aliquot = view_.aliquot(id);
      if (!aliquot || aliquot->expires_at.ms == 0) continue;
      const int day = site_.zone.local(aliquot->expires_at).day.number - made_.first.number;
      latest = std::min(latest, day - 1 + series.lead_min + series.transport);
    }
    return latest;
  }

  bool stays(const CourseId& course, const Dose& dose) const {
    if (dose.state != DoseState::planned) return false;
    if (dose.thaw_at < now_ || !dose.blocked.empty()) return false;
    if (is_paused(view_, course, site_.zone.local(dose.infusion_at).day) ||
        is_paused(view_, course, site_.zone.local(dose.thaw_at).day)) {
      return false;
    }
    const int thaw = site_.zone.local(dose.thaw_at).day.number - made_.first.number;
    return thaw < site_.plan.freeze_days;
  }

  void add_course(const inventory::Course& course, const config::ProtocolConfig& protocol) {
    const Harvest harvest = harvest_of(site_, protocol);
    Series series;
    series.name = course.id.str();
    series.patient = course.patient.str();
    series.weight = protocol.urgency;
    std::tie(series.lead_min, series.lead_max) = protocol.lead_days();
    series.transport = harvest.transport_days;
    series.thaw_calendar = calendar_index(site_.plan.centre_calendar);
    series.demands = made_.centre;
    // Today's thaw hour may have passed.
    series.first_thaw = std::max(1, site_.plan.freeze_days);
    series.release = series.first_thaw + series.lead_min + series.transport;
    add_clinic(course.id, protocol, series);
    add_pauses(course.id, series);
    const DoseOrder order = order_doses(course, unsafe_of(course.id), safe_from(site_, now_));
    std::vector<const Dose*> open;
    const auto fixed = fixed_doses(course, order, open);
    for (const auto& [day, dose] : fixed) add_fixed(series, *dose, day, protocol.bed_days);
    series.resumes = series.resumes || !order.put_back.empty();
    std::vector<DoseId> ids;
    std::vector<std::pair<int, int>> planned;  // day and lead as the record has them; day -1: none
    for (const Dose* dose : open) {
      const int day = dose->infusion_at.ms == 0 ? -1 : day_of(*dose);
      add_need(protocol, series, *dose, day);
      ids.push_back(dose->id);
      planned.emplace_back(day, lead_of(*dose, series, day));
    }
    if (ids.empty()) return;
    made_.put_back.push_back(order.put_back);
    keep(course, std::move(series), std::move(ids), planned);
  }

  // Given, under way or inside the freeze, by day; `open` gets the others, in the order they are
  // given.
  std::vector<std::pair<int, const Dose*>> fixed_doses(const inventory::Course& course,
                                                       const DoseOrder& order,
                                                       std::vector<const Dose*>& open) const {
    std::vector<std::pair<int, const Dose*>> fixed;
    for (const Dose* dose : order.doses) {
      if (stays(course.id, *dose) && !order.put_back.contains(dose->number)) {
        fixed.emplace_back(day_of(*dose), dose);
      } else {
        open.push_back(dose);
      }
    }
    for (const Dose& dose : course.doses) {
      const bool out = dose.state == DoseState::rejected || dose.state == DoseState::returned;
      if (!out && !may_be_planned(dose.state) && dose.infusion_at.ms != 0) {
        fixed.emplace_back(day_of(dose), &dose);
      }
    }
    std::stable_sort(fixed.begin(), fixed.end(),
                     [](const auto& x, const auto& y) { return x.first < y.first; });
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

  void add_fixed(Series& series, const Dose& dose, int day, int bed_days) {
    // Whoever had an infusion lately may lie in a bed still.
    const bool stays = day <= 0 && day + bed_days > 0;
    const bool uses = (day >= 0 && dose.state != DoseState::infused) || stays;
    const int last = series.fixed.empty() ? day : std::max(day, series.fixed.back().day);
    series.fixed.push_back({dose.number, last, lead_of(dose, series, day), uses});
  }

  void add_need(const config::ProtocolConfig& protocol, Series& series, const Dose& dose, int day) {
    schedule::DoseNeed need;
    need.number = dose.number;
    need.latest = latest_of(dose, series);
    if (dose.state == DoseState::planned && day >= 0) {
      need.published_day = day;
      need.published_lead = lead_of(dose, series, day);
    }
    const Json* told = view_.document("told", series.name);
    need.told = told != nullptr && told->has(dose.id.str());
    if (dose.state == DoseState::planned && (dose.thaw_at < now_ || !dose.blocked.empty())) {
      series.resumes = true;  // what was missed may come later than the longest gap
      if (dose.blocked == kNotFit) need.earliest = day + 1;
    }
    series.doses.push_back(need);
    // By how many are given before it: numbers have holes, and doses change places.
    const auto place = static_cast<int>(series.fixed.size() + series.doses.size());
    series.gaps.push_back(gap_rule(protocol, place));
  }

  void keep(const inventory::Course& course, Series series, std::vector<DoseId> ids,
            const std::vector<std::pair<int, int>>& planned) {
    const int index = static_cast<int>(made_.courses.size());
    const int last_given = series.fixed.empty() ? -1 : series.fixed.back().day;
    if (!series.fixed.empty() && last_given + series.gaps[0].max < series.release)
      series.resumes = true;
    made_.problem.series.push_back(std::move(series));
    made_.courses.push_back(course.id);
    made_.revisions.push_back(course.revision);
    made_.doses.push_back(std::move(ids));
    made_.standing.emplace_back();
    standing_.emplace_back(index, planned);
  }

  void add_apart() {
    std::map<std::string, std::vector<int>> by_patient;
    const std::vector<Series>& all = made_.problem.series;
    for (int s = 0; s < static_cast<int>(all.size()); ++s) {
      std::vector<int>& others = by_patient[all[static_cast<std::size_t>(s)].patient];
      for (const int other : others) made_.problem.apart.push_back({other, s, 1});
      others.push_back(s);
    }
    const schedule::DayModel model(made_.problem, schedule::Reserve::used);
    for (const auto& [index, planned] : standing_) {
      schedule::Route& route = made_.standing[static_cast<std::size_t>(index)];
      const Series& series = all[static_cast<std::size_t>(index)];
      for (const auto& [day, lead] : planned) {
        if (day - series.transport - lead < 0 || day >= made_.problem.days) break;
        route.visits.push_back(model.visit(index, day, lead));
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
  std::vector<std::pair<int, std::vector<std::pair<int, int>>>> standing_;
};

}  // namespace

int transport_days(const config::SiteConfig& site, const config::ProtocolConfig& protocol) {
  return harvest_of(site, protocol).transport_days;
}

Json planned_dose(const config::SiteConfig& site, const config::ProtocolConfig& protocol,
                  const DoseId& dose, Day infusion, int lead, int minute) {
  Harvest harvest = harvest_of(site, protocol);
  // The whole chain is as much later as the infusion, within the day that the plan has for it.
  harvest.minute =
      std::min(kDayMinutes - 1, harvest.minute + std::max(0, minute - site.plan.infusion_minute));
  const Day harvest_day{infusion.number - harvest.transport_days};
  const WallTime thaw = site.zone.at(Day{harvest_day.number - lead}, harvest.minute);
  const int limit = protocol.reculture_limit_hours > 0 ? protocol.reculture_limit_hours
                                                       : protocol.reculture_max_hours;
  const WallTime planned = site.zone.at(harvest_day, harvest.minute);
  const WallTime until = thaw + hours(limit);
  Json item = Json::object().set("dose", dose.str());
  item.set("thaw_at", format_utc(thaw));
  item.set("harvest_from", format_utc(std::min(planned, until)));
  item.set("harvest_until", format_utc(until));
  item.set("infusion_at", format_utc(site.zone.at(infusion, minute)));
  return item;
}

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
