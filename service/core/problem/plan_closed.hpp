// Plan closed: what of a published dose the calendars no longer allow, and whether the clinic's
// word for it still counts. A calendar may have been loaded, or the clinic changed, after the plan
// was accepted: nothing of the record changes by that, so it is asked anew. Times are plan time.
#pragma once

#include <optional>
#include <string>

#include "inventory/ledger/view.hpp"
#include "service/core/bank.hpp"
#include "service/core/plan_anchor.hpp"

namespace cryobank::core {

// "its infusion on 2026-12-04: calendar weekdays is closed: flood"; empty: all its days are open.
// Days before `today` are over.
std::string closed_fault(const config::SiteConfig& site, const inventory::View& view,
                         const CourseId& course, const inventory::Dose& dose, Day today);
// Until when the clinic's word counts that the patient is fit; none: it was not given, or a hold of
// the course has begun since.
std::optional<WallTime> fit_until(const config::SiteConfig& site, const inventory::View& view,
                                  const PlanAnchor& clock, WallTime plan_now,
                                  const CourseId& course, const DoseId& dose);

}  // namespace cryobank::core
