// Rounds: values that no machine delivers and a person writes down, each with its due time; and
// those of a tank that is dark or silenced, until it is watched again.
#pragma once

#include <map>
#include <string>

#include "base/time.hpp"

namespace cryobank::alarms {

struct Rounds {
  struct Signal {
    Duration every{};
    WallTime due{};
  };
  std::map<std::string, Signal, std::less<>> signals;  // by meaning
  bool substitute = false;  // since nobody would hear of its contents: until it is watched again
};

// An entry later than this after its measurement says so; one before it is told as back-dated.
inline constexpr Duration kRoundLate = minutes(60);
inline constexpr Duration kRoundGrace = minutes(30);
// How often a dark tank is read by hand.
inline constexpr Duration kRoundOfDark = hours(4);

}  // namespace cryobank::alarms
