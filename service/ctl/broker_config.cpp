#include "service/ctl/broker_config.hpp"

#include "base/text.hpp"

namespace cryobank::ctl {
namespace {

// What staff may read; replies are not among them, so that nobody reads another's.
constexpr std::string_view kReadable[] = {"service",  "device", "alarm",     "job",   "course",
                                          "worklist", "plan",   "container", "event", "journal"};

void append_reads(std::string& out, std::string_view root) {
  for (const std::string_view branch : kReadable) {
    out += cat("topic read ", root, branch, "/#\n");
  }
}

bool is_paged(const config::UserConfig& user) { return !user.channels.empty(); }

}  // namespace

std::string render_broker_config(const config::SiteConfig& site, const BrokerFiles& files) {
  std::string out = cat("# mosquitto 2.0 for the cryobank site ", site.site.str(),
                        ". Made by `cryobankctl broker config`; change the site file instead.\n");
  out += "per_listener_settings false\nallow_anonymous false\n";
  out += cat("acl_file ", files.directory, "/acl\n");
  out += cat("password_file ", files.directory, "/", files.password_file, "\n");
  out += "# Without it a burst of QoS 1 messages waits 40 ms on delayed acknowledgements.\n";
  out += "set_tcp_nodelay true\n";
  out += "# Above the default of 20, so that clients are not slowed; each keeps its own window.\n";
  out += "max_inflight_messages 1000\nmax_queued_messages 20000\n";
  out += "# Longer than the longest payload of docs/mqtt.md, so that the daemon can refuse it.\n";
  out += "message_size_limit 1048576\n";
  out += cat("# The broker is a cache: the daemon publishes everything again after each connect.\n",
             "persistence true\npersistence_location ", files.directory, "/\n",
             "autosave_interval 60\n");
  out += cat("log_dest stderr\nlog_type error\nlog_type warning\nlog_type notice\n");
  out += cat("\nlistener ", files.port, " 127.0.0.1\nprotocol mqtt\n");
  if (files.ws_port != 0)
    out += cat("\nlistener ", files.ws_port, " 127.0.0.1\nprotocol websockets\n");
  return out;
}

std::string render_acl(const config::SiteConfig& site) {
  const std::string root = cat("cryobank/v1/", site.site.str(), "/");
  std::string out = cat("# Who may do what at the broker of site ", site.site.str(),
                        ". The daemon checks the role of each command again.\n");
  out += cat("user ", site.mqtt.user, "\ntopic readwrite ", root, "#\n");
  out +=
      cat("\nuser pager\ntopic read ", root, "page/+\ntopic read ", root, "service/#\ntopic read ",
          root, "alarm/summary\ntopic write ", root, "page/+/receipt/+\n");
  for (const config::UserConfig& user : site.users) {
    out += cat("\nuser ", user.id.str(), "\n");
    append_reads(out, root);
    if (is_paged(user)) out += cat("topic read ", root, "page/+\n");
  }
  out += "\n# The user name in the topic is the proof of who sent it.\n";
  out += "pattern write cryobank/v1/+/command/%u/#\n";
  out += "pattern read cryobank/v1/+/reply/%u/#\n";
  out += "pattern write cryobank/v1/+/page/+/receipt/%u\n";
  return out;
}

}  // namespace cryobank::ctl
