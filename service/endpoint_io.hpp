// Endpoint: whether two hosts of a configuration are one machine, and whether a path is a serial
// port, as far as this computer can say without asking another or opening anything. A host is
// compared as an address only where it is one, or "localhost": names are asked of nobody here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cryobank::service {

// What a host stands for: addresses, or the name alone, in one spelling.
std::vector<std::string> addresses_of(const std::string& host);
bool same_host(const std::string& first, const std::string& second);

// Error invalid_value: there is a file, and it is no serial port and no terminal. Nothing there is
// no error; a port may be plugged in later.
Status expect_serial_port(const std::string& path);

}  // namespace cryobank::service
