// Plan figures: what the therapy of a period came to, counted from the record. Each figure's
// numerator, denominator and window stand in docs/planning.md; `scripts/recount-figures` counts the
// same from a journal export and compares. No figure says anything about the effect of a therapy.
#pragma once

#include <vector>

#include "service/core/plan/plan_ask.hpp"

namespace cryobank::core {

// Local days, both part of the period.
struct FigurePeriod {
  Day from;
  Day until;
};

// How many, the median and the 90th per cent, by nearest rank.
Json spread(std::vector<std::int64_t> values);
Result<FigurePeriod> figure_period(const PlanAsk& ask);
Json figures(const PlanAsk& ask, const FigurePeriod& period);

}  // namespace cryobank::core
