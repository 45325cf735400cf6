// A reading: what one point of one device said, how far to trust it, and when the daemon read it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/device_state.hpp"
#include "base/quality.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace cryobank::devices {

// Places in the site's device list and the device's profile point list: cheap to carry and compare.
struct DeviceIndex {
  std::uint32_t value = 0;
  auto operator<=>(const DeviceIndex&) const = default;
};
struct PointIndex {
  std::uint32_t value = 0;
  auto operator<=>(const PointIndex&) const = default;
};

// value is set exactly when quality is good and the point is a number, bit, enum or bit field (the
// raw integer in whole units); text is set for ASCII points.
struct Reading {
  DeviceIndex device;
  PointIndex point;
  Quality quality = Quality::comm_lost;
  std::optional<Milli> value;
  std::string text;
  WallTime at;            // when the answer arrived, by the daemon's clock
  Instant at_mono;        // the same instant, for ages
  std::uint64_t seq = 0;  // rises by one with each reading of this point
};

}  // namespace cryobank::devices
