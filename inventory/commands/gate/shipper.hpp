// Shipper: a box in which vials travel. It is known by the type of its place; one journey at a time
// has it; while it is on its way nothing comes into it, and when it leaves all that lies in it is
// on its manifest. OUTSIDE stands for the boxes of all carriers, and is free of the last three.
#pragma once

#include <string_view>

#include "inventory/ledger/apply/trial.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

// Of type "shipper", "dry-shipper" and the like, or OUTSIDE. A bench has no positions either, and
// what is in transit on it is lost from sight.
bool is_shipper(const Place& place);
// The shipment that is on its way with the place; empty: none is.
std::string away_with(const View& view, const PlaceId& place);
// The place is no shipper that is on its way, and lies in none. Error: conflict.
Status check_not_sent(const View& view, const PlaceId& place);
// No vial came out of such a shipper or into one, by whatever command: what is away comes back by
// shipment/receive, or is given up by shipment/close. Error: conflict.
Status check_nothing_away_moved(const Trial& trial);
// No open shipment has it. Error: conflict.
Status check_shipper_free(const View& view, const PlaceId& shipper);
// No vial lies in its box that its manifest does not name. Error: conflict.
Status check_all_listed(const View& view, std::string_view id, const ShipmentDocument& shipment);

// Where so many vials stand in it: its first free positions, if it has positions. Error no_space.
Result<std::vector<Spot>> spots_in(const View& view, const PlaceId& shipper, std::size_t count);

}  // namespace cryobank::inventory
