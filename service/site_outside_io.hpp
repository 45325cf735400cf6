// What a site's configuration names on this computer, looked at: certificates and keys, the
// password file and who can read it, folders of the store and of backups, serial ports, two names
// for one port. Each finding is a fault, or a warning where the caller goes on all the same:
// freezers are watched without a broker as well.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "config/fault.hpp"
#include "config/site_config.hpp"

namespace cryobank::service {

enum class OnFinding : std::uint8_t { refuse, warn };

// Where the file says a key, as "mqtt.ca_file".
using KeyLines = std::map<std::string, int, std::less<>>;

// Certificates and the password file of [mqtt], for the daemon and the gateway alike.
void look_at_broker(std::string_view file, const KeyLines& lines, const config::MqttConfig& mqtt,
                    OnFinding findings, config::Faults& faults);
// The folder that the gateway keeps its state in; made when it is not there.
void look_at_state_folder(std::string_view file, const KeyLines& lines, std::string_view key,
                          const std::string& path, OnFinding findings, config::Faults& faults);
void look_outside(std::string_view file, const config::SiteConfig& site, OnFinding findings,
                  config::Faults& faults);

}  // namespace cryobank::service
