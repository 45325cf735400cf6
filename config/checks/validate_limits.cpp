// Rules about the limits that alarms are judged by. A limit in another unit than its signal's is
// never reached, and no alarm ever comes.
#include <array>
#include <optional>

#include "base/text.hpp"
#include "config/checks/site_rules.hpp"
#include "config/checks/validate.hpp"
#include "config/limit_range.hpp"

namespace cryobank::config {
namespace {

void level_limits(const SiteIndex& index, Faults& faults) {
  for (const DeviceConfig& device : index.config.devices) {
    if (device.kind != DeviceKind::freezer) continue;
    const AlarmLimits& limits = device.limits;
    const std::array<std::pair<std::string_view, Milli>, 6> levels{
        {{"level_low_critical", limits.level_low_critical},
         {"level_low_warn", limits.level_low_warn},
         {"fill_start", limits.fill_start},
         {"fill_stop", limits.fill_stop},
         {"level_high_warn", limits.level_high_warn},
         {"level_high_critical", limits.level_high_critical}}};
    for (std::size_t i = 1; i < levels.size(); ++i) {
      if (levels[i - 1].second < levels[i].second) continue;
      fault_of(
          device,
          cat("expected ", levels[i - 1].first, " below ", levels[i].first, ", came ",
              format_milli(levels[i - 1].second), " and ", format_milli(levels[i].second), " mm"),
          faults);
    }
    constexpr Milli kLevelMax{10'000'000};  // mm: no tank is ten metres high
    if (levels.back().second > kLevelMax) {
      fault_of(device,
               cat("expected levels up to ", format_milli(kLevelMax), " mm, came ",
                   levels.back().first, " of ", format_milli(levels.back().second)),
               faults);
    }
    if (levels[0].second.v <= 0) {
      fault_of(device,
               cat("expected level_low_critical above 0 mm, came ", format_milli(levels[0].second)),
               faults);
    }
  }
}

// Between -136 and -130 Cel glass begins to soften (docs/alarms.md): a limit above it announces a
// loss instead of preventing it. Mechanical freezers at -80 Cel are allowed, and told of.
void temperature_limits(const SiteIndex& index, Faults& faults) {
  constexpr Milli kCoolest = whole(-195);
  constexpr Milli kWarmest = whole(-20);
  constexpr Milli kGlass = whole(-135);
  for (const DeviceConfig& device : index.config.devices) {
    if (device.kind != DeviceKind::freezer) continue;
    const AlarmLimits& limits = device.limits;
    if (limits.temperature_warn >= limits.temperature_critical) {
      fault_of(device,
               cat("expected temperature_warn below temperature_critical, came ",
                   format_milli(limits.temperature_warn), " and ",
                   format_milli(limits.temperature_critical), " Cel"),
               faults);
    }
    for (const Milli limit : {limits.temperature_warn, limits.temperature_critical}) {
      if (limit >= kCoolest && limit <= kWarmest) continue;
      fault_of(device,
               cat("expected temperature limits from ", format_milli(kCoolest), " to ",
                   format_milli(kWarmest), " Cel, came ", format_milli(limit)),
               faults);
    }
    if (limits.temperature_critical > kGlass && limits.temperature_critical <= kWarmest) {
      faults.warn(device.file, device.line_number,
                  cat("device \"", device.id.str(), "\": temperature_critical ",
                      format_milli(limits.temperature_critical), " Cel is above ",
                      format_milli(kGlass), ": no LN2 freezer can be meant"));
    }
  }
}

void outside_range(const DeviceConfig& device, std::string_view name, Milli limit,
                   const LimitRange& range, Faults& faults) {
  if (limit >= range.low && limit <= range.high) return;
  fault_of(device,
           cat("expected ", name, " from ", format_milli(range.low), " to ",
               format_milli(range.high), " ", range.unit, ", came ", format_milli(limit)),
           faults);
}

void room_limits(const SiteIndex& index, Faults& faults) {
  for (const DeviceConfig& device : index.config.devices) {
    const RoomLimits& room = device.room_limits;
    if (room.oxygen_evacuate < room.oxygen_warn && room.oxygen_evacuate >= kOxygenLimit.low &&
        room.oxygen_warn <= kOxygenLimit.high) {
      continue;
    }
    fault_of(device,
             cat("expected ", format_milli(kOxygenLimit.low), " <= oxygen_evacuate < oxygen_warn ",
                 "<= ", format_milli(kOxygenLimit.high), " %, came ",
                 format_milli(room.oxygen_evacuate), " and ", format_milli(room.oxygen_warn)),
             faults);
  }
}

void supply_limits(const SiteIndex& index, Faults& faults) {
  for (const DeviceConfig& device : index.config.devices) {
    const SupplyLimits& supply = device.supply_limits;
    outside_range(device, "level_critical", supply.level_critical, kStockLimit, faults);
    outside_range(device, "level_warn", supply.level_warn, kStockLimit, faults);
    outside_range(device, "pressure_min", supply.pressure_min, kPressureLimit, faults);
    if (supply.level_critical < supply.level_warn) continue;
    fault_of(
        device,
        cat("expected level_critical below level_warn, came ", format_milli(supply.level_critical),
            " and ", format_milli(supply.level_warn), " %"),
        faults);
  }
}

// Of what a supply tells; oxygen has rules of its own (validate_alarms.cpp).
const LimitRange* range_of(DeviceKind kind, std::string_view signal) {
  if (kind == DeviceKind::supply && signal == "level") return &kStockLimit;
  if (kind == DeviceKind::supply && signal == "pressure") return &kPressureLimit;
  return nullptr;
}

void check_stages(const DeviceConfig& device, const AlarmEntry& entry, const AlarmOverride& own,
                  const SiteConfig& site, Faults& faults) {
  const LimitRange* range = range_of(device.kind, entry.signal);
  if (range == nullptr || entry.when != AlarmWhen::below) return;
  const std::optional<AlarmEntry> held = alarm_for(entry, device, site);
  if (!held) return;
  for (const AlarmStage& stage : held->stages) {
    if (stage.limit >= range->low && stage.limit <= range->high) continue;
    faults.add(own.file, own.line,
               cat("[[alarm]] \"", own.condition, "\": expected limits of \"", device.id.str(),
                   "\" from ", format_milli(range->low), " to ", format_milli(range->high), " ",
                   range->unit, ", came ", format_milli(stage.limit)));
  }
}

// What an [[alarm]] puts in place of a device's limit keeps to the same range.
void alarm_limits(const SiteIndex& index, Faults& faults) {
  for (const AlarmOverride& own : index.config.alarms) {
    if (!own.stages) continue;
    for (const DeviceConfig* device : meant_by(index, own)) {
      const AlarmEntry* entry = shipped_alarms().find(own.condition, device->kind);
      if (entry != nullptr) check_stages(*device, *entry, own, index.config, faults);
    }
  }
}

constexpr std::array<ValidationRule, 5> kLimitRules{{{"level-limits", level_limits},
                                                     {"temperature-limits", temperature_limits},
                                                     {"room-limits", room_limits},
                                                     {"supply-limits", supply_limits},
                                                     {"alarm-limits", alarm_limits}}};

}  // namespace

std::span<const ValidationRule> limit_rules() { return kLimitRules; }

}  // namespace cryobank::config
