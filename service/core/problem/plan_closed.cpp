#include "service/core/problem/plan_closed.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "service/core/problem/plan_problem.hpp"

namespace cryobank::core {

std::string closed_fault(const config::SiteConfig& site, const inventory::View& view,
                         const CourseId& course, const inventory::Dose& dose, Day today) {
  const config::CalendarConfig* centre = site.find_calendar(site.plan.centre_calendar);
  const config::ClinicConfig* clinic = site.find_clinic(clinic_of(site, view, course.str()));
  struct Step {
    std::string_view name;
    WallTime at;
    const config::CalendarConfig* calendar;
  };
  const Step steps[] = {
      {"its thaw", dose.thaw_at, centre},
      {"its harvest", dose.harvest_from, centre},
      {"its infusion", dose.infusion_at,
       clinic == nullptr ? nullptr : site.find_calendar(clinic->calendar)},
  };
  for (const Step& step : steps) {
    if (step.at.ms == 0 || step.calendar == nullptr) continue;
    const Day day = site.zone.local(step.at).day;
    if (day < today || step.calendar->open_on(day)) continue;
    return cat(step.name, " on ", format_day(day), ": calendar ", step.calendar->id.str(),
               " is closed: ", step.calendar->closed_because(day));
  }
  return {};
}

std::optional<WallTime> fit_until(const config::SiteConfig& site, const inventory::View& view,
                                  const PlanAnchor& clock, WallTime plan_now,
                                  const CourseId& course, const DoseId& dose) {
  const Json* fit = view.document("fit", cat(course.str(), ".", dose.str()));
  if (fit == nullptr) return std::nullopt;
  const Result<WallTime> until = parse_utc(text_in(*fit, "until"));
  if (!until) return std::nullopt;
  const Result<WallTime> told = parse_utc(text_in(*fit, "at"));
  const WallTime at = told ? *told : *until - site.plan.fit_to_thaw;
  const std::vector<std::string> pauses = pauses_of(view, course);
  const bool held = std::ranges::any_of(pauses, [&](const std::string& id) {
    const Json& pause = *view.document("pause", id);
    const Result<Day> from = parse_day(text_in(pause, "from"));
    const Result<WallTime> made = parse_utc(text_in(pause, "at"));
    if (!from || !made) return true;
    const WallTime begin = std::max(site.zone.at(*from, 0), clock.plan_time(*made));
    return at < begin && begin <= plan_now;
  });
  return held ? std::nullopt : std::optional<WallTime>(*until);
}

}  // namespace cryobank::core
