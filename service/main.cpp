// cryobankd: the daemon of the cryobank service.

#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <string>

#include "service/config_files_io.hpp"
#include "service/site_outside_io.hpp"
#include "service/wiring_io.hpp"

namespace {

int check_config(const std::string& file) {
  cryobank::config::SiteConfig site;
  cryobank::config::Faults faults;
  if (cryobank::service::load_site(file, site, faults)) {
    cryobank::service::look_outside(file, site, cryobank::service::Findings::refuse, faults);
  }
  cryobank::service::print_faults(faults);
  return faults.ok() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("cryobankd: the daemon of the cryobank service");
  app.set_version_flag("--version", CRYOBANK_VERSION);
  std::string config;
  bool check = false;
  app.add_option("--config", config, "site file, see config/cryobankd.toml")->required();
  app.add_flag("--check-config", check, "print every fault with file and line, and stop");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  signal(SIGPIPE, SIG_IGN);
  // Whatever is written is the service's own: the record names patients' courses.
  umask(0077);
  return check ? check_config(config) : cryobank::service::run_daemon(config);
}
