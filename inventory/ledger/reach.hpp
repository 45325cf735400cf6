// Reach: the words by which a robot knows a position: unit, rack and the number of the container's
// first position; the others follow in fill order. They belong to where a container stands, not to
// the container: the configuration gives them to the home of each declared one, and whatever
// container of the same type stands there now is found by them. Nowhere else does a robot go.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

// Where a container stands, as robots care: by types and positions up to the freezer or station,
// which nobody moves. What stands without a position is known only where it was declared, and is
// nowhere (empty) once it was moved.
std::string standing_of(const Ledger::Tables& tables, const PlaceId& place);
std::string standing_of(const View& view, const PlaceId& place);
// Robots have words for where the container stands.
bool is_reached(const View& view, const PlaceId& place);
// This robot goes there: to its own port, station and gripper, and into what the configuration says
// that it `reaches`; to all that have words where it says nothing.
bool goes_to(const View& view, const config::DeviceConfig& robot, const PlaceId& place);
// Error unsupported, with what it reaches.
Status check_goes_to(const View& view, const config::DeviceConfig& robot, const PlaceId& place);

// The first frozen vial of the dose that stands where no robot finds it: people thaw such a dose by
// hand. Nothing for what is nowhere (UNKNOWN, not received, left).
std::optional<Aliquot> find_beyond_robots(const View& view, const Dose& dose);
// Those of the site that go to every vial of the dose which is still frozen, in the site's order.
std::vector<const config::DeviceConfig*> robots_to_fetch(const View& view, const Dose& dose);

// Error unsupported when no robot knows the place, too_large when its number leaves 16 bits.
Result<std::array<std::uint16_t, 3>> reach(const View& view, const Spot& spot);
// The other way; nothing when no place of the record has these words.
std::optional<Spot> spot_at_location(const View& view, const std::array<std::uint16_t, 3>& words);

}  // namespace cryobank::inventory
