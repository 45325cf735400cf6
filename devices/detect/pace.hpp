// Pace: how one signal comes: how often (1 s or 2 h), in what steps (a thousandth of a millimetre,
// a quarter inch, whole degrees), how noisy. What a profile declares wins; the rest is learned from
// the values themselves. Every detector asks it before it believes a change or misses one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"

namespace cryobank::detect {

struct DeclaredPace {
  Duration every{};  // 0: not declared
  Milli step{};      // 0: not declared
};

class Pace {
 public:
  explicit Pace(DeclaredPace declared = {}) : declared_(declared) {}

  void observe(Instant at, Milli value);
  void interrupt() { last_.reset(); }

  // Usual time between two values: declared, else the median of the last ones; 0 until known.
  Duration every() const { return declared_.every.ns > 0 ? declared_.every : learned_every_; }
  // The smallest change that was seen lately, or as declared; 0 until known.
  Milli step() const { return declared_.step.v > 0 ? declared_.step : learned_step_; }
  // Spread (about one standard deviation) of a single value around its neighbours.
  Milli noise() const { return noise_; }
  // Share of values that differ from the one before, per cent, over the last kKept; -1 until known.
  int changing_percent() const;
  // At least so many per cent of the values differed at some time since the start.
  bool was_lively(int percent) const { return liveliest_ >= percent; }
  // Longest run of equal values that ended in a change.
  std::int64_t longest_run() const { return longest_run_; }
  std::int64_t run() const { return run_; }
  std::optional<Instant> run_since() const { return run_since_; }

 private:
  static constexpr std::size_t kKept = 32;
  struct Last {
    Instant at;
    Milli value;
  };
  void learn();

  DeclaredPace declared_;
  std::optional<Last> last_;
  std::array<std::int64_t, kKept> gaps_ms_{};
  std::array<std::int64_t, kKept> changes_{};  // magnitudes
  std::size_t count_ = 0;                      // ever
  Duration learned_every_{};
  Milli learned_step_{};
  Milli noise_{};
  int liveliest_ = 0;
  std::int64_t run_ = 0;  // equal values in a row, up to now
  std::int64_t longest_run_ = 0;
  std::optional<Instant> run_since_;
};

// The middle value; of an even number the lower one. REQUIRES: not empty. Orders `values`.
std::int64_t middle_of(std::vector<std::int64_t>& values);
// Mean of the middle half: as robust as the median against outliers, and finer than the sensor's
// own step. REQUIRES: not empty. Orders `values`.
std::int64_t centre_of(std::vector<std::int64_t>& values);
// Mean, and standard deviation as estimated from so few (0 for fewer than two). REQUIRES of the
// mean: not empty.
std::int64_t mean_of(const std::deque<std::int64_t>& values);
std::int64_t spread_of(const std::deque<std::int64_t>& values);
// Whole root, rounded down.
std::int64_t root_of(std::int64_t square);

}  // namespace cryobank::detect
