// What the rules about lines and devices share: a fault at its place in the site's files, and a
// look into the index. Internal to validate_devices.cpp and validate_wire.cpp.
#pragma once

#include <string_view>

#include "base/text.hpp"
#include "config/fault.hpp"
#include "config/site_config.hpp"

namespace cryobank::config {

inline void fault_of(const DeviceConfig& device, std::string_view text, Faults& faults) {
  faults.add(device.file, device.line_number, cat("device \"", device.id.str(), "\": ", text));
}

inline void fault_of(const LineConfig& line, std::string_view text, Faults& faults) {
  faults.add(line.file, line.line, cat("line \"", line.id.str(), "\": ", text));
}

// nullptr when there is none.
template <class Map>
auto lookup(const Map& map, std::string_view key) -> typename Map::mapped_type {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

}  // namespace cryobank::config
