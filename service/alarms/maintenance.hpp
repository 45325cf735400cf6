// Maintenance: a device that a named person works on until a time, at most eight hours away. It
// re-routes and never mutes: its pages say MAINT and by whom. It ends by itself; whether the work
// is over the values must prove, else that is an alarm.
#pragma once

#include <string>

#include "base/ids.hpp"
#include "base/time.hpp"

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

}  // namespace cryobank::alarms
