#include "base/device_state.hpp"

#include "base/check.hpp"

namespace cryobank {

std::string_view name_of(DeviceState state) {
  switch (state) {
    case DeviceState::online:
      return "online";
    case DeviceState::degraded:
      return "degraded";
    case DeviceState::stale:
      return "stale";
    case DeviceState::lost:
      return "lost";
    case DeviceState::maintenance:
      return "maintenance";
  }
  CHECK(false);
}

}  // namespace cryobank
