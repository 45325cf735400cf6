// Cusum: adds up by how much values lie above what is usual and tells when the sum passes a limit;
// one-sided, in thousandths of the usual spread, inputs clipped so that one outlier cannot pass
// alone. (k, h) = (0.5, 12) on hourly and (0.5, 8.5) on daily losses: docs/detectors.md has what
// that finds and how often it is wrong.
#pragma once

#include <algorithm>
#include <cstdint>

namespace cryobank::detect {

struct CusumLimits {
  std::int64_t slack = 500;    // k, thousandths of the spread
  std::int64_t limit = 7'500;  // h
  std::int64_t low = -3'000;   // clip
  std::int64_t high = 6'000;
};

// A tank of 10 mm a day whose days spread by 0.5 mm, and whose vacuum begins to go, with a slack of
// 0.5 and a limit of 8.5:
//   day   loss   z     sum
//    0    10.0   0.0   0.0
//    1    11.5   3.0   2.5
//    2    11.5   3.0   5.0    above half of the limit: this day is no lesson about what is usual
//    3    11.5   3.0   7.5
//    4    11.5   3.0  10.0    told: x1.15, seen on the fourth day
//    5    10.0   0.0   9.5    it stands: one day as usual ends nothing, kNormalToEnd in a row do
class Cusum {
 public:
  explicit Cusum(CusumLimits limits) : limits_(limits) {}

  // `z`: (value - usual) / spread, in thousandths. True while the sum is above its limit.
  bool add(std::int64_t z) {
    const std::int64_t clipped = std::clamp(z, limits_.low, limits_.high);
    // Bounded, so that the end of a long leak is seen within a few samples.
    sum_ = std::clamp<std::int64_t>(sum_ + clipped - limits_.slack, 0, 2 * limits_.limit);
    return sum_ > limits_.limit;
  }
  // Half of the limit: what comes now is no lesson about what is usual.
  bool suspicious() const { return sum_ > limits_.limit / 2; }
  std::int64_t sum() const { return sum_; }
  void restart(std::int64_t sum = 0) { sum_ = std::clamp<std::int64_t>(sum, 0, 2 * limits_.limit); }

 private:
  CusumLimits limits_;
  std::int64_t sum_ = 0;
};

}  // namespace cryobank::detect
