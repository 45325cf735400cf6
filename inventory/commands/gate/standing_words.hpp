// Standing words: what people hear in the reply when a container with vials has come to stand
// somewhere: that no machine watches it there, and which courses lie in fewer freezers now than the
// site asks for (`[allocation] freezers_min`; a single freezer takes them all with it).
#pragma once

#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

// For a sentence; empty: nothing to say. Puts "unwatched" (true) and "together" ([course, ...])
// into the reply.
std::string standing_words(const View& view, const PlaceId& container, Json& reply);
// No freezer of the configuration is around it, and it keeps no cold of its own as a shipper does.
bool is_unwatched(const View& view, const PlaceId& place);

}  // namespace cryobank::inventory
