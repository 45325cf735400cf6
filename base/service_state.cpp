#include "base/service_state.hpp"

#include "base/check.hpp"

namespace cryobank {

std::string_view name_of(ServiceState state) {
  switch (state) {
    case ServiceState::starting:
      return "starting";
    case ServiceState::online:
      return "online";
    case ServiceState::stopping:
      return "stopping";
    case ServiceState::offline:
      return "offline";
  }
  CHECK(false);
}

std::string_view name_of(ClockState state) {
  switch (state) {
    case ClockState::unsynchronised:
      return "unsynchronised";
    case ClockState::synchronised:
      return "synchronised";
    case ClockState::stepped:
      return "stepped";
  }
  CHECK(false);
}

}  // namespace cryobank
