// Exchange: a day problem and a plan as plain text, the format of the open benchmark
// (tests/bench/dose-series/README.md), and the same problem as MiniZinc data for a stock solver
// (tests/bench/dose-series/dose_series.mzn). Bounded as day_problem.hpp says; an Error names the
// line. Reading what was written gives an equal problem.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "service/schedule/day_problem.hpp"

namespace cryobank::schedule {

// Largest text that is read: 2,000 series with 60 doses, and 200 resources by day, stay below.
inline constexpr std::size_t kExchangeBytesMax = 64u << 20;

std::string write_problem(const DayProblem& problem);
Result<DayProblem> read_problem(std::string_view text);
// `bound` below 0: none was computed.
std::string write_plan(const DayProblem& problem, const Routes& routes, Cost bound);
// Data of one planning state: fixed doses have used their capacity already.
// The weights of that export: the same order of plans in integers of 32 bits, wherever it fits.
Weights solver_weights(const DayProblem& problem);
std::string write_minizinc(const DayProblem& problem);

}  // namespace cryobank::schedule
