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

}  // namespace cryobank::service
