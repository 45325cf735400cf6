// Standing words: what people hear, in the reply of whatever act it was, when vials have come to
// stand somewhere: that no machine watches them there, and which courses came to lie in fewer
// freezers by it than the site asks for (`[allocation] freezers_min`; a single freezer takes them
// all with it). Looked at in what the act changed, so that no command can forget it.
#pragma once

#include "inventory/commands/ask.hpp"

namespace cryobank::inventory {

// For a sentence; empty: nothing to say. Puts "unwatched" (true) and "together" ([course, ...])
// into the reply. `now`: the time of the act's facts.
std::string standing_words(const Trial& trial, WallTime now, Json& reply);

// No freezer of the configuration is around it, and it keeps no cold of its own as a shipper does.
bool is_unwatched(const View& view, const PlaceId& place);
// The outermost place around it that holds no machine: the tank and not its room. REQUIRES:
// is_unwatched.
PlaceId unwatched_tank(const View& view, const PlaceId& place);
// The course lies in fewer freezers than the site asks for since what was moved at this time.
bool came_together(const View& view, const Course& course, WallTime at);

}  // namespace cryobank::inventory
