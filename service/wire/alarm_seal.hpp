// The seal of a retained alarm: HMAC-SHA256 over what it says, with a key that only the daemon has.
// After a restart the broker may know an alarm that the record lost, since people are told before
// the disk; it is believed only with its seal, so that nobody who can write there makes the service
// page.
#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"

namespace cryobank::core {

// Adds the member "seal", over all others.
void seal_alarm(std::string_view key, Json& alarm);
// Whether the seal is that of what the alarm says; its time and schema do not count.
bool seal_holds(std::string_view key, const Json& alarm);

}  // namespace cryobank::core
