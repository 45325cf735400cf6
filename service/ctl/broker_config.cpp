#include "service/ctl/broker_config.hpp"

#include <set>
#include <utility>

#include "base/checksum.hpp"
#include "base/text.hpp"

namespace cryobank::ctl {
namespace {

// What staff may read; replies are not among them, so that nobody reads another's.
constexpr std::string_view kReadable[] = {"service",   "device",  "alarm",    "job",
                                          "course",    "gateway", "worklist", "plan",
                                          "container", "event",   "journal"};

void append_reads(std::string& out, std::string_view root) {
  for (const std::string_view branch : kReadable) {
    out += cat("topic read ", root, branch, "/#\n");
  }
}

bool is_paged(const config::UserConfig& user) { return !user.channels.empty(); }

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

void append_listener(std::string& out, const BrokerFiles& files, std::uint16_t port,
                     std::string_view protocol) {
  out += cat("\nlistener ", port, " ", files.address, "\nprotocol ", protocol, "\n");
  if (!files.tls_on) return;
  const BrokerTls& tls = files.tls;
  out +=
      cat("# The lowest that is let in; 1.3 is used where both sides can.\ntls_version tlsv1.2\n",
          "certfile ", tls.cert_file, "\nkeyfile ", tls.key_file, "\n");
  if (!tls.ca_file.empty()) out += cat("cafile ", tls.ca_file, "\n");
  if (!tls.client_certificates) return;
  out += "# The common name of the certificate is the user, and proves it.\n";
  out += "require_certificate true\nuse_identity_as_username true\n";
}

constexpr std::string_view kMadeBy = "# Made by `cryobankctl broker config`, sha256 ";

}  // namespace

Status check_broker_files(const BrokerFiles& files) {
  const std::pair<std::string_view, const std::string*> paths[] = {
      {"--out or --files", &files.directory},
      {"--ca", &files.tls.ca_file},
      {"--cert", &files.tls.cert_file},
      {"--key", &files.tls.key_file},
      {"--http-dir", &files.http_dir}};
  for (const auto& [option, path] : paths) {
    if (path->empty() || path->starts_with('/')) continue;
    return make_error(ErrorCode::invalid_value,
                      cat("expected ", option, " as an absolute path, came \"", *path,
                          "\": the broker starts elsewhere"));
  }
  if (files.tls_on && (files.tls.cert_file.empty() || files.tls.key_file.empty())) {
    return make_error(ErrorCode::malformed, "expected --cert and --key with --tls");
  }
  if (files.tls.client_certificates && (!files.tls_on || files.tls.ca_file.empty())) {
    return make_error(ErrorCode::malformed,
                      "expected --tls and --ca with --client-certificates: who signs them");
  }
  if (!files.tls_on && !is_loopback(files.address)) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected --tls for a listener on ", files.address,
                          ": without it passwords cross the network readable"));
  }
  const std::set<std::uint16_t> ports = {files.port, files.ws_port, files.loopback_port};
  const std::size_t used =
      1U + (files.ws_port != 0 ? 1U : 0U) + (files.loopback_port != 0 ? 1U : 0U);
  const bool none = files.ws_port == 0 || files.loopback_port == 0;
  if (files.port == 0 || ports.size() - (none ? 1U : 0U) != used) {
    return make_error(ErrorCode::invalid_value, "expected ports from 1 on, each used once");
  }
  return {};
}

std::string render_broker_config(const config::SiteConfig& site, const BrokerFiles& files) {
  std::string out = cat("# The broker of the cryobank site ", site.site.str(),
                        ", for mosquitto 2.0 and 2.1. Change the site file and render it anew.\n");
  if (!files.drop_in) out += "per_listener_settings false\n";
  out += "allow_anonymous false\n";
  out += cat("acl_file ", files.directory, "/acl\n");
  if (!files.tls.client_certificates || files.loopback_port != 0) {
    out += cat("password_file ", files.directory, "/", files.password_file, "\n");
  }
  out += "# Without it a burst of QoS 1 messages waits 40 ms on delayed acknowledgements.\n";
  out += "set_tcp_nodelay true\n";
  out += "# Above the default of 20, so that clients are not slowed; each keeps its own window.\n";
  out += "max_inflight_messages 1000\nmax_queued_messages 20000\n";
  out += "# Longer than the longest payload of docs/mqtt.md, so that the daemon can refuse it.\n";
  out += "message_size_limit 1048576\n";
  if (!files.drop_in) {
    out +=
        cat("# The broker is a cache: the daemon publishes everything again after each connect.\n",
            "persistence true\npersistence_location ", files.directory, "/\n",
            "autosave_interval 60\n");
    out += "log_dest stderr\nlog_type error\nlog_type warning\nlog_type notice\n";
  }
  append_listener(out, files, files.port, "mqtt");
  if (files.ws_port != 0) {
    append_listener(out, files, files.ws_port, "websockets");
    if (!files.http_dir.empty()) {
      out += cat("# 2.0 sends neither a content type nor a policy: for a loopback trial only.\n",
                 "http_dir ", files.http_dir, "\n");
    }
  }
  if (files.loopback_port != 0) {
    out += cat("\n# For programs on this machine.\nlistener ", files.loopback_port,
               " 127.0.0.1\nprotocol mqtt\n");
  }
  return out;
}

std::string render_acl(const config::SiteConfig& site) {
  const std::string root = cat("cryobank/v1/", site.site.str(), "/");
  std::string out = cat("# Who may do what at the broker of site ", site.site.str(),
                        ". The daemon checks the role of each command again.\n");
  out += cat("user ", site.mqtt.user, "\ntopic readwrite ", root, "#\n");
  for (const config::GatewayConfig& gateway : site.gateways) {
    out += cat("\nuser ", gateway.user.str(), "\ntopic read ", root, "service/#\ntopic read ", root,
               "alarm/summary\n");
    if (gateway.channels.empty()) out += cat("topic read ", root, "page/+\n");
    for (const ChannelId& channel : gateway.channels) {
      out += cat("topic read ", root, "page/", channel.str(), "\n");
    }
  }
  for (const config::UserConfig& user : site.users) {
    out += cat("\nuser ", user.id.str(), "\n");
    append_reads(out, root);
    if (is_paged(user)) out += cat("topic read ", root, "page/+\n");
  }
  out += "\n# The user name in the topic is the proof of who sent it.\n";
  out += "pattern write cryobank/v1/+/command/%u/#\n";
  out += "pattern read cryobank/v1/+/reply/%u/#\n";
  out += "pattern write cryobank/v1/+/page/+/receipt/%u\n";
  out += "pattern write cryobank/v1/+/gateway/%u/+\n";
  return out;
}

std::string with_digest(std::string_view text) {
  return cat(kMadeBy, to_hex(sha256(text)), "\n", text);
}

bool is_untouched(std::string_view text) {
  if (!text.starts_with(kMadeBy)) return false;
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return false;
  const std::string_view rest = text.substr(end + 1);
  return text.substr(kMadeBy.size(), end - kMadeBy.size()) == to_hex(sha256(rest));
}

}  // namespace cryobank::ctl
