// What the minute plan of a day names must be told elsewhere, and each skill must be somebody's.
#include <algorithm>
#include <array>
#include <set>

#include "base/text.hpp"
#include "config/checks/validate.hpp"

namespace cryobank::config {
namespace {

template <class Items, class Name>
std::set<std::string_view> names_once(const Items& items, Name name, std::string_view table,
                                      const DayConfig& day, Faults& faults) {
  std::set<std::string_view> names;
  for (const auto& item : items) {
    if (names.insert(name(item)).second) continue;
    faults.add(day.file, item.line, cat("[[", table, "]] \"", name(item), "\": expected it once"));
  }
  return names;
}

void steps_told(const DayConfig& day, const std::set<std::string_view>& machines, Faults& faults) {
  std::set<std::string_view> skills;
  for (const DayPersonConfig& person : day.people) {
    skills.insert(person.skills.begin(), person.skills.end());
  }
  for (const DayStepConfig& step : day.steps) {
    const auto refuse = [&](std::string_view what) {
      faults.add(day.file, step.line, cat("[[plan.step]] \"", step.id, "\": ", what));
    };
    if (!step.machine.empty() && !machines.contains(step.machine)) {
      refuse(cat("no [[plan.machine]] is called \"", step.machine, "\""));
    }
    if (!step.skill.empty() && !skills.contains(step.skill)) {
      refuse(cat("no [[plan.person]] has the skill \"", step.skill, "\""));
    }
  }
  for (const DayStepConfig::Of of : {DayStepConfig::Of::thaw, DayStepConfig::Of::harvest}) {
    const auto count = std::ranges::count(day.steps, of, &DayStepConfig::of);
    if (count <= kDayStepsMax) continue;
    faults.add(day.file, day.steps.front().line,
               cat("[[plan.step]]: expected at most ", kDayStepsMax, " of one kind"));
  }
}

void plan_day(const SiteIndex& index, Faults& faults) {
  const SiteConfig& config = index.config;
  const DayConfig& day = config.plan.day;
  const auto machines = names_once(
      day.machines, [](const auto& m) { return std::string_view(m.id); }, "plan.machine", day,
      faults);
  names_once(
      day.people, [](const auto& p) { return std::string_view(p.user.str()); }, "plan.person", day,
      faults);
  steps_told(day, machines, faults);
  if (day.people.size() > kDayPeopleMax) {
    faults.add(day.file, day.people.front().line,
               cat("[[plan.person]]: expected at most ", kDayPeopleMax));
  }
  for (const DayPersonConfig& person : day.people) {
    const std::string name = cat("[[plan.person]] \"", person.user.str(), "\": ");
    if (config.find_user(person.user) == nullptr) {
      faults.add(day.file, person.line, cat(name, "no [[user]] is called so"));
    }
    if (!person.calendar.empty() && config.find_calendar(person.calendar) == nullptr) {
      faults.add(day.file, person.line,
                 cat(name, "no calendar is called \"", person.calendar.str(), "\""));
    }
  }
  for (const CourierConfig& courier : day.couriers) {
    if (courier.clinic.empty() || config.find_clinic(courier.clinic) != nullptr) continue;
    faults.add(
        day.file, courier.line,
        cat("[[plan.courier]] \"", courier.id, "\": no clinic is called \"", courier.clinic, "\""));
  }
}

// Minutes in which infusions may take place at a clinic; -1: its hours are not told.
int infusion_minutes(const SiteConfig& config, const ClinicConfig& clinic) {
  const CalendarConfig* calendar = config.find_calendar(clinic.calendar);
  if (calendar == nullptr || calendar->opens_minute < 0 || calendar->closes_minute < 0) return -1;
  const int begins = std::max(calendar->opens_minute, config.plan.infusion_minute);
  return std::max(0, calendar->closes_minute - begins);
}

// A clinic at which no patient can ever be planned, and protocols that do not fit into its hours.
void clinic_chairs(const SiteIndex& index, Faults& faults) {
  const SiteConfig& config = index.config;
  for (const ClinicConfig& clinic : config.clinics) {
    const std::string name = cat("clinic \"", clinic.id, "\": ");
    const int open = infusion_minutes(config, clinic);
    if (open < 0 && clinic.chairs > 0 && clinic.reserve >= clinic.chairs) {
      faults.add(clinic.file, clinic.line,
                 cat(name, "expected a reserve below its ", clinic.chairs, " chairs, came ",
                     clinic.reserve,
                     ": no patient would ever be planned there. "
                     "With opens_at and closes_at of its calendar a chair serves several a day"));
    }
    for (const ProtocolConfig& protocol : config.protocols) {
      const int each = protocol.infusion_minutes + clinic.turnover;
      if (open < 0 || protocol.infusion_minutes == 0) continue;
      const int patients = clinic.chairs * (open / each);
      if (protocol.infusion_minutes > open) {
        faults.warn(
            clinic.file, clinic.line,
            cat(name, "protocol \"", protocol.id.str(), "\" takes ", protocol.infusion_minutes,
                " min, and from infusion_at until it closes are ", open,
                ": longer hours, or an earlier infusion_at, would do"));
      } else if (clinic.chairs > 0 && patients <= clinic.reserve) {
        faults.warn(clinic.file, clinic.line,
                    cat(name, "its chairs hold ", patients, " patients of protocol \"",
                        protocol.id.str(), "\" a day, and ", clinic.reserve,
                        " are kept in reserve: none is ever planned there"));
      }
    }
  }
}

// One protocol that does not tell how long an infusion takes changes what chairs are for all
// others.
void clinic_minutes(const SiteIndex& index, Faults& faults) {
  const SiteConfig& config = index.config;
  std::string untimed;
  bool timed = false;
  for (const ProtocolConfig& protocol : config.protocols) {
    timed = timed || protocol.infusion_minutes > 0;
    if (protocol.infusion_minutes > 0) continue;
    untimed += cat(untimed.empty() ? "\"" : ", \"", protocol.id.str(), "\"");
  }
  if (!timed || untimed.empty()) return;
  for (const ClinicConfig& clinic : config.clinics) {
    if (clinic.chairs == 0 || infusion_minutes(config, clinic) < 0) continue;
    faults.warn(clinic.file, clinic.line,
                cat("clinic \"", clinic.id, "\": while a course of protocol ", untimed,
                    " is given there, its ", clinic.chairs, " chairs are ", clinic.chairs,
                    " infusions a day for every course, and not counted by the minute: set "
                    "infusion_minutes in every protocol"));
  }
}

constexpr std::array<ValidationRule, 3> kDayRules{
    {{"plan-day", plan_day}, {"clinic-chairs", clinic_chairs}, {"clinic-minutes", clinic_minutes}}};

}  // namespace

std::span<const ValidationRule> day_rules() { return kDayRules; }

}  // namespace cryobank::config
