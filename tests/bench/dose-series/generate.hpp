// Instances of dose series in the benchmark's text format (README.md). Uses nothing of the product.
#pragma once

#include <cstdint>
#include <string>

namespace dose_series {

struct Shape {
  int series = 20;
  int doses = 12;
  int arrivals = 0;  // days over which the releases are spread; 0: as the count asks
  int lead_min = 2;  // days of culture
  int lead_max = 2;
  int tail = 35;          // days after the last doses should be given
  int load_percent = 85;  // of what the busiest resource can do
  int reserve = 0;        // one more of each resource and day, kept for holds
  bool odd = false;       // patients who cannot, fixed doses, rules between series, told dates
  std::int64_t interval_weight = 1;
};

// Small ones with everything that a plan may meet, of many sizes and loads.
Shape odd_shape(std::uint64_t seed);

// The same shape and seed give the same bytes.
std::string generate(const Shape& shape, std::uint64_t seed);

}  // namespace dose_series
