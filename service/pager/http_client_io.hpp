// HTTP client: one request of a channel, by libcurl. TLS 1.2 or newer, the server's certificate
// proven against the system's authorities or one of the house; answers in chunks or whole; a proxy
// only where one is named, never that of the environment; no redirect, no second try. It ends by
// `until` and never throws.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/pager/driver.hpp"

namespace cryobank::pager {

// Where requests go, and the way there.
struct HttpRoute {
  std::string url;      // http:// or https://
  std::string ca_file;  // PEM; empty: the system's authorities
  std::string proxy;    // http://host:port; empty: none
};

struct HttpAnswer {
  int status = 0;
  std::string body;  // at most kAnswerBytesMax (dialog_io.hpp)
};

// Reads url, ca_file and proxy of a channel; what `route` has already is the default.
void read_route(config::TableReader& reader, HttpRoute& route, config::Need url);

// `headers`: "Name: value". Empty: `why`. An answer that was cut off is none.
std::optional<HttpAnswer> http_request(const HttpRoute& route, std::string_view method,
                                       const std::vector<std::string>& headers,
                                       std::string_view body, Until until, std::string& why);
// Connects, and shakes hands where it is TLS. Empty: the way is open; else why it is not.
std::string http_probe(const HttpRoute& route, Until until);

std::string url_encoded(std::string_view text);

}  // namespace cryobank::pager
