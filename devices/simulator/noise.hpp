// Noise of a probe as a pure function of seed, channel and time: slow waves that never jump, plus a
// small flutter. Reading it more often changes nothing, so truth does not depend on the polling.
#pragma once

#include <cstdint>

namespace cryobank::simulator {

// A number that looks random, of two numbers (SplitMix64's finalizer).
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t z = a + 0x9E3779B97F4A7C15u * (b + 1);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

// Uniform in [-amplitude, amplitude], one draw per `slot`.
constexpr std::int64_t draw(std::uint64_t seed, std::int64_t slot, std::int64_t amplitude) {
  if (amplitude <= 0) return 0;
  const std::uint64_t width = 2 * static_cast<std::uint64_t>(amplitude) + 1;
  return static_cast<std::int64_t>(mix(seed, static_cast<std::uint64_t>(slot)) % width) - amplitude;
}

// Draws at multiples of `period_s`, joined by straight lines.
constexpr std::int64_t wave(std::uint64_t seed, std::int64_t now_s, std::int64_t period_s,
                            std::int64_t amplitude) {
  const std::int64_t slot = now_s / period_s;
  const std::int64_t part = now_s % period_s;
  const std::int64_t from = draw(seed, slot, amplitude);
  const std::int64_t to = draw(seed, slot + 1, amplitude);
  return from + (to - from) * part / period_s;
}

}  // namespace cryobank::simulator
