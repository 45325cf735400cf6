#include "config/alarm_coverage.hpp"

#include "base/text.hpp"

namespace cryobank::config {

std::string untimed(const AlarmEntry& entry, const DeviceConfig& device, const SiteConfig& site) {
  const DeviceProfile* profile = site.profile_of(device);
  if (profile == nullptr) return {};
  std::vector<std::string> ends = entry.ends;
  if (entry.when == AlarmWhen::equals) ends.push_back(entry.signal);
  for (const std::string& signal : ends) {
    const Point* point = profile->find_meaning(signal);
    if (point == nullptr || point->end_told) continue;
    return cat("the device tells when its ", signal, " begins and never when it ends");
  }
  return {};
}

}  // namespace cryobank::config
