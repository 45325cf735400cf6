// Rules about lines and the machines on them.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "config/checks/site_rules.hpp"
#include "config/checks/validate.hpp"
#include "config/duration.hpp"
#include "config/names.hpp"

namespace cryobank::config {
namespace {

using Kind = LineConfig::Kind;

bool is_network(Kind kind) {
  return kind == Kind::tcp || kind == Kind::text_tcp || kind == Kind::rtu_tcp;
}

void unique_line_ids(const SiteIndex& index, Faults& faults) {
  for (const LineConfig& line : index.config.lines) {
    const LineConfig* first = lookup(index.lines, line.id.str());
    if (first != &line)
      fault_of(line, cat("expected each id once, ", first->file, ":", first->line, " has it too"),
               faults);
  }
}

void unique_device_ids(const SiteIndex& index, Faults& faults) {
  for (const DeviceConfig& device : index.config.devices) {
    const DeviceConfig* first = lookup(index.devices, device.id.str());
    if (first != &device) {
      fault_of(device,
               cat("expected each id once, ", first->file, ":", first->line_number, " has it too"),
               faults);
    }
  }
}

// A device names its alarms: `{device}.{condition}` is an id too, on MQTT and in the record.
void device_id_length(const SiteIndex& index, Faults& faults) {
  for (const DeviceConfig& device : index.config.devices) {
    if (device.id.str().size() <= kDeviceIdMax) continue;
    fault_of(device,
             cat("expected an id of at most ", kDeviceIdMax,
                 " characters, so that its alarms' ids (", "device, dot, condition of up to ",
                 kConditionMax, ") keep to ", kIdLengthMax, "; came ", device.id.str().size()),
             faults);
  }
}

// Two owners of one endpoint would talk into each other's answers.
void line_endpoint(const SiteIndex& index, Faults& faults) {
  std::map<std::string, const LineConfig*> owners;
  for (const LineConfig& line : index.config.lines) {
    const bool network = is_network(line.kind);
    if (network && !line.path.empty()) {
      fault_of(line,
               cat("expected no `path`: kind \"", word_of(kLineKinds, line.kind),
                   "\" is reached at `host` and `port`"),
               faults);
    }
    if (!network && !line.host.empty()) {
      fault_of(line,
               cat("expected no `host`: kind \"", word_of(kLineKinds, line.kind),
                   "\" is a serial port, at `path`"),
               faults);
    }
    if (!network && line.path.empty()) {
      fault_of(line, "expected `path`, the device file of the serial port", faults);
      continue;
    }
    if (network && line.host.empty()) {
      fault_of(line, "expected `host`, a name or an address", faults);
      continue;
    }
    if (network && !is_host_text(line.host)) fault_of(line, bad_host(line.host), faults);
    const std::string endpoint = network ? cat(line.host, ":", line.port) : line.path;
    const auto [owner, first] = owners.emplace(endpoint, &line);
    if (!first) {
      fault_of(line,
               cat("expected an endpoint of its own, came ", endpoint, " which line \"",
                   owner->second->id.str(), "\" has"),
               faults);
    }
  }
}

// What serial ports can be set to; libmodbus takes any other for 9600 without a word.
void line_baud(const SiteIndex& index, Faults& faults) {
  constexpr std::array<int, 12> kRates{300,    600,    1'200,  2'400,   4'800,   9'600,
                                       19'200, 38'400, 57'600, 115'200, 230'400, 460'800};
  for (const LineConfig& line : index.config.lines) {
    if (std::find(kRates.begin(), kRates.end(), line.baud) != kRates.end()) continue;
    std::string list;
    for (const int rate : kRates) list += cat(list.empty() ? "" : ", ", rate);
    fault_of(line, cat("expected `baud` of ", list, ", came ", line.baud), faults);
  }
}

void device_line(const SiteIndex& index, Faults& faults) {
  for (const DeviceConfig& device : index.config.devices) {
    if (device.line.empty() || lookup(index.lines, device.line.str()) != nullptr) continue;
    fault_of(device, cat("expected a line of this site, came \"", device.line.str(), "\""), faults);
  }
}

void line_used(const SiteIndex& index, Faults& faults) {
  std::set<std::string_view> used;
  for (const DeviceConfig& device : index.config.devices) used.insert(device.line.str());
  for (const LineConfig& line : index.config.lines) {
    if (used.count(line.id.str()) > 0) continue;
    faults.warn(line.file, line.line, cat("line \"", line.id.str(), "\": no device is on it"));
  }
}

bool fits(std::string_view protocol, Kind kind) {
  if (protocol == "registers") {
    return kind == Kind::tcp || kind == Kind::rtu || kind == Kind::rtu_tcp;
  }
  if (protocol == "modbus-ascii") return kind == Kind::ascii;
  return kind == Kind::text_tcp || kind == Kind::text_serial;
}

void device_profile(const SiteIndex& index, Faults& faults) {
  for (const DeviceConfig& device : index.config.devices) {
    const DeviceProfile* profile = lookup(index.profiles, device.profile.str());
    if (profile == nullptr) continue;  // load.cpp told that its file could not be read
    if (profile->kind != device.kind) {
      fault_of(device,
               cat("expected a profile of kind ", name_of(device.kind), ", came \"",
                   profile->id.str(), "\" of kind ", name_of(profile->kind)),
               faults);
    }
    const LineConfig* line = lookup(index.lines, device.line.str());
    if (line == nullptr || fits(profile->protocol, line->kind)) continue;
    fault_of(device,
             cat("expected a line for protocol \"", profile->protocol, "\", came line \"",
                 line->id.str(), "\" of kind ", word_of(kLineKinds, line->kind)),
             faults);
  }
}

void unit_unique(const SiteIndex& index, Faults& faults) {
  using UnitOfLine = std::pair<std::string_view, int>;
  std::map<UnitOfLine, const DeviceConfig*> owners;
  for (const DeviceConfig& device : index.config.devices) {
    const auto [owner, first] = owners.emplace(UnitOfLine(device.line.str(), device.unit), &device);
    if (first) continue;
    fault_of(device,
             cat("expected a unit of its own on line \"", device.line.str(), "\", came ",
                 device.unit, " which device \"", owner->second->id.str(), "\" has"),
             faults);
  }
}

// Modbus over Serial Line V1.02, 2.2: 0 is broadcast, 248-255 are reserved; TCP uses 255 for "the
// endpoint itself", and some gateways 0.
void unit_range(const SiteIndex& index, Faults& faults) {
  for (const DeviceConfig& device : index.config.devices) {
    const LineConfig* line = lookup(index.lines, device.line.str());
    if (line == nullptr) continue;
    const bool serial =
        line->kind == Kind::rtu || line->kind == Kind::ascii || line->kind == Kind::rtu_tcp;
    if (serial && (device.unit < 1 || device.unit > 247)) {
      fault_of(device, cat("expected a unit from 1 to 247 on a serial line, came ", device.unit),
               faults);
    }
    if (line->kind == Kind::tcp && device.unit > 247 && device.unit != 255) {
      fault_of(device, cat("expected a unit from 0 to 247 or 255, came ", device.unit), faults);
    }
  }
}

// Nothing in a line that a text device prints says whose it is.
void text_listener_alone(const SiteIndex& index, Faults& faults) {
  std::map<std::string_view, int> devices_on;
  for (const DeviceConfig& device : index.config.devices) ++devices_on[device.line.str()];
  for (const DeviceConfig& device : index.config.devices) {
    const DeviceProfile* profile = lookup(index.profiles, device.profile.str());
    if (profile == nullptr || !profile->is_text() || profile->lines.empty()) continue;
    if (!profile->lines.front().ask.empty() || devices_on[device.line.str()] == 1) continue;
    fault_of(device,
             cat("expected a line of its own, since profile \"", profile->id.str(),
                 "\" speaks unasked; line \"", device.line.str(), "\" has ",
                 devices_on[device.line.str()], " devices"),
             faults);
  }
}

void device_room(const SiteIndex& index, Faults& faults) {
  for (const DeviceConfig& device : index.config.devices) {
    if (device.room.empty() || lookup(index.places, device.room) != nullptr) continue;
    fault_of(
        device,
        cat("expected `room` to be a place of this site, came \"", clip(device.room, 64), "\""),
        faults);
  }
}

// A line answers one request at a time: if every device took its whole time-out in one round, the
// round must still end before the dead are told as lost (three polls of the slowest class).
void poll_times(const SiteIndex& index, Faults& faults) {
  constexpr std::int64_t kRoundMax = 60'000;  // ms: comm-lost must be told within a minute
  std::map<std::string_view, std::int64_t> round_ms;
  for (const DeviceConfig& device : index.config.devices) {
    if (device.poll_slow < device.poll_fast) {
      fault_of(device,
               cat("expected poll_slow not shorter than poll_fast, came ",
                   format_duration(device.poll_slow), " and ", format_duration(device.poll_fast)),
               faults);
    }
    const DeviceProfile* profile = index.config.profile_of(device);
    if (profile != nullptr) round_ms[device.line.str()] += profile->quirks.response_timeout.ms();
  }
  for (const auto& [id, ms] : round_ms) {
    const LineConfig* line = lookup(index.lines, id);
    if (line == nullptr || ms <= kRoundMax) continue;
    fault_of(*line,
             cat("expected all its devices to time out within ", kRoundMax / 1000, " s, came ",
                 ms / 1000, " s: use more lines or a shorter response_timeout"),
             faults);
  }
}

// What a device declares of its own wire must still carry every point of its profile.
void device_wire(const SiteIndex& index, Faults& faults) {
  for (const DeviceConfig& device : index.config.devices) {
    const DeviceProfile* profile = lookup(index.profiles, device.profile.str());
    const WireConfig& wire = device.wire;
    if (profile == nullptr || wire.empty()) continue;
    if (profile->is_text() &&
        (wire.registers_max || wire.bits_max || wire.gap_max || wire.single_item_reads)) {
      fault_of(device,
               "[device.wire]: expected times only, a text device has no registers: frame_pause, "
               "connect_pause, response_timeout",
               faults);
    }
    int widest = 0;
    for (const Point& point : profile->points) {
      const bool bits = point.table == PointTable::coil || point.table == PointTable::discrete;
      if (!bits) widest = std::max<int>(widest, point.registers);
    }
    if (wire.registers_max && *wire.registers_max < widest) {
      fault_of(device,
               cat("[device.wire]: expected registers_max of at least ", widest,
                   ", the width of its widest point, came ", *wire.registers_max),
               faults);
    }
  }
}

void supply_exists(const SiteIndex& index, Faults& faults) {
  std::map<std::string_view, const DeviceConfig*> supply_of_group;
  for (const DeviceConfig& device : index.config.devices) {
    if (!device.supply.empty()) {
      const DeviceConfig* supply = lookup(index.devices, device.supply.str());
      if (supply == nullptr || supply->kind != DeviceKind::supply) {
        fault_of(device,
                 cat("expected `supply` to be a device of kind supply, came \"",
                     device.supply.str(), "\""),
                 faults);
      }
    }
    if (device.fill_group.empty()) continue;
    const auto [first, added] = supply_of_group.emplace(device.fill_group, &device);
    if (added || first->second->supply == device.supply) continue;
    fault_of(device,
             cat("expected the same supply as device \"", first->second->id.str(),
                 "\" of fill group \"", device.fill_group, "\""),
             faults);
  }
}

constexpr std::array<ValidationRule, 15> kDeviceRules{{{"unique-line-ids", unique_line_ids},
                                                       {"unique-device-ids", unique_device_ids},
                                                       {"device-id-length", device_id_length},
                                                       {"line-endpoint", line_endpoint},
                                                       {"line-baud", line_baud},
                                                       {"device-line", device_line},
                                                       {"line-used", line_used},
                                                       {"device-profile", device_profile},
                                                       {"device-wire", device_wire},
                                                       {"unit-unique", unit_unique},
                                                       {"unit-range", unit_range},
                                                       {"text-listener-alone", text_listener_alone},
                                                       {"device-room", device_room},
                                                       {"poll-times", poll_times},
                                                       {"supply-exists", supply_exists}}};

}  // namespace

std::span<const ValidationRule> device_rules() { return kDeviceRules; }

}  // namespace cryobank::config
