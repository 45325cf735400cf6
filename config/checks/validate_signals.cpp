// Rules about the signals that alarms need, and about what a site changes in the alarm catalogue.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "config/checks/validate.hpp"
#include "config/meaning.hpp"

namespace cryobank::config {
namespace {

void refuse_signals(const DeviceConfig& device, std::string_view text, Faults& faults) {
  faults.add(device.file, device.line_number, cat("device \"", device.id.str(), "\": ", text));
}

// A signal that an alarm needs and nobody delivers: no alarm of such a tank would ever come.
void signals_delivered(const SiteIndex& index, Faults& faults) {
  for (const DeviceConfig& device : index.config.devices) {
    const DeviceProfile* profile = index.config.profile_of(device);
    if (profile == nullptr) continue;
    for (const auto& [meaning, point] : device.means) {
      if (find_meaning(meaning, device.kind) != nullptr && profile->find(point) != nullptr)
        continue;
      refuse_signals(device,
                     cat("[device.means]: expected a meaning of a ", name_of(device.kind),
                         " and a point of profile \"", profile->id.str(), "\", came ",
                         clip(meaning, 40), " = \"", clip(point, 40), "\""),
                     faults);
    }
    for (const auto& [meaning, every] : device.rounds) {
      if (find_meaning(meaning, device.kind) != nullptr) continue;
      refuse_signals(device,
                     cat("[device.rounds]: expected a meaning of a ", name_of(device.kind),
                         ", came \"", clip(meaning, 40), "\""),
                     faults);
    }
    for (const auto& group : needs_of(device.kind, profile->mechanical)) {
      const bool delivered = std::any_of(group.begin(), group.end(), [&](std::string_view name) {
        return profile->find_meaning(name) != nullptr || device.rounds.count(std::string(name)) > 0;
      });
      if (delivered) continue;
      refuse_signals(
          device,
          cat("expected a signal for ", group[0], ", which profile \"", profile->id.str(),
              "\" does not deliver: name its point in [device.means], or say in "
              "[device.rounds] how often a person reads it"),
          faults);
    }
  }
}

// What an [[alarm]] of the site is about must be there.
void alarm_overrides(const SiteIndex& index, Faults& faults) {
  for (const AlarmOverride& one : index.config.alarms) {
    if (one.device.empty() && one.profile.empty()) continue;  // told when it was read
    const bool known = one.device.empty() ? index.profiles.count(one.profile) > 0
                                          : index.devices.count(one.device) > 0;
    if (known) continue;
    faults.add(one.file, one.line,
               cat("[[alarm]] \"", clip(one.condition, 64),
                   "\": expected a device or profile of this site, came \"",
                   clip(one.device.empty() ? one.profile : one.device, 64), "\""));
  }
}

constexpr std::array<ValidationRule, 2> kSignalRules{
    {{"signals-delivered", signals_delivered}, {"alarm-overrides", alarm_overrides}}};

}  // namespace

std::span<const ValidationRule> signal_rules() { return kSignalRules; }

}  // namespace cryobank::config
