// Alarm catalogue: every condition the service can tell, as data: what it judges, its limits,
// delays, deadband, latch and count, how urgent it is, and what a person reads of it. The shipped
// one is config/alarms/catalogue.toml, built into the programs; a site overrides entries for a
// profile or a device with [[alarm]] tables, and says who did it and why. docs/alarms.md, checked
// against it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "config/device_profile.hpp"
#include "config/fault.hpp"
#include "config/toml_document.hpp"

namespace cryobank::config {

struct DeviceConfig;
struct SiteConfig;

enum class AlarmPriority : std::uint8_t { p1, p2, p3 };

enum class AlarmWhen : std::uint8_t {
  above,     // the signal's value is above the limit
  below,     // below it
  equals,    // a switch stands there
  unusable,  // the point answers, and its value cannot be trusted
  lost,      // the device does not answer
  event,     // each value that is not 0 is one event
  told,      // a detector or another part of the service says so
};
enum class AlarmLatch : std::uint8_t {
  none,
  confirm,  // back to normal: somebody must confirm that he saw it
  reset,    // and a person ends it with a reason, once the signal itself is back
};
enum class AlarmScope : std::uint8_t { device, room, line, site, alarm };

inline constexpr int kAlarmStagesMax = 3;

struct AlarmStage {
  AlarmPriority priority = AlarmPriority::p2;
  Milli limit{};
  std::string limit_of;  // name of a limit of the device; `limit` is added to it
  Duration after{};
  int readings = 1;  // values beyond the limit before it is believed
};

struct AlarmEntry {
  std::string condition;
  std::vector<DeviceKind> of;  // empty: jobs, places and the service itself
  AlarmWhen when = AlarmWhen::told;
  std::string signal;              // meaning; empty for lost and told
  std::vector<std::string> needs;  // of told ones: signals without which nobody can judge it
  std::vector<std::string> ends;   // signals of which the end must be told as well
  std::vector<AlarmStage> stages;
  Milli deadband{};
  Duration clears_after{};
  AlarmLatch latch = AlarmLatch::none;
  int count = 0;  // 0: none
  Duration count_in{};
  bool shelvable = true;
  Duration respond_within = hours(8);
  std::string group;
  AlarmScope scope = AlarmScope::device;
  int rank = 0;                         // leads the page of its group over those with less
  bool keep_out = false;                // its page says DO NOT ENTER
  bool time_to_loss = false;            // its priority rises as the contents run out of time
  bool clock = false;                   // its page says for how long it has stood
  std::vector<std::string> suppresses;  // of the same device
  std::vector<std::string> joins;       // of the same device: while one stands it is of its cause
  // What a detector of the device may say that explains it: delays wait until that is over, stages
  // without a delay do not.
  std::string explained_by;
  std::string title, unit, why, consequence, action;
  std::string title_ja, why_ja, consequence_ja, action_ja;
  int line = 0;

  bool is_of(DeviceKind kind) const;
};

// [[alarm]] of a site file: what is set replaces the entry's.
struct AlarmOverride {
  std::string condition;
  std::string profile;  // one of the two is set
  std::string device;
  std::optional<std::vector<AlarmStage>> stages;
  std::optional<Milli> deadband;
  std::optional<Duration> clears_after;
  std::optional<AlarmLatch> latch;
  std::optional<int> count;
  std::optional<Duration> count_in;
  std::optional<Duration> respond_within;
  bool off = false;  // not watched there: `reason` says why; told in coverage
  std::string by;
  std::string reason;
  std::string file;
  int line = 0;
};

class AlarmCatalogue {
 public:
  // The entry of a device's condition; nullptr when there is none.
  const AlarmEntry* find(std::string_view condition, DeviceKind kind) const;
  // Of a job, a place, the service: an entry without a kind, else any of that name.
  const AlarmEntry* find(std::string_view condition) const;
  const std::vector<AlarmEntry>& entries() const { return entries_; }
  std::vector<AlarmEntry>& entries() { return entries_; }

 private:
  std::vector<AlarmEntry> entries_;
};

bool parse_alarm_catalogue(std::string_view file, std::string_view text, AlarmCatalogue& catalogue,
                           Faults& faults);
// [[alarm]] tables of a site file.
AlarmOverride parse_alarm_override(std::string_view file, const TomlNode& table, Faults& faults);

// The shipped file, as it was when this program was built (made by config/CMakeLists.txt).
std::string_view shipped_alarms_text();
// The one built into this program. CHECKs that it reads without a fault.
const AlarmCatalogue& shipped_alarms();

// The entry as it holds for this device: overrides of its profile, then of itself; limits resolved
// to numbers. Empty when the site took it off.
std::optional<AlarmEntry> alarm_for(const AlarmEntry& entry, const DeviceConfig& device,
                                    const SiteConfig& site);
// A limit that the device names: "temperature_warn", "oxygen_warn" ...; empty when it has none.
std::optional<Milli> named_limit(const DeviceConfig& device, std::string_view name);
// The names of the limits that such a device has.
std::vector<std::string_view> limit_names(DeviceKind kind);

std::string_view name_of(AlarmPriority priority);
std::optional<AlarmPriority> alarm_priority(std::string_view name);
std::string_view name_of(AlarmWhen when);
std::string_view name_of(AlarmLatch latch);

}  // namespace cryobank::config
