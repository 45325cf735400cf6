// HTTP server: the staff's page, /page.json (where the broker's websockets are), /metrics in the
// text form of Prometheus, /livez and /readyz, calendars at secret addresses, over HTTP/1.1 on
// 127.0.0.1 only; TLS and other machines are a reverse proxy's work (docs/dashboard.md). It has a
// thread of its own and shows what the core last handed over; it never asks the core, takes no
// command and writes no address down. The page is read
// once, at start, with the hashes of its scripts for the content security policy. Errors of
// start(): io, invalid_value.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "config/site_config.hpp"
#include "service/wire/effect.hpp"

namespace cryobank::service {

// One page of the staff is some 500 kB; a larger file is not the page.
inline constexpr std::size_t kPageBytesMax = 4u << 20;
// Connections at once: every workstation of a site behind a proxy, and a scraper.
inline constexpr int kHttpConnectionsMax = 256;
// A request is a line and a few headers.
inline constexpr std::size_t kHttpHeaderMax = 16'384;
inline constexpr Duration kHttpIdle = seconds(30);
// The core shows itself every 5 s; without it for three times so long the service is not live.
inline constexpr Duration kShownMax = seconds(15);

class HttpServer {
 public:
  HttpServer();
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Nothing happens when the site wants no port.
  Status start(const config::SiteConfig& site);
  void show(core::Expose expose);  // from any thread, as the next
  void show(core::ShowFeeds feeds);
  void stop();

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace cryobank::service
