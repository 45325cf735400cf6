// Time zones as the system's data tell them: what an IANA zone's rule is from now on. Reads the
// last line of a TZif file (RFC 8536, section 3.3: a POSIX TZ string), and of it the offsets alone.
// Pure; the file is read by whoever calls. Errors: malformed, with what was expected.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cryobank::config {

// Minutes east of UTC.
struct ZoneOffsets {
  int standard = 0;
  std::optional<int> daylight;  // a zone that changes its clocks
};

// Where Debian's tzdata keeps a zone. Empty for a name that no zone can have.
std::string zone_path(std::string_view zone);
Result<ZoneOffsets> parse_zone(std::string_view tzif);
// The rule alone: "CET-1CEST,M3.5.0,M10.5.0/3", "<+09>-9".
Result<ZoneOffsets> parse_zone_rule(std::string_view rule);

}  // namespace cryobank::config
