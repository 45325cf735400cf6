// shipment/pack, shipment/send, shipment/receive: products leave in a shipper and are received by
// another person, by scan; what is short stays in transit, what is over is told. shipment/close:
// two people give up what never came.
#include <algorithm>

#include "base/text.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/work_area.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/effects.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/label.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kTextMax = 200;
constexpr std::int64_t kHoldHoursMax = 24 * 30;  // dry shippers keep cold for one to three weeks

struct Shipment {
  std::string id;
  ShipmentDocument content;
};

Result<Shipment> need_shipment(const Ask& ask, std::string_view state) {
  const auto id = ask.body.get_string("shipment");
  if (!id) return id.error();
  const auto content = document_of<ShipmentDocument>(ask.view(), *id);
  if (!content) {
    return make_error(ErrorCode::not_found, cat("no open shipment ", clip(*id, kIdLengthMax)));
  }
  if (content->state != state) {
    return make_error(ErrorCode::conflict,
                      cat(*id, " is ", content->state, ", expected it ", state));
  }
  return Shipment{*id, *content};
}

Result<std::vector<std::string>> scanned_codes(const Ask& ask) {
  const Json& list = ask.body["codes"];
  if (!list.is_array() || list.items().empty() || list.items().size() > kItemsMax) {
    return make_error(ErrorCode::malformed,
                      cat("expected 1 to ", kItemsMax, " scanned codes at \"codes\""));
  }
  std::vector<std::string> codes;
  for (const Json& item : list.items()) {
    codes.push_back(item.is_string() ? item.string() : item.dump());
  }
  return codes;
}

Result<std::vector<Aliquot>> by_codes(const Ask& ask) {
  const auto codes = scanned_codes(ask);
  if (!codes) return codes.error();
  std::vector<Aliquot> aliquots;
  for (const std::string& code : *codes) {
    auto aliquot = ask.view().aliquot_by_code(code);
    if (!aliquot) {
      return make_error(ErrorCode::not_found,
                        cat("code ", clip(code, 80), " belongs to no aliquot"));
    }
    aliquots.push_back(std::move(*aliquot));
  }
  return aliquots;
}

// How long the shipper keeps cold, as its maker or a test says, from now on. It must outlast the
// way.
Result<WallTime> read_cold_until(const Ask& ask, WallTime arrives_by) {
  if (!ask.body.has("hold_hours")) return WallTime{};
  const auto held = ask.body.get_integer("hold_hours");
  if (!held) return held.error();
  if (*held < 1 || *held > kHoldHoursMax) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected 1 to ", kHoldHoursMax, " at \"hold_hours\", came ", *held));
  }
  const WallTime until = ask.now() + hours(*held);
  if (arrives_by <= until) return until;
  return make_error(ErrorCode::conflict, cat("the shipper keeps cold until ", format_utc(until),
                                             ", and is to arrive by ", format_utc(arrives_by)));
}

Status check_may_travel(const Ask& ask, const Aliquot& aliquot) {
  if (const Status held = check_no_hold(ask.view(), aliquot, ask.now()); !held) return held;
  if (const Status apart = check_not_in_job(ask.view(), aliquot); !apart) return apart;
  return check_label(ask.view(), aliquot);
}

std::vector<Arrival> arrivals_at(const PlaceId& place, const std::vector<Aliquot>& aliquots) {
  std::vector<Arrival> arrivals;
  arrivals.reserve(aliquots.size());
  for (const Aliquot& aliquot : aliquots) {
    arrivals.push_back({aliquot.id, aliquot.course, aliquot.code, place});
  }
  return arrivals;
}

ShipmentDocument::Line manifest_line(const Aliquot& aliquot) {
  ShipmentDocument::Line line{
      aliquot.id, aliquot.code, aliquot.course, std::string(name_of(aliquot.state)), {}};
  if (aliquot.state == AliquotState::quarantined) line.statement = kQuarantineText;
  return line;
}

struct Journey {
  PlaceId shipper;
  std::string to;
  WallTime arrives_by;
  WallTime cold_until;
};

