// A command that root starts on a record that belongs to the service's user: it goes on as that
// user, so that every file it makes can be read and written by the daemon. Also takes everybody
// else's rights off what it makes (umask 0077).
#pragma once

#include <string>

#include "base/result.hpp"

namespace cryobank::service {

// By the owner of `path`, or of the nearest folder above it that is there. The name (or number) of
// the user it became; empty when nothing had to change. Errors: not_authorised.
Result<std::string> act_as_owner_of(const std::string& path);

}  // namespace cryobank::service
