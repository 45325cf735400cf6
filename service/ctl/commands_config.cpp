// config, profile: what administrators check before the daemon runs.
#include "base/text.hpp"
#include "config/profile_lint.hpp"
#include "devices/line/proof.hpp"
#include "service/config_files_io.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {

int report_faults(const Globals& globals, const config::Faults& faults, std::string_view what) {
  for (const config::Fault& fault : faults.items()) {
    if (!globals.json) continue;
    Json line = Json::object();
    line.set("file", fault.file).set("line", fault.line).set("text", fault.text);
    line.set("warning", fault.warning);
    print_json(line);
  }
  if (!globals.json) {
    service::print_faults(faults);
    if (faults.ok()) print_line(cat(what, " is good"));
  }
  return faults.ok() ? kDone : kRefused;
}

namespace {

int check_config(const Globals& globals, const std::string& file) {
  config::SiteConfig site;
  config::Faults faults;
  service::load_site(file, site, faults);
  return report_faults(globals, faults, file);
}

int check_profile(const Globals& globals, const std::string& file) {
  const auto text = service::read_config_file(file);
  if (!text) return refuse(text.error());
  config::DeviceProfile profile;
  config::Faults faults;
  if (config::parse_profile(file, *text, profile, faults)) config::lint_profile(profile, faults);
  if (faults.ok()) {
    for (const config::ProofFrame& proof : profile.proofs) {
      const Status proven = devices::prove(profile, proof);
      if (!proven) faults.add(file, proof.line, proven.error().context);
    }
  }
  return report_faults(globals, faults, file);
}

}  // namespace

void add_config(CLI::App& app, Globals& globals) {
  auto* config = app.add_subcommand("config", "the site file");
  config->require_subcommand(1);
  auto* check = config->add_subcommand("check", "every fault, with file and line");
  auto site = with_options(check);
  check->add_option("file", site->file, "site file")->required();
  on_chosen(check, globals, [&globals, site] { return check_config(globals, site->file); });

  auto* profile = app.add_subcommand("profile", "device profiles");
  profile->require_subcommand(1);
  auto* lint = profile->add_subcommand("check", "every fault of a profile, with its line");
  auto options = with_options(lint);
  lint->add_option("file", options->file, "profile file")->required();
  on_chosen(lint, globals, [&globals, options] { return check_profile(globals, options->file); });
}

}  // namespace cryobank::ctl
