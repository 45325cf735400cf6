// Cross-checks of a whole site: rules that look at more than one entry. A table of named rules,
// each with its own folder of examples under tests/config/cases/. Every rule looks at everything;
// none stops at its first finding.
#pragma once

#include <initializer_list>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/site_config.hpp"

namespace cryobank::config {

// Look-ups that every rule shares. The pointers are into `config`; of equal ids the first wins.
struct SiteIndex {
  explicit SiteIndex(std::string_view main_file, const SiteConfig& site);

  // A fault of no single entry: at the first of these keys of the main file that it has, such as
  // {"mqtt.user", "mqtt"}; at the file as a whole when it has none.
  void fault(std::initializer_list<std::string_view> keys, std::string text, Faults& faults) const;

  std::string_view file;  // the main file
  const SiteConfig& config;
  std::map<std::string_view, const LineConfig*> lines;
  std::map<std::string_view, const DeviceConfig*> devices;
  std::map<std::string_view, const DeviceProfile*> profiles;
  std::map<std::string_view, const PlaceTypeConfig*> place_types;
  std::map<std::string_view, const PlaceConfig*> places;
  std::map<std::string_view, const ChannelConfig*> channels;
  std::map<std::string_view, std::vector<std::string>> labels;  // by place type
};

struct ValidationRule {
  std::string_view name;  // kebab case; the folder of its examples
  void (*check)(const SiteIndex& index, Faults& faults);
};

std::span<const ValidationRule> device_rules();  // validate_devices.cpp
std::span<const ValidationRule> limit_rules();   // validate_limits.cpp
std::span<const ValidationRule> table_rules();   // validate_tables.cpp
std::span<const ValidationRule> wire_rules();    // validate_wire.cpp
std::span<const ValidationRule> signal_rules();  // validate_signals.cpp
std::span<const ValidationRule> alarm_rules();   // validate_alarms.cpp
std::span<const ValidationRule> place_rules();   // validate_places.cpp
std::span<const ValidationRule> people_rules();  // validate_people.cpp
std::span<const ValidationRule> day_rules();     // validate_day.cpp
std::span<const ValidationRule> edge_rules();    // validate_edges.cpp
std::span<const ValidationRule> paging_rules();  // validate_paging.cpp
std::vector<std::string_view> validation_rule_names();

// Every device that the override is about.
std::vector<const DeviceConfig*> meant_by(const SiteIndex& index, const AlarmOverride& own);

// A host name or an address: no blank, no scheme, no path.
bool is_host_text(std::string_view text);
std::string bad_host(std::string_view text);

void validate_site(std::string_view main_file, const SiteConfig& config, Faults& faults);

}  // namespace cryobank::config
