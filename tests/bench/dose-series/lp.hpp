// The benchmark's problem as an integer program in the LP format, for a stock solver: arcs between
// the days of two doses following each other, and a lead for each day. Shares no code with the
// product.
#pragma once

#include <string>

namespace dose_series {

std::string write_lp(const std::string& instance);

}  // namespace dose_series
