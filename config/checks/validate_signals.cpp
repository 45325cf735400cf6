// Rules about the signals that alarms need.
#include <algorithm>
#include <array>
#include <map>

#include "base/text.hpp"
#include "config/checks/validate.hpp"
#include "config/meaning.hpp"

namespace cryobank::config {
namespace {

void refuse_signals(const DeviceConfig& device, std::string_view text, Faults& faults) {
  faults.add(device.file, device.line_number, cat("device \"", device.id.str(), "\": ", text));
}

// A point of the site means what it says only if it has that meaning's unit, range and states, and
// is the only one.
void check_site_meaning(const DeviceConfig& device, const DeviceProfile& profile,
                        std::string_view name, const std::string& id, Faults& faults) {
  const Meaning* meaning = find_meaning(name, device.kind);
  const Point* point = profile.find(id);
  if (meaning == nullptr || point == nullptr) {
    return refuse_signals(device,
                          cat("[device.means]: expected a meaning of a ", name_of(device.kind),
                              " and a point of profile \"", profile.id.str(), "\", came ",
                              clip(name, 40), " = \"", clip(id, 40), "\""),
                          faults);
  }
  const auto tell = [&](std::string_view text) {
    refuse_signals(device, cat("[device.means]: point \"", clip(id, 64), "\" ", text), faults);
  };
  check_meaning(*point, *meaning, tell);
  if (point->meaning() != name) {
    tell(cat("means ", name, ": expected one meaning of a point, came ", point->meaning(), " too"));
  }
  for (const Point& other : profile.points) {
    if (&other == point || other.meaning() != name) continue;
    tell(cat("means ", name, ": expected each meaning once, point \"", other.id.str(),
             "\" means it too"));
  }
}

// A signal that an alarm needs and nobody delivers: no alarm of such a tank would ever come.
void signals_delivered(const SiteIndex& index, Faults& faults) {
  for (const DeviceConfig& device : index.config.devices) {
    const DeviceProfile* profile = index.config.profile_of(device);
    if (profile == nullptr) continue;
    for (const auto& [meaning, point] : device.means) {
      check_site_meaning(device, *profile, meaning, point, faults);
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

bool measures_oxygen(const DeviceProfile& profile) {
  return profile.find_meaning("oxygen-1") != nullptr || profile.find_meaning("oxygen-2") != nullptr;
}

// Liquid nitrogen drives out the air that people breathe: where a tank of it stands and the room
// has instruments, one of them has to measure the oxygen.
void rooms_measure_oxygen(const SiteIndex& index, Faults& faults) {
  struct Air {
    const DeviceConfig* tank = nullptr;
    const DeviceConfig* instrument = nullptr;
    bool oxygen = false;
  };
  std::map<std::string_view, Air> rooms;
  for (const DeviceConfig& device : index.config.devices) {
    const DeviceProfile* profile = index.config.profile_of(device);
    if (profile == nullptr || device.room.empty()) continue;
    Air& air = rooms[device.room];
    if (device.kind == DeviceKind::freezer && !profile->mechanical) air.tank = &device;
    if (device.kind != DeviceKind::room) continue;
    air.instrument = &device;
    air.oxygen = air.oxygen || measures_oxygen(*profile);
  }
  for (const auto& [room, air] : rooms) {
    if (air.tank == nullptr || air.instrument == nullptr || air.oxygen) continue;
    refuse_signals(*air.instrument,
                   cat("expected a signal for oxygen-1 or oxygen-2 in ", room,
                       ", where LN2 freezers such as \"", air.tank->id.str(),
                       "\" stand, and no instrument there delivers one: name its point in "
                       "[device.means]"),
                   faults);
  }
}

constexpr std::array<ValidationRule, 2> kSignalRules{
    {{"signals-delivered", signals_delivered}, {"rooms-measure-oxygen", rooms_measure_oxygen}}};

}  // namespace

std::span<const ValidationRule> signal_rules() { return kSignalRules; }

}  // namespace cryobank::config
