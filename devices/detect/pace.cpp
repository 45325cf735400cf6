#include "devices/detect/pace.hpp"

#include <algorithm>
#include <numeric>

#include "base/check.hpp"

namespace cryobank::detect {
namespace {

// Runs longer than a month of two-hourly values say nothing new.
constexpr std::int64_t kRunMost = 1'000'000;

}  // namespace

std::int64_t middle_of(std::vector<std::int64_t>& values) {
  CHECK(!values.empty());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::int64_t centre_of(std::vector<std::int64_t>& values) {
  CHECK(!values.empty());
  std::sort(values.begin(), values.end());
  const std::size_t quarter = values.size() / 4;
  std::int64_t sum = 0;
  for (std::size_t i = quarter; i < values.size() - quarter; ++i) sum += values[i];
  return sum / static_cast<std::int64_t>(values.size() - 2 * quarter);
}

std::int64_t mean_of(const std::deque<std::int64_t>& values) {
  return std::accumulate(values.begin(), values.end(), std::int64_t{0}) /
         static_cast<std::int64_t>(values.size());
}

std::int64_t spread_of(const std::deque<std::int64_t>& values) {
  if (values.size() < 2) return 0;
  const std::int64_t mean = mean_of(values);
  std::int64_t sum = 0;
  for (const std::int64_t value : values) sum += (value - mean) * (value - mean);
  return root_of(sum / static_cast<std::int64_t>(values.size() - 1));
}

std::int64_t root_of(std::int64_t square) {
  if (square <= 0) return 0;
  std::int64_t root = 0;
  for (std::int64_t bit = std::int64_t{1} << 31; bit > 0; bit /= 2) {
    const std::int64_t tried = root + bit;
    if (tried <= square / tried) root = tried;
  }
  return root;
}

void Pace::observe(Instant at, Milli value) {
  if (last_ && at > last_->at) {
    const std::size_t slot = count_ % kKept;
    gaps_ms_[slot] = (at - last_->at).ms();
    changes_[slot] = magnitude(value - last_->value).v;
    ++count_;
    if (count_ % (kKept / 4) == 0) learn();
  }
  if (last_ && last_->value == value) {
    run_ = std::min(run_ + 1, kRunMost);
  } else {
    longest_run_ = std::max(longest_run_, run_);
    run_ = 1;
    run_since_ = at;
  }
  last_ = Last{at, value};
}

void Pace::learn() {
  const std::size_t known = std::min(count_, kKept);
  std::vector<std::int64_t> sorted(gaps_ms_.begin(),
                                   gaps_ms_.begin() + static_cast<std::ptrdiff_t>(known));
  learned_every_ = milliseconds(middle_of(sorted));
  sorted.assign(changes_.begin(), changes_.begin() + static_cast<std::ptrdiff_t>(known));
  std::int64_t least = 0;
  for (const std::int64_t change : sorted) {
    if (change > 0 && (least == 0 || change < least)) least = change;
  }
  if (least > 0) learned_step_ = Milli{least};
  // Differences of two values spread 1.41 times as far as one, and half of a normal spread's
  // magnitudes lie within 0.674 of it: median / (0.674 * 1.414).
  // One estimate of 32 coarse values may be half of the truth: a twelfth of the way to each.
  const std::int64_t seen = middle_of(sorted) * 105 / 100;
  noise_ = count_ < kKept ? Milli{seen} : Milli{noise_.v + (seen - noise_.v) / 12};
  liveliest_ = std::max(liveliest_, changing_percent());
}

int Pace::changing_percent() const {
  if (count_ < kKept) return -1;
  const auto changed =
      std::count_if(changes_.begin(), changes_.end(), [](std::int64_t one) { return one > 0; });
  return static_cast<int>(changed * 100 / static_cast<std::ptrdiff_t>(kKept));
}

}  // namespace cryobank::detect
