#include "service/endpoint_io.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>

#include "base/text.hpp"

// glibc's, in the way of members of these names in files that are compiled with this one.
#undef major
#undef minor

namespace cryobank::service {
namespace {

constexpr std::string_view kLoopback = "127.0.0.1";
constexpr std::string_view kLoopback6 = "::1";

std::string text_of_address(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address->sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    // Connecting to "any" is connecting to this computer.
    if (v4.sin_addr.s_addr == INADDR_ANY) return std::string(kLoopback);
    return ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text) == nullptr ? "" : text;
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, address, sizeof v6);
  if (IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr)) return std::string(kLoopback6);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    return ::inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text, sizeof text) == nullptr ? ""
                                                                                         : text;
  }
  return ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text) == nullptr ? "" : text;
}

std::string without_brackets(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host.size() > 1 && host.back() == '.') host.remove_suffix(1);
  return lower_ascii(host);
}

// One line of /proc/tty/drivers: "serial /dev/ttyS 4 64-111 serial".
bool is_of_driver(const std::string& line, unsigned major_number, unsigned minor_number) {
  std::istringstream words(line);
  std::string driver;
  std::string node;
  unsigned number = 0;
  std::string minors;
  std::string type;
  if (!(words >> driver >> node >> number >> minors >> type)) return false;
  if (number != major_number || (type != "serial" && type != "pty:slave")) return false;
  const std::size_t dash = minors.find('-');
  const auto low = parse_integer(minors.substr(0, dash));
  const auto high = dash == std::string::npos ? low : parse_integer(minors.substr(dash + 1));
  return low && high && minor_number >= *low && minor_number <= *high;
}

}  // namespace

std::vector<std::string> addresses_of(const std::string& host) {
  const std::string name = without_brackets(host);
  if (name == "localhost") return {std::string(kLoopback), std::string(kLoopback6)};
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;  // never a look-up
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0 || found == nullptr) return {name};
  std::string address = text_of_address(found->ai_addr);
  ::freeaddrinfo(found);
  return {address.empty() ? name : std::move(address)};
}

bool same_host(const std::string& first, const std::string& second) {
  const std::vector<std::string> a = addresses_of(first);
  const std::vector<std::string> b = addresses_of(second);
  return std::ranges::find_first_of(a, b) != a.end();
}

Status expect_serial_port(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return {};
  const Error none = make_error(ErrorCode::invalid_value,
                                cat("expected a serial port, came ", path, ", which is none"));
  if (!S_ISCHR(about.st_mode)) return none;
  // Not by opening it: that would raise the lines of a port which the daemon may have open.
  std::ifstream drivers("/proc/tty/drivers");
  if (!drivers) return {};
  for (std::string line; std::getline(drivers, line);) {
    if (is_of_driver(line, gnu_dev_major(about.st_rdev), gnu_dev_minor(about.st_rdev))) return {};
  }
  return none;
}

}  // namespace cryobank::service
