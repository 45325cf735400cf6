// cryobankd: the daemon of the cryobank service.
#include "service/config_files_io.hpp"
#include "service/program.hpp"
#include "service/site_outside_io.hpp"
#include "service/wiring_io.hpp"

namespace {

int check_config(const std::string& file) {
  cryobank::config::SiteConfig site;
  cryobank::config::Faults faults;
  if (cryobank::service::load_site(file, site, faults)) {
    cryobank::service::look_outside(file, site, cryobank::service::OnFinding::refuse, faults);
  }
  cryobank::service::print_faults(faults);
  return faults.ok() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  return cryobank::service::run_program(argc, argv,
                                        {"cryobankd: the daemon of the cryobank service",
                                         CRYOBANK_VERSION, "site file, see config/cryobankd.toml"},
                                        [](const std::string& file, bool check) {
                                          return check ? check_config(file)
                                                       : cryobank::service::run_daemon(file);
                                        });
}
