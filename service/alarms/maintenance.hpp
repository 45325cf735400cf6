// Maintenance: a device that a named person works on until a time, at most eight hours away. It
// re-routes and never mutes: its pages say MAINT and by whom. It ends by itself; whether the work
// is over the values must prove, else that is an alarm. Rounds: values that no machine delivers and
// a person writes down, each with its due time.
#pragma once

#include <map>
#include <string>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace cryobank::alarms {

inline constexpr Duration kMaintenanceMax = hours(8);

struct Maintenance {
  UserId by;
  std::string reason;
  WallTime since;
  WallTime until;
  bool over = false;  // its time is over, and nothing has proven that all works again
  // What was seen since: a fill that opened; an open inlet and good air are asked of the values
  // now.
  bool fill_seen = false;
};

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
