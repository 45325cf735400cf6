// Configuration of the pager gateway: config/cryobank-pager.toml is the commented example. The keys
// of a channel beyond the common ones belong to its kind, which reads them itself.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "base/zone.hpp"
#include "config/fault.hpp"
#include "config/site_config.hpp"
#include "service/pager/driver.hpp"

namespace cryobank::pager {

inline constexpr std::size_t kChannelsMax = 100;

struct ChannelSetup {
  std::string id;
  std::string kind;
  int tier = 1;                   // of MONITOR DEAD
  Duration within = seconds(20);  // 1 s to 5 min: longest that one page may take its channel
  std::shared_ptr<Driver> driver;
  int line = 0;  // of its [[channel]]
};

struct PagerConfig {
  std::string site;
  config::MqttConfig mqtt;
  std::string state_dir = "/var/lib/cryobank-pager";
  Duration silence = seconds(60);  // 10 s to 1 h without a beat: MONITOR DEAD
  Duration repeat = minutes(3);    // 10 s to 1 h
  Duration tier_after = minutes(5);
  Duration unpaged = minutes(5);
  std::string time_zone = "UTC";  // of the times in its own texts
  Zone zone;                      // filled by whoever reads the system's data (main.cpp)
  std::vector<ChannelSetup> channels;
  std::map<std::string, int, std::less<>> key_lines;  // "time_zone", "mqtt.ca_file"
};

// Every fault at once, with file and line.
bool parse_pager_config(std::string_view file, std::string_view text, PagerConfig& config,
                        config::Faults& faults);

}  // namespace cryobank::pager
