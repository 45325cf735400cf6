// Broker configuration: the mosquitto files that prove who sends a command. One source, the site's
// staff list, so that the broker and the daemon cannot disagree. Pure text.
#pragma once

#include <cstdint>
#include <string>

#include "config/site_config.hpp"

namespace cryobank::ctl {

struct BrokerFiles {
  std::string directory;      // where the files will lie, as the broker sees it
  std::uint16_t port = 1883;  // plain listener, loopback only
  std::uint16_t ws_port = 0;  // websockets on loopback; 0: none
  std::string password_file;  // name within the directory
};

// mosquitto.conf for mosquitto 2.0 (Debian 12). Every non-default line says why.
std::string render_broker_config(const config::SiteConfig& site, const BrokerFiles& files);

// acl_file: a user may write commands only below its own name, and reads only its own replies.
std::string render_acl(const config::SiteConfig& site);

}  // namespace cryobank::ctl
