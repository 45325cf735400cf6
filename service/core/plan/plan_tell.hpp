// Plan tell: proposals and published plans in the words of the topic `plan`: what it costs, how far
// that is from the best possible, what moves and why, what is late and what binds it.
#pragma once

#include <vector>

#include "service/core/plan/plan_desk.hpp"

namespace cryobank::core {

// The id of the dose with that number among those to be placed.
std::string dose_name(const PlanProblem& made, int series, int number);
// Why a visit moved: a code for programs, and a sentence.
struct MoveCause {
  std::string_view code;
  std::string_view text;
};
MoveCause why_moved(const Proposal& proposal, const schedule::VisitMove& move);
Json objective_json(const schedule::Objective& objective);
// Null where no bound was computed.
Json bound_json(const Proposal& proposal, const schedule::Routes& routes);
Json changes_json(const Proposal& proposal, const std::vector<schedule::VisitMove>& moves);
// Doses later than wanted, each with what binds it day by day.
Json late_json(const Proposal& proposal, const schedule::Routes& routes);
// `progress`: per cent of the planning that is done.
Json proposal_json(const Proposal& proposal, int progress);

}  // namespace cryobank::core
