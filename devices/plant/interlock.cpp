#include "devices/plant/interlock.hpp"

#include "base/check.hpp"
#include "base/text.hpp"

namespace cryobank::devices {

Status Zones::may_enter(DeviceIndex robot, const std::vector<std::string>& zones) const {
  for (const std::string& zone : zones) {
    const auto found = occupants_.find(zone);
    if (found == occupants_.end()) continue;
    for (const Occupant& occupant : found->second) {
      if (occupant.robot == robot) continue;
      return make_error(ErrorCode::interlock,
                        cat("zone ", zone, " is taken by robot ", occupant.who));
    }
  }
  return {};
}

void Zones::enter(DeviceIndex robot, std::string_view who, const std::vector<std::string>& zones) {
  leave(robot);
  for (const std::string& zone : zones) occupants_[zone].push_back({robot, std::string(who)});
}

void Zones::leave(DeviceIndex robot) {
  for (auto& [zone, occupants] : occupants_) {
    std::erase_if(occupants, [&](const Occupant& occupant) { return occupant.robot == robot; });
  }
}

std::string_view name_of(Interlock interlock) {
  switch (interlock) {
    case Interlock::oxygen_low:
      return "oxygen-low";
    case Interlock::oxygen_unknown:
      return "oxygen-unknown";
    case Interlock::inlet_closed:
      return "inlet-closed";
    case Interlock::supply_empty:
      return "supply-empty";
    case Interlock::level_high:
      return "level-high";
    case Interlock::level_unknown:
      return "level-unknown";
    case Interlock::fill_disabled:
      return "fill-disabled";
    case Interlock::outlet_closed:
      return "outlet-closed";
  }
  CHECK(false);
}

bool keeps_liquid_back(Interlock interlock) {
  switch (interlock) {
    case Interlock::oxygen_low:
    case Interlock::inlet_closed:
    case Interlock::supply_empty:
    case Interlock::fill_disabled:
    case Interlock::outlet_closed:
      return true;
    case Interlock::oxygen_unknown:
    case Interlock::level_high:
    case Interlock::level_unknown:
      return false;
  }
  CHECK(false);
}

Status forbid(std::string_view what, const std::vector<InterlockReason>& reasons) {
  if (reasons.empty()) return {};
  std::string text = cat(what, " is forbidden: ");
  for (std::size_t i = 0; i < reasons.size(); ++i) {
    if (i > 0) text += "; ";
    text += reasons[i].text;
  }
  return make_error(ErrorCode::interlock, std::move(text));
}

}  // namespace cryobank::devices
