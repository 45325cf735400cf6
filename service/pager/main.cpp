// cryobank-pager: takes pages from MQTT to people, brings receipts and answers back, and pages
// MONITOR DEAD by itself when the daemon or the broker falls silent.

#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "base/text.hpp"
#include "config/load.hpp"
#include "service/config_files_io.hpp"
#include "service/log_io.hpp"
#include "service/pager/gateway_io.hpp"

namespace {

using namespace cryobank;

// What the file names on this computer.
void look_outside(std::string_view file, const config::MqttConfig& mqtt, config::Faults& faults) {
  if (const auto password = service::read_password(mqtt.password_file); !password) {
    faults.add(file, 0, cat("[mqtt] password_file: ", password.error().context));
  }
  for (const std::string* path : {&mqtt.ca_file, &mqtt.cert_file, &mqtt.key_file}) {
    if (path->empty() || ::access(path->c_str(), R_OK) == 0) continue;
    faults.add(file, 0, cat("[mqtt]: expected a file that can be read, came ", *path));
  }
}

int run(const std::string& file, bool check) {
  pager::PagerConfig config;
  config::Faults faults;
  const auto text = service::read_config_file(file);
  if (!text) {
    faults.add(file, 0, text.error().context);
  } else {
    const bool parsed = pager::parse_pager_config(file, *text, config, faults);
    const Result<Zone> zone = config::read_zone(
        [](std::string_view path) { return service::read_config_file(std::string(path)); },
        config.time_zone);
    if (!zone) faults.add(file, 0, zone.error().context);
    if (zone) config.zone = *zone;
    if (parsed && check) look_outside(file, config.mqtt, faults);
  }
  service::print_faults(faults);
  if (!faults.ok()) return 1;
  if (check) return 0;
  const auto password = service::read_password(config.mqtt.password_file);
  if (!password) {
    service::write_log(core::LogLevel::error, password.error().context);
    return 1;
  }
  pager::Gateway gateway(config);
  if (const Status opened = gateway.open(); !opened) {
    service::write_log(core::LogLevel::error, opened.error().context);
    return 1;
  }
  return gateway.run();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("cryobank-pager: the pager gateway of the cryobank service");
  app.set_version_flag("--version", CRYOBANK_VERSION);
  std::string config;
  bool check = false;
  app.add_option("--config", config, "cryobank-pager.toml")->required();
  app.add_flag("--check-config", check, "print every fault with file and line, and stop");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  signal(SIGPIPE, SIG_IGN);
  // Queue and codes are the gateway's own.
  umask(0077);
  return run(config, check);
}
