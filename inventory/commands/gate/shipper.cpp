#include "inventory/commands/gate/shipper.hpp"

#include <set>

#include "base/text.hpp"
#include "base/time.hpp"
#include "base/try.hpp"
#include "inventory/ledger/hold.hpp"

namespace cryobank::inventory {

bool is_shipper(const Place& place) {
  constexpr std::string_view kType = "shipper";
  return place.id.str() == kOutsidePlace || place.type == kType ||
         place.type.ends_with(cat("-", kType));
}

Status check_not_sent(const View& view, const PlaceId& place) {
  for (const std::string& id : view.documents(ShipmentDocument::kKind)) {
    const auto shipment = document_of<ShipmentDocument>(view, id);
    if (shipment->state != "sent" || shipment->shipper.str() == kOutsidePlace) continue;
    if (!view.lies_in(place, shipment->shipper)) continue;
    return make_error(
        ErrorCode::conflict,
        cat("shipper ", shipment->shipper.str(), " is on its way with ", id, ", sent ",
            format_utc(shipment->sent_at), ": receive or close it before it is used again"));
  }
  return {};
}

Status check_shipper_free(const View& view, const PlaceId& shipper) {
  if (shipper.str() == kOutsidePlace) return {};
  TRY(check_not_sent(view, shipper));
  for (const std::string& id : view.documents(ShipmentDocument::kKind)) {
    const auto open = document_of<ShipmentDocument>(view, id);
    if (open->shipper != shipper) continue;
    return make_error(ErrorCode::conflict,
                      cat("shipper ", shipper.str(), " is packed with ", id, " to ",
                          clip(open->to, 80), ": take that back (shipment/unpack) or send it"));
  }
  return {};
}

Status check_all_listed(const View& view, std::string_view id, const ShipmentDocument& shipment) {
  const PlaceId& shipper = shipment.shipper;
  if (shipper.str() == kOutsidePlace) return {};
  std::set<AliquotId> listed;
  for (const ShipmentDocument::Line& line : shipment.manifest) listed.insert(line.aliquot);
  for (const AliquotId& inside : reached_by(view, hold_target(HoldScope::place, shipper.str()))) {
    if (listed.contains(inside)) continue;
    return make_error(ErrorCode::conflict,
                      cat("aliquot ", inside.str(), " lies in ", shipper.str(), " and is not in ",
                          id, ": take it out, or pack it with the others"));
  }
  return {};
}

}  // namespace cryobank::inventory
