// config, profile: what administrators check before the daemon runs.
#include <algorithm>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "config/checks/profile_lint.hpp"
#include "config/toml_document.hpp"
#include "devices/line/proof.hpp"
#include "service/config_files_io.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/print_io.hpp"
#include "service/site_outside_io.hpp"

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

// A word of a gateway's file, and where it stands.
struct Said {
  std::string text;
  int line = 0;
};

// Its login must be one that the site knows, else nothing that it says is believed.
void compare_login(const std::string& path, const config::TomlNode& document,
                   const config::SiteConfig& site, config::Faults& faults) {
  const config::TomlNode* mqtt = document.find("mqtt");
  const config::TomlNode* user = mqtt == nullptr ? nullptr : mqtt->find("user");
  const std::string login = user == nullptr ? std::string("pager") : user->text;
  std::string known;
  for (const config::GatewayConfig& gateway : site.gateways) {
    if (gateway.user.str() == login) return;
    known += cat(known.empty() ? "" : ", ", gateway.user.str());
  }
  faults.add(path, user == nullptr ? 0 : user->line,
             cat("[mqtt] user: expected a [[gateway]] of the site (", known, "), came \"",
                 clip(login, 64), "\""));
}

// Site and channels of a gateway's file; what its kinds of channel need is the gateway's to check.
std::optional<std::vector<Said>> read_gateway(const std::string& path,
                                              const config::SiteConfig& site,
                                              config::Faults& faults) {
  const auto text = service::read_config_file(path);
  if (!text) {
    faults.add(path, 0, text.error().context);
    return std::nullopt;
  }
  const auto document = config::parse_toml(path, *text, faults);
  if (!document) return std::nullopt;
  const config::TomlNode* own = document->find("site");
  if (own == nullptr || own->text != site.site.str()) {
    faults.add(path, own == nullptr ? 0 : own->line,
               cat("expected site \"", site.site.str(), "\", came ",
                   own == nullptr ? std::string("none") : config::describe(*own)));
  }
  compare_login(path, *document, site, faults);
  std::vector<Said> channels;
  const config::TomlNode* list = document->find("channel");
  if (list == nullptr) return channels;
  for (const config::TomlNode& channel : list->items) {
    const config::TomlNode* id = channel.find("id");
    if (id != nullptr) channels.push_back({id->text, id->line});
  }
  return channels;
}

// A gateway of another site hears no beat of this one, and a channel that no gateway serves pages
// nobody.
void compare_gateways(const std::string& file, const config::SiteConfig& site,
                      const std::vector<std::string>& gateways, config::Faults& faults) {
  std::set<std::string> served;
  for (const std::string& path : gateways) {
    const auto channels = read_gateway(path, site, faults);
    if (!channels) continue;
    for (const auto& [channel, line] : *channels) {
      served.insert(channel);
      const bool known = std::ranges::any_of(
          site.channels,
          [&id = channel](const config::ChannelConfig& one) { return one.id.str() == id; });
      if (known) continue;
      faults.add(path, line, cat("expected channels of ", file, ", came \"", channel, "\""));
    }
  }
  for (const config::ChannelConfig& channel : site.channels) {
    if (gateways.empty() || served.contains(channel.id.str())) continue;
    faults.add(channel.file, channel.line,
               cat("channel \"", channel.id.str(), "\": no gateway of those named serves it"));
  }
}

int check_config(const Globals& globals, const std::string& file,
                 const std::vector<std::string>& gateways) {
  config::SiteConfig site;
  config::Faults faults;
  if (service::load_site(file, site, faults)) {
    service::look_outside(file, site, service::OnFinding::warn, faults);
    compare_gateways(file, site, gateways, faults);
  }
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
  auto gateways = std::make_shared<std::vector<std::string>>();
  check->add_option("--pager", *gateways, "file of a pager gateway of this site, to compare with");
  on_chosen(check, globals,
            [&globals, site, gateways] { return check_config(globals, site->file, *gateways); });

  auto* profile = app.add_subcommand("profile", "device profiles");
  profile->require_subcommand(1);
  auto* lint = profile->add_subcommand("check", "every fault of a profile, with its line");
  auto options = with_options(lint);
  lint->add_option("file", options->file, "profile file")->required();
  on_chosen(lint, globals, [&globals, options] { return check_profile(globals, options->file); });
}

}  // namespace cryobank::ctl
