// Alarm coverage: why a condition of a device cannot be judged although its signal is delivered.
#pragma once

#include <string>

#include "config/alarm_catalogue.hpp"
#include "config/site_config.hpp"

namespace cryobank::config {

// "the device tells when its lid begins and never when it ends": nobody knows for how long it
// stands. Empty: it can be judged.
std::string untimed(const AlarmEntry& entry, const DeviceConfig& device, const SiteConfig& site);

}  // namespace cryobank::config