Result<Journey> read_journey(const Ask& ask) {
  const auto shipper = need_id<PlaceId>(ask.body, "shipper");
  if (!shipper) return shipper.error();
  const auto place = known_place(ask.view(), *shipper);
  if (!place) return place.error();
  if (place->type == kBuiltInType && shipper->str() != kOutsidePlace) {
    return make_error(ErrorCode::unsupported, cat("expected a shipper, came ", shipper->str()));
  }
  const auto to = maybe_text(ask.body, "to", kTextMax);
  if (!to) return to.error();
  const auto due = maybe_time(ask.body, "arrives_by");
  if (!due) return due.error();
  if (to->empty() || due->ms == 0) {
    return make_error(ErrorCode::malformed, "expected \"to\" and a time at \"arrives_by\"");
  }
  const auto cold = read_cold_until(ask, *due);
  if (!cold) return cold.error();
  return Journey{*shipper, *to, *due, *cold};
}

// Frozen products into a shipper, which is a place; quarantined ones travel as such.
Result<Decision> pack(Ask& ask) {
  const auto journey = read_journey(ask);
  if (!journey) return journey.error();
  const auto aliquots = by_codes(ask);
  if (!aliquots) return aliquots.error();
  auto mixed = check_arrivals(ask, arrivals_at(journey->shipper, *aliquots), ask.body);
  if (!mixed) return mixed.error();
  if (*mixed) return std::move(**mixed);
  const std::string id = cat("shipment-", count_of(ask.view().counters(), "shipments") + 1);
  Json data = act(ask);
  ShipmentDocument content{.state = "packed",
                           .shipper = journey->shipper,
                           .to = journey->to,
                           .packed_by = ask.context.actor.user,
                           .manifest = {},
                           .arrives_by = journey->arrives_by,
                           .cold_until = journey->cold_until};
  for (const Aliquot& aliquot : *aliquots) {
    const Status free = check_may_travel(ask, aliquot);
    if (!free) return free.error();
    add_state(data, aliquot.id, AliquotState::in_transit);
    add_item(data, ask.view(), aliquot.id, {journey->shipper, kNoPosition});
    content.manifest.push_back(manifest_line(aliquot));
  }
  data.set("shipment", id);
  keep_document(data, id, content);
  add_count(data, "shipments");
  const auto added = ask.trial.add(inventory_fact(fact::kShipmentPacked, std::move(data)));
  if (!added) return added.error();
  Json reply = Json::object().set("shipment", id).set("manifest", content.encode()["manifest"]);
  return answer(ask, std::move(reply), cat(id, ": ", aliquots->size(), " aliquots packed"));
}

Result<Decision> send(Ask& ask) {
  auto shipment = need_shipment(ask, "packed");
  if (!shipment) return shipment.error();
  shipment->content.state = "sent";
  shipment->content.sent_at = ask.now();
  Json data = act(ask);
  data.set("shipment", shipment->id);
  keep_document(data, shipment->id, shipment->content);
  const auto added = ask.trial.add(inventory_fact(fact::kShipmentSent, std::move(data)));
  if (!added) return added.error();
  return answer(ask, Json::object().set("shipment", shipment->id), cat(shipment->id, " is sent"));
}

// What came is known by its code, or is told as over as it was scanned.
Result<std::vector<Aliquot>> received_by_codes(const Ask& ask, Json& over) {
  const auto codes = scanned_codes(ask);
  if (!codes) return codes.error();
  std::vector<Aliquot> aliquots;
  for (const std::string& code : *codes) {
    auto aliquot = ask.view().aliquot_by_code(code);
    if (aliquot) {
      aliquots.push_back(std::move(*aliquot));
    } else {
      over.push(clip(code, kIdLengthMax));
    }
  }
  return aliquots;
}

// SHA-256 of the file that the shipper's temperature logger gave: it is kept elsewhere, and cannot
// be exchanged any more.
Result<std::string> read_logger(const Ask& ask) {
  constexpr std::size_t kDigits = 64;
  auto hash = maybe_text(ask.body, "logger_sha256", kDigits);
  if (!hash || hash->empty()) return hash;
  const bool hex =
      hash->size() == kDigits && hash->find_first_not_of("0123456789abcdef") == std::string::npos;
  if (hex) return hash;
  return make_error(ErrorCode::malformed, "expected 64 lower-case hex digits at \"logger_sha256\"");
}

using Manifest = std::map<std::string, std::string>;  // state it was packed with, by aliquot

Manifest manifest_of(const ShipmentDocument& shipment) {
  Manifest manifest;
  for (const ShipmentDocument::Line& line : shipment.manifest) {
    manifest[line.aliquot.str()] = line.state;
  }
  return manifest;
}

