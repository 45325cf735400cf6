// Rules about the service's own edges: files and folders, time, the broker.
#include <array>

#include "base/text.hpp"
#include "config/checks/validate.hpp"
#include "config/names.hpp"

namespace cryobank::config {
namespace {

// "[mqtt] user" as the index names it: "mqtt.user".
std::string dotted(std::string_view key) {
  const std::size_t end = key.find("] ");
  return cat(key.substr(1, end - 1), ".", key.substr(end + 2));
}

// The daemon is started from anywhere: a path that depends on where is another path each time.
void absolute_paths(const SiteIndex& index, Faults& faults) {
  const SiteConfig& site = index.config;
  struct Named {
    std::string_view key;
    const std::string* path;
  };
  const std::array<Named, 11> paths{{{"[mqtt] password_file", &site.mqtt.password_file},
                                     {"[mqtt] ca_file", &site.mqtt.ca_file},
                                     {"[mqtt] cert_file", &site.mqtt.cert_file},
                                     {"[mqtt] key_file", &site.mqtt.key_file},
                                     {"[store] directory", &site.store.directory},
                                     {"[store] high_water_file", &site.store.high_water_file},
                                     {"[store] signing_key_file", &site.store.signing_key_file},
                                     {"[store] journal_copy_file", &site.store.journal_copy_file},
                                     {"[backup] directory", &site.backup.directory},
                                     {"[telemetry] directory", &site.telemetry.directory},
                                     {"[http] page", &site.http.page}}};
  for (const Named& named : paths) {
    if (named.path->empty() || named.path->starts_with('/')) continue;
    index.fault({dotted(named.key)},
                cat(named.key, ": expected an absolute path, came \"", clip(*named.path, 80), "\""),
                faults);
  }
}

void mqtt_edges(const SiteIndex& index, Faults& faults) {
  const MqttConfig& mqtt = index.config.mqtt;
  if (mqtt.host.empty()) {
    index.fault({"mqtt"}, "[mqtt]: expected `host`", faults);
  } else if (!is_host_text(mqtt.host)) {
    index.fault({"mqtt.host", "mqtt"}, cat("[mqtt]: ", bad_host(mqtt.host)), faults);
  }
  if (!is_id_text(mqtt.user)) {
    index.fault({"mqtt.user", "mqtt"}, cat("[mqtt]: ", bad_id("user", mqtt.user).context), faults);
  }
  if (mqtt.cert_file.empty() != mqtt.key_file.empty()) {
    index.fault({"mqtt.cert_file", "mqtt.key_file"},
                "[mqtt]: expected cert_file and key_file together or neither", faults);
  }
  if (!mqtt.cert_file.empty() && mqtt.ca_file.empty()) {
    index.fault({"mqtt.cert_file"},
                "[mqtt]: expected ca_file with cert_file: there is no TLS without it", faults);
  }
  if (index.config.store.directory.empty()) {
    index.fault({"store"}, "[store]: expected `directory`", faults);
  }
}

constexpr std::array<ValidationRule, 2> kEdgeRules{
    {{"absolute-paths", absolute_paths}, {"mqtt-edges", mqtt_edges}}};

}  // namespace

std::span<const ValidationRule> edge_rules() { return kEdgeRules; }

}  // namespace cryobank::config
