// Why a host cannot be reached, in words: looked at only after a connection failed, so that a
// person reads "nobody listens there" instead of "does not answer". Takes at most kReachBound,
// apart from the resolver's own time-out.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "service/wire/input.hpp"

namespace cryobank::service {

inline constexpr std::chrono::milliseconds kReachBound{2000};

struct Reach {
  core::LinkTrouble trouble = core::LinkTrouble::none;  // none: a TCP connection stands
  std::string why;
};

Reach look_why_unreachable(const std::string& host, std::uint16_t port);

// Why TLS does not come about with who listens there: the CA file, an issuer it does not have, a
// certificate for another name or day, or no TLS at all. none: a handshake succeeds, so the
// trouble lies elsewhere. `ca_file` is PEM; empty is not allowed.
Reach look_why_no_tls(const std::string& host, std::uint16_t port, const std::string& ca_file);

}  // namespace cryobank::service
