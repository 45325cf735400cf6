// The times that a planned day means: thaw and harvest are counted back from the infusion.
#include <algorithm>

#include "base/text.hpp"
#include "service/core/problem/plan_problem.hpp"

namespace cryobank::core {
namespace {

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

}  // namespace

int transport_days(const config::SiteConfig& site, const config::ProtocolConfig& protocol) {
  return harvest_of(site, protocol).transport_days;
}

int earliest_begin(const config::SiteConfig& site, const config::ProtocolConfig& protocol,
                   Day infusion, int lead) {
  const Day harvest{infusion.number - harvest_of(site, protocol).transport_days};
  const WallTime grown =
      site.zone.at(Day{harvest.number - lead}, 0) + hours(protocol.reculture_min_hours);
  const WallTime there =
      std::max(grown, site.zone.at(harvest, 0)) + hours(protocol.transport_hours);
  return std::max(site.plan.infusion_minute,
                  site.zone.local(site.zone.within(infusion, there)).minute);
}

Json planned_dose(const config::SiteConfig& site, const config::ProtocolConfig& protocol,
                  const DoseId& dose, Day infusion, int lead, int minute) {
  Harvest harvest = harvest_of(site, protocol);
  // The whole chain is as much later as the infusion, within the day that the plan has for it.
  harvest.minute =
      std::min(kDayMinutes - 1, harvest.minute + std::max(0, minute - site.plan.infusion_minute));
  const Day harvest_day{infusion.number - harvest.transport_days};
  const Day thaw_day{harvest_day.number - lead};
  // Where the clock changes in between, local times of day are an hour more or less apart: the way
  // and the culture take their hours all the same, on the days that the plan has for them.
  const WallTime given = site.zone.at(infusion, minute);
  const WallTime planned =
      std::min(site.zone.at(harvest_day, harvest.minute), given - hours(protocol.transport_hours));
  const Duration longest = hours(protocol.longest_culture());
  const WallTime thaw = site.zone.within(
      thaw_day, std::clamp(site.zone.at(thaw_day, harvest.minute), planned - longest,
                           planned - hours(protocol.reculture_min_hours)));
  Json item = Json::object().set("dose", dose.str());
  item.set("thaw_at", format_utc(thaw));
  item.set("harvest_from", format_utc(std::min(planned, thaw + longest)));
  item.set("harvest_until", format_utc(thaw + hours(protocol.culture_limit())));
  item.set("infusion_at", format_utc(given));
  return item;
}

std::optional<LastInfusion> last_infusion(const config::SiteConfig& site,
                                          const inventory::View& view, const inventory::Dose& dose,
                                          int days_after_thaw, WallTime plan_now) {
  std::optional<LastInfusion> last;
  for (const AliquotId& id : dose.aliquots) {
    const auto vial = view.aliquot(id);
    if (!vial || vial->expires_at.ms == 0) continue;
    const Day expires = site.zone.local(vial->expires_at).day;
    const Day day{expires.number - 1 + days_after_thaw};
    if (last && last->day <= day) continue;
    last = {day, vial->expires_at <= plan_now
                     ? cat("vial ", id.str(), " expired on ", format_day(expires),
                           ": dose/reject takes its dose out, and those after it are planned")
                     : cat("vial ", id.str(), " expires on ", format_day(expires),
                           ": thawed before that, its dose can be given until ", format_day(day))};
  }
  return last;
}

}  // namespace cryobank::core
