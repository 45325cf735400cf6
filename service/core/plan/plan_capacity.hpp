// Plan capacity: how much of the centre the dates that stand take, day by day, and whether routine
// planning has touched the reserve. Of doses with a date that are not rejected or returned.
#pragma once

#include "service/core/plan/plan_figures.hpp"

namespace cryobank::core {

// By [[plan.resource]]: {"days","peak_permille","reserve_days","over_days"}; days of the period.
Json capacity_figures(const PlanAsk& ask, const FigurePeriod& period);
// {"on","per_day","amount","reserve"} of each, for a recount.
Json capacity_rules(const config::SiteConfig& site);

}  // namespace cryobank::core
