// Trace: a hash over every input and effect with its time, so that two runs of one seed can be
// compared, and the last lines of it as text for people.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "service/wire/effect.hpp"
#include "service/wire/input.hpp"

namespace cryobank::simulation {

inline constexpr std::size_t kLinesUsual = 200;

class Trace {
 public:
  // `lines`: keep so many of the last ones as text; costs most of a run's time.
  explicit Trace(std::size_t lines) : kept_(lines) {}

  void input(const Now& now, const core::Input& input);
  void effect(const Now& now, const core::Effect& effect);
  // Something that the world did by itself.
  void note(const Now& now, std::string_view what);

  std::uint64_t hash() const { return hash_; }
  std::uint64_t steps() const { return steps_; }
  const std::deque<std::string>& lines() const { return lines_; }

 private:
  void mix(std::uint64_t value);
  void mix(std::string_view bytes);
  void line(const Now& now, std::string_view text);

  std::size_t kept_;
  std::uint64_t hash_ = 0x9E37'79B9'7F4A'7C15ull;
  std::uint64_t steps_ = 0;
  std::deque<std::string> lines_;
};

}  // namespace cryobank::simulation
