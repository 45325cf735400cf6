// broker: mosquitto's files, made from the staff list. A file that a person changed is never
// overwritten in silence: the new text lies beside it, and the exit code says so.
#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "base/try.hpp"
#include "service/config_files_io.hpp"
#include "service/ctl/broker_config.hpp"
#include "service/ctl/broker_password_io.hpp"
#include "service/ctl/command_line.hpp"
#include "service/ctl/print_io.hpp"

namespace cryobank::ctl {
namespace {

namespace fs = std::filesystem;

struct BrokerOptions {
  std::string site_file;
  std::string out;     // folder of mosquitto.conf, or of cryobank.conf with --drop-in
  std::string listen;  // PORT, ADDRESS:PORT or [ADDRESS]:PORT
  bool replace = false;
  BrokerFiles files;
};

Status read_listen(BrokerOptions& options) {
  if (options.listen.empty()) return {};
  std::string_view text = options.listen;
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    std::string_view address = text.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']')) {
      address = address.substr(1, address.size() - 2);
    }
    if (address.empty()) {
      return make_error(ErrorCode::invalid_value,
                        cat("expected --listen PORT or ADDRESS:PORT, came \"", text, "\""));
    }
    options.files.address = std::string(address);
    text = text.substr(colon + 1);
  }
  const auto port = parse_integer(text);
  if (!port || *port < 1 || *port > 65'535) {
    return make_error(
        ErrorCode::invalid_value,
        cat("expected a port from 1 to 65535 in --listen, came \"", options.listen, "\""));
  }
  options.files.port = static_cast<std::uint16_t>(*port);
  return {};
}

void tell_logins(const config::SiteConfig& site, const std::string& passwords) {
  const auto known = logins_of(passwords);
  if (!known) return tell(known.error().context);
  std::vector<std::string> missing;
  std::vector<std::string> needed = {site.mqtt.user};
  for (const config::GatewayConfig& gateway : site.gateways) needed.push_back(gateway.user.str());
  for (const config::UserConfig& user : site.users) needed.push_back(user.id.str());
  for (const std::string& login : needed) {
    if (std::find(known->begin(), known->end(), login) == known->end()) missing.push_back(login);
  }
  if (missing.empty()) return;
  std::string names;
  for (const std::string& login : missing) names += " " + login;
  tell(cat("no password in ", passwords, " yet for:", names,
           ". Give each one: ", "cryobankctl user passwd LOGIN --passwords ", passwords));
}

int render_broker(const Globals& globals, BrokerOptions options) {
  if (const Status listen = read_listen(options); !listen) return refuse(listen.error());
  std::error_code failed;
  options.out = fs::absolute(options.out, failed).lexically_normal().string();
  if (options.files.directory.empty()) options.files.directory = options.out;
  if (const Status good = check_broker_files(options.files); !good) return refuse(good.error());
  config::SiteConfig site;
  config::Faults faults;
  if (!service::load_site(options.site_file, site, faults)) {
    return report_faults(globals, faults, options.site_file);
  }
  for (const std::string& folder : {options.out, options.files.directory}) {
    fs::create_directories(folder, failed);
    if (failed) {
      return refuse(make_error(ErrorCode::io, cat("cannot make ", folder, ": ", failed.message())));
    }
  }
  const std::string name = options.files.drop_in ? "/cryobank.conf" : "/mosquitto.conf";
  const auto conf =
      put_rendered(options.out + name, render_broker_config(site, options.files), options.replace);
  if (!conf) return refuse(conf.error());
  const auto acl =
      put_rendered(options.files.directory + "/acl", render_acl(site), options.replace);
  if (!acl) return refuse(acl.error());
  if (!options.files.tls.client_certificates) {
    tell_logins(site, cat(options.files.directory, "/", options.files.password_file));
  }
  return *conf && *acl ? kDone : kRefused;
}

}  // namespace

void add_broker(CLI::App& app, Globals& globals) {
  auto* broker = app.add_subcommand("broker", "the broker's files");
  broker->require_subcommand(1);
  auto* render = broker->add_subcommand(
      "config", "mosquitto's configuration and access list, from the staff list");
  auto options = std::make_shared<BrokerOptions>();
  BrokerFiles& files = options->files;
  render->add_option("--config", options->site_file, "site file")->required();
  render->add_option("--out", options->out, "folder to write the configuration to")->required();
  render->add_option("--files", files.directory,
                     "folder of the access list and the passwords; --out when not given");
  render->add_option("--listen", options->listen,
                     "PORT on loopback (1883), or ADDRESS:PORT with --tls");
  render->add_option("--ws", files.ws_port, "websockets port on the same address; 0: none");
  render->add_option("--loopback", files.loopback_port,
                     "one more port without TLS, on loopback only, for programs of this machine");
  auto* tls = render->add_flag("--tls", files.tls_on, "TLS 1.2 or newer on the listeners");
  render->add_option("--cert", files.tls.cert_file, "the broker's certificate")->needs(tls);
  render->add_option("--key", files.tls.key_file, "its private key")->needs(tls);
  render->add_option("--ca", files.tls.ca_file, "who signs the clients' certificates")->needs(tls);
  render
      ->add_flag("--client-certificates", files.tls.client_certificates,
                 "a client's certificate is its login, the common name its user")
      ->needs(tls);
  render->add_flag("--drop-in", files.drop_in,
                   "cryobank.conf for Debian's /etc/mosquitto/conf.d, beside its own file");
  render->add_option("--http-dir", files.http_dir,
                     "serve the staff's page from this folder on the websockets port");
  render->add_flag("--replace", options->replace, "overwrite files that a person changed");
  on_chosen(render, globals, [&globals, options] { return render_broker(globals, *options); });
}

}  // namespace cryobank::ctl
