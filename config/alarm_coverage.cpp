#include "config/alarm_coverage.hpp"

#include "base/text.hpp"

namespace cryobank::config {

std::string untimed(const AlarmEntry& entry, const DeviceConfig& device, const SiteConfig& site) {
  if (entry.when != AlarmWhen::equals) return {};
  const DeviceProfile* profile = site.profile_of(device);
  const Point* point = profile == nullptr ? nullptr : profile->find_meaning(entry.signal);
  if (point == nullptr || point->end_told) return {};
  return cat("the device tells when its ", entry.signal, " begins and never when it ends");
}

}  // namespace cryobank::config
