// Certificates and keys of TLS as files: whether they are what their keys of the configuration say,
// before a connection needs them. Errors: io, invalid_value, not_authorised (a private key that
// others can read).
#pragma once

#include <string>

#include "base/result.hpp"

namespace cryobank::service {

// A file that can be read; no folder.
Status expect_readable_file(const std::string& path);
// One certificate or more, in PEM.
Status expect_certificate(const std::string& path);
// A private key in PEM, without a passphrase, for nobody can give one when the daemon starts.
Status expect_private_key(const std::string& path);
// The key is that of the first certificate. REQUIRES: both are what they should be.
Status expect_pair(const std::string& certificate, const std::string& key);

}  // namespace cryobank::service
