// Interlocks: which machine conditions forbid a fill or a motion. They only ever forbid; no command
// and no role passes them, and none of them is reset from here (a person does that at the panel).
// Zones: regions that robots share; at most one robot is in each.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "devices/line/reading.hpp"

namespace cryobank::devices {

class Zones {
 public:
  // Error names the zone and who is in it. `who` is the robot's id, for the message.
  Status may_enter(DeviceIndex robot, const std::vector<std::string>& zones) const;
  // Takes note that it is there, asked or not: after a restart two may be found in one zone, and
  // then nobody enters until both have left.
  void enter(DeviceIndex robot, std::string_view who, const std::vector<std::string>& zones);
  void leave(DeviceIndex robot);

 private:
  struct Occupant {
    DeviceIndex robot;
    std::string who;
  };
  std::map<std::string, std::vector<Occupant>> occupants_;
};

enum class Interlock : std::uint8_t {
  oxygen_low,      // below 19.5 %, either sensor
  oxygen_unknown,  // no oxygen sensor of the room gives a number
  inlet_closed,    // the room's LN2 inlet is shut
  supply_empty,    // measured or inferred
  level_high,      // the freezer is full
  level_unknown,   // no level: nobody would see it overflow
  fill_disabled,   // the freezer's own controller refuses fills
  outlet_closed,   // the supply tank's outlet valve is shut
};
std::string_view name_of(Interlock interlock);
// Known to keep liquid from a tank. What is not known, or a tank that is full, forbids a fill from
// here and takes nothing from anybody: a controller goes on filling by itself.
bool keeps_liquid_back(Interlock interlock);

// What stands in the way, with a sentence for each.
struct InterlockReason {
  Interlock interlock = Interlock::oxygen_low;
  std::string text;
};

// ok, or an Error `interlock` that names every reason.
Status forbid(std::string_view what, const std::vector<InterlockReason>& reasons);

}  // namespace cryobank::devices
