// Plan own: what holds for one course alone, as its topic tells it: where it is given and who said
// so, the intervals between its infusions, and what a physician changed of them, with author and
// reason. Reads the record, changes nothing.
#pragma once

#include "inventory/ledger/view.hpp"
#include "service/core/bank.hpp"

namespace cryobank::core {

// Adds clinic, clinic_set, interval and amended; each is absent where there is nothing to tell.
void describe_own(const config::SiteConfig& site, const inventory::View& view,
                  const CourseId& course, Json& json);

}  // namespace cryobank::core
