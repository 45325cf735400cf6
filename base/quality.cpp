#include "base/quality.hpp"

#include "base/check.hpp"

namespace cryobank {

std::string_view name_of(Quality quality) {
  switch (quality) {
    case Quality::good:
      return "good";
    case Quality::stale:
      return "stale";
    case Quality::sensor_broken:
      return "sensor-broken";
    case Quality::out_of_range:
      return "out-of-range";
    case Quality::implausible_step:
      return "implausible-step";
    case Quality::frozen:
      return "frozen";
    case Quality::comm_lost:
      return "comm-lost";
    case Quality::profile_mismatch:
      return "profile-mismatch";
  }
  CHECK(false);
}

}  // namespace cryobank
