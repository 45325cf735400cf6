// cryobank-pager: takes pages from MQTT to people, brings receipts and answers back, and pages
// MONITOR DEAD by itself when the daemon or the broker falls silent.
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.hpp"
#include "config/load.hpp"
#include "service/config_files_io.hpp"
#include "service/log_io.hpp"
#include "service/pager/gateway_io.hpp"
#include "service/program.hpp"
#include "service/site_outside_io.hpp"
#include "service/site_paths_io.hpp"

namespace {

using namespace cryobank;

int line_in(const pager::PagerConfig& config, std::string_view key) {
  const auto found = config.key_lines.find(key);
  return found == config.key_lines.end() ? 0 : found->second;
}

// A modem may be plugged in later, and a program installed: the gateway starts without them.
void look_at_channels(const std::string& file, const pager::PagerConfig& config, bool refuse,
                      config::Faults& faults) {
  for (const pager::ChannelSetup& channel : config.channels) {
    for (const pager::NeededFile& need : channel.driver->needs()) {
      if (need.path.empty() || ::access(need.path.c_str(), need.how) == 0) continue;
      std::string text = cat("channel \"", channel.id, "\" ", need.key, ": expected ",
                             need.how == X_OK   ? "a program that can be run"
                             : need.how == W_OK ? "a folder that can be written to"
                                                : "a file that can be read",
                             ", came ", need.path, ": ", std::strerror(errno));
      if (refuse) {
        faults.add(file, channel.line, std::move(text));
      } else {
        faults.warn(file, channel.line, std::move(text));
      }
    }
  }
}

// What the gateway writes is no file that it reads, and what it names is what it should be.
void look_around(const std::string& file, const pager::PagerConfig& config, bool check,
                 config::Faults& faults) {
  using Use = service::NamedPath::Use;
  const config::MqttConfig& mqtt = config.mqtt;
  service::expect_apart(
      file,
      {{"state_dir", config.state_dir, Use::fills, line_in(config, "state_dir")},
       {"[mqtt] password_file", mqtt.password_file, Use::reads,
        line_in(config, "mqtt.password_file")},
       {"[mqtt] ca_file", mqtt.ca_file, Use::reads, line_in(config, "mqtt.ca_file")},
       {"[mqtt] cert_file", mqtt.cert_file, Use::reads, line_in(config, "mqtt.cert_file")},
       {"[mqtt] key_file", mqtt.key_file, Use::reads, line_in(config, "mqtt.key_file")},
       {"this file", file, Use::reads, 0}},
      faults);
  const auto findings = check ? service::OnFinding::refuse : service::OnFinding::warn;
  look_at_channels(file, config, check, faults);
  service::look_at_state_folder(file, config.key_lines, "state_dir", config.state_dir, findings,
                                faults);
  service::look_at_broker(file, config.key_lines, mqtt, findings, faults);
}

bool load_pager(const std::string& file, pager::PagerConfig& config, config::Faults& faults) {
  const auto text = service::read_config_file(file);
  if (!text) {
    faults.add(file, 0, text.error().context);
    return false;
  }
  const bool parsed = pager::parse_pager_config(file, *text, config, faults);
  const Result<Zone> zone = config::read_zone(
      [](std::string_view path) { return service::read_config_file(std::string(path)); },
      config.time_zone);
  if (!zone) faults.add(file, line_in(config, "time_zone"), zone.error().context);
  if (zone) config.zone = *zone;
  return parsed && zone.ok();
}

int run(const std::string& file, bool check) {
  pager::PagerConfig config;
  config::Faults faults;
  if (load_pager(file, config, faults)) look_around(file, config, check, faults);
  service::print_faults(faults);
  if (!faults.ok()) return 1;
  if (check) return 0;
  pager::Gateway gateway(config);
  if (const Status opened = gateway.open(); !opened) {
    service::write_log(core::LogLevel::error, opened.error().context);
    return 1;
  }
  return gateway.run();
}

}  // namespace

int main(int argc, char** argv) {
  return service::run_program(argc, argv,
                              {"cryobank-pager: the pager gateway of the cryobank service",
                               CRYOBANK_VERSION, "see config/cryobank-pager.toml"},
                              run);
}
