// The checker of plans in the benchmark's text format (README.md). It shares no code with the
// product: it counts every rule again, day by day, from the text alone.
#pragma once

#include <string>
#include <vector>

namespace dose_series {

struct Verdict {
  std::vector<std::string> violations;  // in words; empty: the plan keeps every rule
  long long unscheduled = 0;
  long long interval = 0;
  long long waiting = 0;
};

// `use_reserve`: a plan after holds may use each day's reserve.
Verdict check_plan(const std::string& instance, const std::string& plan, bool use_reserve = false);

}  // namespace dose_series
