// Seeded integer generator (xoshiro256**, seeded by SplitMix64; Blackman and Vigna 2018,
// prng.di.unimi.it). No floating point and no std distribution, so a seed replays everywhere.
#pragma once

#include <array>
#include <cstdint>

namespace cryobank {

class Prng {
 public:
  explicit Prng(std::uint64_t seed);

  std::uint64_t next();
  // Uniform in [0, bound). REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound);
  // Uniform in [low, high], both included. REQUIRES: low <= high.
  std::int64_t between(std::int64_t low, std::int64_t high);
  // True in `numerator` of `denominator` cases.
  bool chance(std::uint64_t numerator, std::uint64_t denominator);
  // An independent generator, for a part that must not shift the others' draws.
  Prng fork();

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace cryobank
