#include "service/core/problem/plan_chairs.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "inventory/ledger/tables.hpp"
#include "service/core/problem/plan_problem.hpp"

namespace cryobank::core {
namespace {

bool takes_a_chair(const inventory::Dose& dose) {
  return dose.state != inventory::DoseState::rejected &&
         dose.state != inventory::DoseState::returned;
}

}  // namespace

std::optional<schedule::ChairDay> chair_day(const config::SiteConfig& site,
                                            const config::ClinicConfig& clinic) {
  const config::CalendarConfig* calendar = site.find_calendar(clinic.calendar);
  if (clinic.chairs == 0 || calendar == nullptr) return std::nullopt;
  if (calendar->opens_minute < 0 || calendar->closes_minute < 0) return std::nullopt;
  return schedule::ChairDay{clinic.chairs,
                            std::max(calendar->opens_minute, site.plan.infusion_minute),
                            calendar->closes_minute, clinic.turnover};
}

ChairUnits chair_units(const config::SiteConfig& site, const config::ClinicConfig& clinic,
                       const std::vector<int>& lengths) {
  const auto hours = chair_day(site, clinic);
  if (!hours || lengths.empty() || std::ranges::count(lengths, 0) > 0) {
    return {clinic.chairs, clinic.reserve, 0, 0};
  }
  const schedule::ChairPlaces places = schedule::chair_places(*hours, lengths);
  return {places.units, clinic.reserve * places.longest, places.unit, clinic.turnover};
}

std::vector<ClinicVisit> clinic_visits(const config::SiteConfig& site, const inventory::View& view,
                                       Day day) {
  std::vector<ClinicVisit> visits;
  const WallTime midnight = site.zone.at(day, 0);
  const WallTime until = site.zone.at(Day{day.number + 1}, 0);
  const std::set<inventory::Appointment>& agenda = view.base().agenda;
  for (auto entry = agenda.lower_bound({midnight, CourseId(), 0, inventory::DoseStep::thaw});
       entry != agenda.end() && entry->at < until; ++entry) {
    if (entry->step != inventory::DoseStep::infusion) continue;
    const inventory::Course* course = view.course(entry->course);
    if (course == nullptr || !takes_a_chair(course->dose(entry->dose))) continue;
    const inventory::Dose& dose = course->dose(entry->dose);
    const auto protocol = protocol_of(site, view, *course);
    schedule::ChairVisit visit{site.zone.local(entry->at).minute,
                               protocol ? protocol->infusion_minutes : 0,
                               cat("dose ", dose.id.str(), " of course ", course->id.str())};
    visits.push_back({course->id, dose.id, clinic_of(site, view, course->id.str()),
                      std::move(visit), dose.state == inventory::DoseState::infused});
  }
  return visits;
}

ChairBook::ChairBook(const config::SiteConfig& site, const inventory::View& view,
                     std::set<std::pair<CourseId, int>> leaving)
    : site_(site), view_(view), leaving_(std::move(leaving)) {}

ChairBook::Visits& ChairBook::taken(const std::string& clinic, Day day) {
  const auto [found, fresh] = taken_.try_emplace({clinic, day});
  if (!fresh) return found->second;
  for (ClinicVisit& one : clinic_visits(site_, view_, day)) {
    const inventory::Dose* dose = view_.course(one.course)->find(one.dose);
    if (one.clinic != clinic || leaving_.contains({one.course, dose->number})) continue;
    found->second.push_back(std::move(one.visit));
  }
  return found->second;
}

int ChairBook::begin(const CourseId& course, const config::ProtocolConfig& protocol, Day day,
                     int lead) {
  if (const auto minute = seat(course, protocol, day, lead)) return *minute;
  const std::string clinic = clinic_of(site_, view_, course.str());
  const int opens = std::max(chair_day(site_, *site_.find_clinic(clinic))->opens,
                             earliest_begin(site_, protocol, day, lead));
  taken(clinic, day).push_back({opens, protocol.infusion_minutes, course.str()});
  return opens;
}

std::optional<int> ChairBook::seat(const CourseId& course, const config::ProtocolConfig& protocol,
                                   Day day, int lead) {
  const int earliest = earliest_begin(site_, protocol, day, lead);
  const std::string clinic = clinic_of(site_, view_, course.str());
  const config::ClinicConfig* found = site_.find_clinic(clinic);
  auto hours = found == nullptr ? std::nullopt : chair_day(site_, *found);
  if (!hours || protocol.infusion_minutes == 0) return earliest;
  hours->opens = std::max(hours->opens, earliest);
  Visits& visits = taken(clinic, day);
  const int minute = schedule::free_chair(*hours, visits, protocol.infusion_minutes);
  if (minute < 0) return std::nullopt;
  visits.push_back({minute, protocol.infusion_minutes, course.str()});
  return minute;
}

void ChairBook::keep(const CourseId& course, const config::ProtocolConfig& protocol, Day day,
                     int minute) {
  const std::string clinic = clinic_of(site_, view_, course.str());
  taken(clinic, day).push_back({minute, protocol.infusion_minutes, course.str()});
}

}  // namespace cryobank::core
