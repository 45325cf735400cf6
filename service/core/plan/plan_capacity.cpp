#include "service/core/plan/plan_capacity.hpp"

#include <algorithm>
#include <map>

#include "inventory/ledger/tables.hpp"

namespace cryobank::core {
namespace {

using ResourceOn = config::PlanResourceConfig::On;

// Days on which a dose takes something, both ends included.
struct Taken {
  Day from;
  Day until;
};

Taken taken_days(const PlanAsk& ask, const inventory::Dose& dose, ResourceOn on) {
  const Day thaw = ask.bank.config.zone.local(dose.thaw_at).day;
  if (on == ResourceOn::thaw) return {thaw, thaw};
  // A thaw without a harvest (`dose/plan` with nothing else): in culture on that day, as far as
  // anybody knows.
  if (dose.harvest_from.ms == 0)
    return {thaw, Day{thaw.number - (on == ResourceOn::harvest ? 1 : 0)}};
  const Day harvest = ask.bank.config.zone.local(dose.harvest_from).day;
  if (on == ResourceOn::harvest) return {harvest, harvest};
  return {thaw, Day{harvest.number - 1}};
}

bool has_a_date(const inventory::Dose& dose) {
  return dose.thaw_at.ms != 0 && dose.state != inventory::DoseState::rejected &&
         dose.state != inventory::DoseState::returned;
}

std::string_view name_of(ResourceOn on) {
  switch (on) {
    case ResourceOn::thaw:
      return "thaw";
    case ResourceOn::culture:
      return "culture";
    case ResourceOn::harvest:
      return "harvest";
  }
  return "thaw";
}

Json use_json(const config::PlanResourceConfig& resource, const std::map<Day, std::int64_t>& used) {
  std::int64_t peak = 0, reserve = 0, over = 0;
  for (const auto& [day, amount] : used) {
    peak = std::max(peak, amount * 1'000 / resource.per_day);
    if (amount > resource.per_day - resource.reserve) ++reserve;
    if (amount > resource.per_day) ++over;
  }
  Json json = Json::object().set("days", static_cast<std::uint64_t>(used.size()));
  return json.set("peak_permille", peak).set("reserve_days", reserve).set("over_days", over);
}

}  // namespace

Json capacity_figures(const PlanAsk& ask, const FigurePeriod& period) {
  Json json = Json::object();
  const inventory::View view = ask.view();
  for (const config::PlanResourceConfig& resource : ask.bank.config.plan.resources) {
    std::map<Day, std::int64_t> used;
    for (const auto& [id, course] : view.base().courses) {
      for (const inventory::Dose& dose : course.doses) {
        if (!has_a_date(dose)) continue;
        const Taken taken = taken_days(ask, dose, resource.on);
        const int last = std::min(taken.until.number, period.until.number);
        for (int d = std::max(taken.from.number, period.from.number); d <= last; ++d) {
          used[Day{d}] += resource.amount;
        }
      }
    }
    json.set(resource.id, use_json(resource, used));
  }
  return json;
}

Json capacity_rules(const config::SiteConfig& site) {
  Json rules = Json::object();
  for (const config::PlanResourceConfig& resource : site.plan.resources) {
    Json one = Json::object().set("on", name_of(resource.on)).set("per_day", resource.per_day);
    rules.set(resource.id, one.set("amount", resource.amount).set("reserve", resource.reserve));
  }
  return rules;
}

}  // namespace cryobank::core
