// config, profile, user, broker: what administrators check and render before the daemon runs.
#include "base/text.hpp"
#include "config/profile_lint.hpp"
#include "devices/line/proof.hpp"
#include "service/config_files_io.hpp"
#include "service/ctl/broker_config.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

constexpr int kReadableByAll = 0644;

// Prints the faults (or one JSON line each) and tells whether none refuses.
int report(const Globals& globals, const config::Faults& faults, std::string_view what) {
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

int check_config(const Globals& globals, const std::string& file) {
  config::SiteConfig site;
  config::Faults faults;
  service::load_site(file, site, faults);
  return report(globals, faults, file);
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
  return report(globals, faults, file);
}

int list_users(const Globals& globals, const std::string& file) {
  config::SiteConfig site;
  config::Faults faults;
  if (!service::load_site(file, site, faults)) return report(globals, faults, file);
  Table table{{"user", "roles", "channels"}, {}};
  for (const config::UserConfig& user : site.users) {
    std::string roles;
    for (const std::string& role : user.roles) roles += cat(roles.empty() ? "" : " ", role);
    std::string channels;
    for (const ChannelId& channel : user.channels) {
      channels += cat(channels.empty() ? "" : " ", channel.str());
    }
    if (globals.json) {
      print_json(
          Json::object().set("user", user.id.str()).set("roles", roles).set("channels", channels));
    }
    table.rows.push_back({user.id.str(), roles, channels});
  }
  if (!globals.json) print_table(table);
  return kDone;
}

int render_broker(const Globals& globals, const std::string& file, const BrokerFiles& files) {
  config::SiteConfig site;
  config::Faults faults;
  if (!service::load_site(file, site, faults)) return report(globals, faults, file);
  const std::string conf = cat(files.directory, "/mosquitto.conf");
  const std::string acl = cat(files.directory, "/acl");
  for (const Status& status : {write_file(conf, render_broker_config(site, files), kReadableByAll),
                               write_file(acl, render_acl(site), kReadableByAll)}) {
    if (!status) return refuse(status.error());
  }
  print_line(cat("wrote ", conf, " and ", acl, "; make ", files.directory, "/", files.password_file,
                 " with mosquitto_passwd"));
  return kDone;
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

  auto* user = app.add_subcommand("user", "the staff list");
  user->require_subcommand(1);
  auto* list = user->add_subcommand("ls", "users, their roles and channels");
  auto staff = with_options(list);
  list->add_option("--config", staff->file, "site file")->required();
  on_chosen(list, globals, [&globals, staff] { return list_users(globals, staff->file); });

  add_user_secret(*user, globals);

  auto* broker = app.add_subcommand("broker", "the broker's files");
  broker->require_subcommand(1);
  auto* render = broker->add_subcommand("config", "mosquitto.conf and acl from the staff list");
  auto files = std::make_shared<BrokerFiles>();
  auto from = with_options(render);
  files->password_file = "passwords";
  render->add_option("--config", from->file, "site file")->required();
  render->add_option("--out", files->directory, "folder to write to")->required();
  render->add_option("--listen", files->port, "port on loopback");
  render->add_option("--ws", files->ws_port, "websockets port on loopback; 0: none");
  on_chosen(render, globals,
            [&globals, from, files] { return render_broker(globals, from->file, *files); });
}

}  // namespace cryobank::ctl
