// Small device profiles for the tests of this folder.
#pragma once

#include "config/device_profile.hpp"

namespace cryobank::devices {

inline config::Point number_point(std::string id, std::uint16_t address,
                                  config::PointType type = config::PointType::uint16) {
  config::Point point;
  point.id = PointId(std::move(id));
  point.table = config::PointTable::input;
  point.address = address;
  point.type = type;
  point.unit = "1";
  return point;
}

// Nine words, read as one span: identity 0xC0F1 at 0, then p1 to p8.
inline config::DeviceProfile block_profile() {
  config::DeviceProfile profile;
  profile.id = ProfileId("block");
  profile.points.push_back(number_point("identity", 0));
  for (int i = 1; i <= 8; ++i) {
    profile.points.push_back(number_point("p" + std::to_string(i), static_cast<std::uint16_t>(i)));
  }
  profile.identity_point = PointId("identity");
  profile.identity_value = "49393";
  profile.quirks.response_timeout = milliseconds(500);
  return profile;
}

}  // namespace cryobank::devices