// What was packed leaves the list of what is open; anything else is told as over.
void take_in(const View& view, const std::vector<Aliquot>& aliquots, const Spot& spot,
             Manifest& open, Json& over, Json& data) {
  for (const Aliquot& aliquot : aliquots) {
    const auto line = open.find(aliquot.id.str());
    if (line == open.end()) {
      over.push(aliquot.code);
      continue;
    }
    const auto state = parse_aliquot_state(line->second);
    add_state(data, aliquot.id, state ? *state : AliquotState::quarantined);
    add_item(data, view, aliquot.id, spot);
    open.erase(line);
  }
}

// By scan, by another person than the packer. What arrives gets the state it was packed with.
Result<Decision> receive(Ask& ask) {
  auto shipment = need_shipment(ask, "sent");
  if (!shipment) return shipment.error();
  if (shipment->content.packed_by == ask.context.actor.user) {
    return make_error(ErrorCode::witness_needed,
                      cat(shipment->id, " was packed by the same person: expected another one"));
  }
  const auto place = need_id<PlaceId>(ask.body, "place");
  if (!place) return place.error();
  const auto spot = need_spot(ask.view(), *place, "");
  if (!spot) return spot.error();
  const auto logger = read_logger(ask);
  if (!logger) return logger.error();
  Json over = Json::array();
  const auto aliquots = received_by_codes(ask, over);
  if (!aliquots) return aliquots.error();
  Manifest open = manifest_of(shipment->content);
  auto mixed = check_arrivals(ask, arrivals_at(*place, *aliquots), ask.body);
  if (!mixed) return mixed.error();
  if (*mixed) return std::move(**mixed);
  Json data = act(ask);
  take_in(ask.view(), *aliquots, *spot, open, over, data);
  std::erase_if(shipment->content.manifest, [&](const ShipmentDocument::Line& line) {
    return !open.contains(line.aliquot.str());
  });
  Json shortage = shipment->content.encode()["manifest"];
  data.set("shipment", shipment->id);
  data.set("over", over);
  put_text(data, "logger_sha256", *logger);
  if (open.empty()) {
    drop_document<ShipmentDocument>(data, shipment->id);
  } else {
    keep_document(data, shipment->id, shipment->content);
  }
  const auto added = ask.trial.add(inventory_fact(fact::kShipmentReceived, std::move(data)));
  if (!added) return added.error();
  Json reply = Json::object().set("shipment", shipment->id);
  reply.set("short", std::move(shortage)).set("over", over);
  return answer(ask, std::move(reply),
                cat(shipment->id, ": ", open.size(), " short, ", over.items().size(), " over"));
}

// What never came is lost: two people say so, and the shipment is at its end.
Result<Decision> close(Ask& ask) {
  const auto shipment = need_shipment(ask, "sent");
  if (!shipment) return shipment.error();
  const auto reason = need_reason(ask, "giving up what never came");
  if (!reason) return reason.error();
  Json data = act(ask);
  data.set("shipment", shipment->id).set("short", shipment->content.encode()["manifest"]);
  std::uint64_t lost = 0;
  for (const ShipmentDocument::Line& line : shipment->content.manifest) {
    const auto aliquot = known_aliquot(ask.view(), line.aliquot);
    if (!aliquot) return aliquot.error();
    if (aliquot->state != AliquotState::in_transit) continue;
    add_state(data, aliquot->id, AliquotState::lost);
    add_item(data, ask.view(), aliquot->id, Spot{PlaceId(std::string(kOutsidePlace)), kNoPosition});
    ++lost;
  }
  drop_document<ShipmentDocument>(data, shipment->id);
  const auto added = ask.trial.add(inventory_fact(fact::kShipmentClosed, std::move(data)));
  if (!added) return added.error();
  return answer(ask, Json::object().set("shipment", shipment->id).set("lost", lost),
                cat(shipment->id, " is closed, ", lost, " aliquots are lost"));
}

constexpr DecidedVerb kShipmentCommands[] = {
    {"shipment/close", close},
    {"shipment/pack", pack},
    {"shipment/receive", receive},
    {"shipment/send", send},
};

}  // namespace

std::span<const DecidedVerb> shipment_commands() { return kShipmentCommands; }

}  // namespace cryobank::inventory
