#include "config/checks/validate.hpp"

#include "base/ids.hpp"
#include "base/text.hpp"
#include "config/labels.hpp"

namespace cryobank::config {

SiteIndex::SiteIndex(std::string_view main_file, const SiteConfig& site)
    : file(main_file), config(site) {
  for (const LineConfig& item : site.lines) lines.emplace(item.id.str(), &item);
  for (const DeviceConfig& item : site.devices) devices.emplace(item.id.str(), &item);
  for (const DeviceProfile& item : site.profiles) profiles.emplace(item.id.str(), &item);
  for (const PlaceConfig& item : site.places) places.emplace(item.id.str(), &item);
  for (const ChannelConfig& item : site.channels) channels.emplace(item.id.str(), &item);
  for (const PlaceTypeConfig& item : site.place_types) {
    if (place_types.emplace(item.id, &item).second) labels.emplace(item.id, position_labels(item));
  }
}

void SiteIndex::fault(std::initializer_list<std::string_view> keys, std::string text,
                      Faults& faults) const {
  int line = 0;
  for (const std::string_view key : keys) {
    const auto found = config.key_lines.find(key);
    if (line == 0 && found != config.key_lines.end()) line = found->second;
  }
  faults.add(file, line, std::move(text));
}

std::vector<std::string_view> validation_rule_names() {
  std::vector<std::string_view> names;
  for (const auto rules :
       {device_rules(), limit_rules(), wire_rules(), signal_rules(), alarm_rules(), place_rules(),
        people_rules(), day_rules(), paging_rules(), edge_rules(), table_rules()}) {
    for (const ValidationRule& rule : rules) names.push_back(rule.name);
  }
  return names;
}

std::vector<const DeviceConfig*> meant_by(const SiteIndex& index, const AlarmOverride& own) {
  std::vector<const DeviceConfig*> devices;
  for (const DeviceConfig& device : index.config.devices) {
    const bool meant = own.device.empty()
                           ? !own.profile.empty() && device.profile.str() == own.profile
                           : device.id.str() == own.device;
    if (meant) devices.push_back(&device);
  }
  return devices;
}

bool is_host_text(std::string_view text) {
  constexpr std::string_view kHostChars =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:%[]";
  constexpr std::size_t kHostMax = 253;  // RFC 1035, section 2.3.4
  return !text.empty() && text.size() <= kHostMax &&
         text.find_first_not_of(kHostChars) == std::string_view::npos;
}

std::string bad_host(std::string_view text) {
  return cat("expected `host` as a name or an address, came \"", clip(text, 80), "\"");
}

void validate_site(std::string_view main_file, const SiteConfig& config, Faults& faults) {
  const SiteIndex index(main_file, config);
  for (const auto rules :
       {device_rules(), limit_rules(), wire_rules(), signal_rules(), alarm_rules(), place_rules(),
        people_rules(), day_rules(), paging_rules(), edge_rules(), table_rules()}) {
    for (const ValidationRule& rule : rules) rule.check(index, faults);
  }
}

}  // namespace cryobank::config
