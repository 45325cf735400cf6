// Broker configuration: the mosquitto files that prove who sends a command. One source, the site's
// staff list, so that the broker and the daemon cannot disagree. Pure text; for mosquitto 2.0
// (Debian 12 has 2.0.11) and 2.1, whose options differ where it says so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/site_config.hpp"

namespace cryobank::ctl {

struct BrokerTls {
  std::string ca_file;  // who signed the clients' certificates; needed with client_certificates
  std::string cert_file;
  std::string key_file;
  bool client_certificates = false;  // a certificate is the login; its common name the user
};

struct BrokerFiles {
  std::string directory;              // of acl and passwords, absolute, as the broker sees it
  std::string address = "127.0.0.1";  // to listen on; anything but loopback needs TLS
  std::uint16_t port = 1883;
  std::uint16_t ws_port = 0;                // websockets on the same address; 0: none
  std::uint16_t loopback_port = 0;          // one more listener, plain, on 127.0.0.1; 0: none
  std::string password_file = "passwords";  // name within the directory
  bool tls_on = false;
  BrokerTls tls;
  // For a folder of Debian's `include_dir /etc/mosquitto/conf.d`: what the distribution's own file
  // sets (persistence, its location, the log, the pid file) is left to it, since mosquitto refuses
  // a second persistence_location.
  bool drop_in = false;
  std::string http_dir;  // the staff's page for the websockets listener; empty: none
};

// Paths absolute, ports given and different, TLS whole, and no plain listener off loopback.
Status check_broker_files(const BrokerFiles& files);

// mosquitto.conf. Every non-default line says why.
std::string render_broker_config(const config::SiteConfig& site, const BrokerFiles& files);

// acl_file: a user may write commands only below its own name, and reads only its own replies.
std::string render_acl(const config::SiteConfig& site);

// The text under a first line that names the SHA-256 of what follows, so that a later run knows
// whether a person changed it.
std::string with_digest(std::string_view text);
// Was it made by with_digest() and not touched since?
bool is_untouched(std::string_view text);

}  // namespace cryobank::ctl
