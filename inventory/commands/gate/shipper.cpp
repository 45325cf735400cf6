#include "inventory/commands/gate/shipper.hpp"

#include <set>

#include "base/text.hpp"
#include "base/time.hpp"
#include "base/try.hpp"
#include "inventory/ledger/allocation.hpp"
#include "inventory/ledger/hold.hpp"

namespace cryobank::inventory {

bool is_shipper(const Place& place) {
  return place.id.str() == kOutsidePlace || config::is_shipper_kind(place.type);
}

std::string away_with(const View& view, const PlaceId& place) {
  for (const std::string& id : view.documents(ShipmentDocument::kKind)) {
    const auto shipment = document_of<ShipmentDocument>(view, id);
    if (shipment->state != "sent" || shipment->shipper.str() == kOutsidePlace) continue;
    if (view.lies_in(place, shipment->shipper)) return id;
  }
  return {};
}

Status check_not_sent(const View& view, const PlaceId& place) {
  const std::string id = away_with(view, place);
  if (id.empty()) return {};
  const auto shipment = document_of<ShipmentDocument>(view, id);
  const std::string inside =
      place == shipment->shipper ? std::string() : cat(place.str(), " is in ");
  return make_error(
      ErrorCode::conflict,
      cat(inside, "shipper ", shipment->shipper.str(), inside.empty() ? " is" : ", which is",
          " on its way to ", clip(shipment->to, 80), " with ", id, ", sent ",
          format_utc(shipment->sent_at),
          ": receive or close it before it is used again (shipment/receive, shipment/close)"));
}

Status check_nothing_away_moved(const Trial& trial) {
  const auto& aliquots = trial.overlay().aliquots;
  const View view = trial.view();
  if (view.documents(ShipmentDocument::kKind).empty()) return {};  // nothing is away
  std::set<PlaceId> ends;
  for (const auto& [id, earlier] : aliquots.before_since(trial.begun().aliquots)) {
    const auto now = view.aliquot(id);
    const auto slot = trial.overlay().base->aliquots.find(id.str());
    const bool stored = slot != AliquotTable::kNone;
    const Spot before = earlier != nullptr ? earlier->spot
                        : stored           ? trial.overlay().base->aliquots.spot(slot)
                                           : Spot();
    if (now->spot == before) continue;
    if (!before.place.empty()) ends.insert(before.place);
    ends.insert(now->spot.place);
  }
  for (const PlaceId& end : ends) TRY(check_not_sent(view, end));
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

Result<std::vector<Spot>> spots_in(const View& view, const PlaceId& shipper, std::size_t count) {
  const Place& place = *view.place(shipper);
  const PlaceType& type = view.type_of(place);
  if (!type.has_positions()) return std::vector<Spot>(count, Spot{shipper, kNoPosition});
  std::vector<Spot> spots;
  for (const int position : type.fill_order()) {
    if (spots.size() < count && is_free(view, place, position))
      spots.push_back({shipper, position});
  }
  if (spots.size() == count) return spots;
  return make_error(ErrorCode::no_space, cat("shipper ", shipper.str(), " has ", spots.size(),
                                             " free positions, expected ", count));
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
