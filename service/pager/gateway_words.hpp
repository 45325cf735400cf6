// What a gateway says of itself to the daemon, as JSON (docs/pager.md, section 4). `run` names one
// run of one program: two that alternate under one login are two gateways.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/time.hpp"
#include "service/pager/pager_config.hpp"

namespace cryobank::pager {

struct Failing {
  std::string tried;   // why the newest page was not taken; empty: it was
  std::string probed;  // why the carrier is not there; empty: it is
};

// gateway/{login}/state. `state`: online, offline.
Json gateway_state(const PagerConfig& config, std::string_view run, std::string_view state,
                   bool durable, const std::map<std::string, Failing>& failing);
// What the broker says for a gateway that died.
Json gateway_will(const PagerConfig& config, std::string_view run);
// gateway/{login}/beat.
Json gateway_beat(std::string_view run, std::uint64_t number, std::int64_t waiting, WallTime at);

}  // namespace cryobank::pager
