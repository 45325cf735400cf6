// Metrics: what Prometheus scrapes, and what a probe asks, as text. Names follow the conventions of
// Prometheus (prefix, base unit, _total, _info, _timestamp_seconds). Labels are things of the site
// file only, never aliquots, courses or people, so that their number is bounded. Only what is known
// is shown: a reading that is not good has no line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/service_state.hpp"
#include "service/core/bank.hpp"
#include "service/wire/effect.hpp"

namespace cryobank::core {

inline constexpr std::string_view kVersion = "0.1.0";

struct ServiceFacts {
  ServiceState state = ServiceState::starting;
  bool broker = false;
  bool store = false;
  std::uint64_t beats = 0;
  std::uint64_t sequence = 0;  // of the journal
};

// For the HTTP server; `now` is the time of the beat it goes with.
Expose expose(const Bank& bank, const ServiceFacts& facts, const Now& now);

}  // namespace cryobank::core
