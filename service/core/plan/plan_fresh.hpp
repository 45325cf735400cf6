// Plan fresh: whether a proposal still fits the day on which it is accepted, and what becomes of
// the doses for which it found no day. Days as in schedule/day_problem.hpp, from the day on which
// the proposal was made.
#pragma once

#include <set>
#include <string>

#include "service/core/plan/plan_desk.hpp"

namespace cryobank::core {

// A visit that stays on its day, with its culture, keeps its minute as well.
bool keeps_its_time(const PlanProblem& made, std::size_t series, std::size_t dose,
                    const schedule::Visit& visit, const inventory::Dose& planned);
// The first thaw of `routes` that has passed or lies inside the freeze by now, or that was outside
// of it when the proposal was made and is to be moved, in words; empty: none.
std::string passed_text(const config::SiteConfig& site, const inventory::View& view,
                        WallTime plan_now, const Proposal& proposal,
                        const schedule::Routes& routes);
// Adds the document plan/dayless: doses that this proposal, once it is published, leaves without a
// day, and those of other courses that have none still.
void list_dayless(const inventory::View& view, const Proposal& proposal, const std::set<int>& moved,
                  const schedule::Routes& routes, Json& data);

}  // namespace cryobank::core
