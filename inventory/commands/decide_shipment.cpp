// shipment/pack, shipment/send, shipment/receive: products leave in a shipper and are received by
// another person, by scan; what is short stays in transit, what is over is told. shipment/unpack
// leads back before it is sent; shipment/close: two people give up what never came. shipment/list:
// what is open.
#include <algorithm>

#include "base/json_time.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/gate/intake.hpp"
#include "inventory/commands/gate/shipper.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/work_area.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/paper/label.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kShipmentTextMax = 200;
constexpr std::int64_t kHoldHoursMax = 24 * 30;  // dry shippers keep cold for one to three weeks
constexpr std::int64_t kWayDaysMax = 90;         // a later arrival is a mistake of typing

struct Shipment {
  std::string id;
  ShipmentDocument content;
};

Result<Shipment> need_shipment(const Ask& ask, std::string_view state) {
  TRY_ASSIGN(const auto id, ask.body.get_string("shipment"));
  const auto content = document_of<ShipmentDocument>(ask.view(), id);
  if (!content) {
    return make_error(ErrorCode::not_found, cat("no open shipment ", clip(id, kIdLengthMax)));
  }
  if (content->state != state) {
    return make_error(ErrorCode::conflict,
                      cat(id, " is ", content->state, ", expected it ", state));
  }
  return Shipment{id, *content};
}

Result<std::vector<Aliquot>> by_codes(const Ask& ask) {
  TRY_ASSIGN(const auto codes, scanned_codes(ask));
  std::vector<Aliquot> aliquots;
  for (const std::string& code : codes) {
    auto aliquot = ask.view().aliquot_by_code(code);
    if (!aliquot) {
      const std::string like = like_of(ask.view(), code);
      return make_error(like.empty() ? ErrorCode::not_found : ErrorCode::did_you_mean,
                        cat("code ", clip(code, 80), " belongs to no aliquot", like));
    }
    aliquots.push_back(std::move(*aliquot));
  }
  return aliquots;
}

// How long the shipper keeps cold, as its maker or a test says, from now on. It must outlast the
// way.
Result<WallTime> read_cold_until(const Ask& ask, WallTime arrives_by) {
  if (!ask.body.has("hold_hours")) return WallTime{};
  TRY_ASSIGN(const auto held, ask.body.get_integer("hold_hours"));
  if (held < 1 || held > kHoldHoursMax) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected 1 to ", kHoldHoursMax, " at \"hold_hours\", came ", held));
  }
  const WallTime until = ask.now() + hours(held);
  if (arrives_by <= until) return until;
  return make_error(ErrorCode::conflict, cat("the shipper keeps cold until ", format_utc(until),
                                             ", and is to arrive by ", format_utc(arrives_by)));
}

Status check_may_travel(const Ask& ask, const Aliquot& aliquot) {
  const bool expected = aliquot.state == AliquotState::expected;
  if (expected || aliquot.spot.place.str() == kUnknownPlace) {
    return make_error(
        ErrorCode::conflict,
        cat("aliquot ", aliquot.id.str(),
            expected ? " was never received" : " is in no known place", ": it cannot be packed"));
  }
  TRY(check_no_hold(ask.view(), aliquot, ask.now()));
  TRY(check_not_in_job(ask.view(), aliquot));
  TRY(check_not_for_disposal(ask.view(), aliquot.id));
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

ShipmentDocument::Line manifest_line(const View& view, const Aliquot& aliquot, WallTime now) {
  return {aliquot.id, aliquot.code, aliquot.course, std::string(name_of(aliquot.state)),
          joined(use_notes(view, aliquot, now))};
}

struct Journey {
  PlaceId shipper;
  std::string to;
  WallTime arrives_by;
  WallTime cold_until;
};

Result<PlaceId> need_shipper(const Ask& ask) {
  TRY_ASSIGN(const auto shipper, need_id<PlaceId>(ask.body, "shipper"));
  TRY_ASSIGN(const auto place, known_place(ask.view(), shipper));
  if (!is_shipper(place)) {
    return make_error(ErrorCode::unsupported,
                      cat("expected a place whose type is a shipper, came ", shipper.str(),
                          " of type ", clip(place.type, 40)));
  }
  TRY(check_shipper_free(ask.view(), shipper));
  return shipper;
}

Result<Journey> read_journey(const Ask& ask) {
  TRY_ASSIGN(const auto shipper, need_shipper(ask));
  TRY_ASSIGN(const auto to, maybe_text(ask.body, "to", kShipmentTextMax));
  TRY_ASSIGN(const auto due, maybe_time(ask.body, "arrives_by"));
  if (to.empty() || due.ms == 0) {
    return make_error(ErrorCode::malformed, "expected \"to\" and a time at \"arrives_by\"");
  }
  if (due <= ask.now()) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected a time after now at \"arrives_by\", came ", format_utc(due)));
  }
  if (due > ask.now() + days(kWayDaysMax)) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected a time within ", kWayDaysMax, " days at \"arrives_by\", came ",
                          format_utc(due)));
  }
  TRY_ASSIGN(const auto cold, read_cold_until(ask, due));
  return Journey{shipper, to, due, cold};
}

// Frozen products into a shipper, which is a place; quarantined ones travel as such.
Result<Decision> pack(Ask& ask) {
  TRY_ASSIGN(const auto journey, read_journey(ask));
  TRY_ASSIGN(const auto aliquots, by_codes(ask));
  TRY_ASSIGN(auto mixed, check_arrivals(ask, arrivals_at(journey.shipper, aliquots), ask.body));
  if (mixed) return std::move(*mixed);
  const std::string id = cat("shipment-", count_of(ask.view().counters(), "shipments") + 1);
  Json data = act(ask);
  ShipmentDocument content{.state = "packed",
                           .shipper = journey.shipper,
                           .to = journey.to,
                           .packed_by = ask.context.actor.user,
                           .manifest = {},
                           .arrives_by = journey.arrives_by,
                           .cold_until = journey.cold_until};
  TRY_ASSIGN(const auto spots, spots_in(ask.view(), journey.shipper, aliquots.size()));
  for (std::size_t i = 0; i < aliquots.size(); ++i) {
    const Aliquot& aliquot = aliquots[i];
    TRY(check_may_travel(ask, aliquot));
    add_state(data, aliquot.id, AliquotState::in_transit);
    add_item(data, ask.view(), aliquot.id, spots[i]);
    content.manifest.push_back(manifest_line(ask.view(), aliquot, ask.now()));
  }
  data.set("shipment", id);
  keep_document(data, id, content);
  add_count(data, "shipments");
  TRY(ask.trial.add(inventory_fact(fact::kShipmentPacked, std::move(data))));
  Json reply = Json::object().set("shipment", id).set("manifest", content.encode()["manifest"]);
  return answer(ask, std::move(reply), cat(id, ": ", aliquots.size(), " aliquots packed"));
}

Result<Decision> send(Ask& ask) {
  TRY_ASSIGN(auto shipment, need_shipment(ask, "packed"));
  TRY(check_all_listed(ask.view(), shipment.id, shipment.content));
  const WallTime cold = shipment.content.cold_until;
  if (cold.ms != 0 && cold <= ask.now()) {
    return make_error(ErrorCode::conflict,
                      cat(shipment.id, " keeps cold until ", format_utc(cold),
                          " only: take the vials back (shipment/unpack) and pack them anew"));
  }
  for (const ShipmentDocument::Line& line : shipment.content.manifest) {
    TRY_ASSIGN(const auto aliquot, known_aliquot(ask.view(), line.aliquot));
    for (const Status& may : {check_no_hold(ask.view(), aliquot, ask.now()),
                              check_not_for_disposal(ask.view(), aliquot.id)}) {
      if (may) continue;
      return make_error(may.error().code, cat(may.error().context, ": take it back ",
                                              "(shipment/unpack) before ", shipment.id, " goes"));
    }
  }
  shipment.content.state = "sent";
  shipment.content.sent_at = ask.now();
  Json data = act(ask);
  data.set("shipment", shipment.id);
  keep_document(data, shipment.id, shipment.content);
  TRY(ask.trial.add(inventory_fact(fact::kShipmentSent, std::move(data))));
  return answer(ask, Json::object().set("shipment", shipment.id), cat(shipment.id, " is sent"));
}

// What came is known by its code, or is told as over as it was scanned.
Result<std::vector<Aliquot>> received_by_codes(const Ask& ask, Json& over) {
  TRY_ASSIGN(const auto codes, scanned_codes(ask));
  std::vector<Aliquot> aliquots;
  for (const std::string& code : codes) {
    auto aliquot = ask.view().aliquot_by_code(code);
    const std::string like = aliquot ? std::string() : like_of(ask.view(), code);
    if (!like.empty()) {
      return make_error(ErrorCode::did_you_mean,
                        cat("code ", clip(code, 80), " belongs to no aliquot", like));
    }
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

// What was packed leaves the list of what is open; anything else is told as over. One that was
// judged on the way stays what it was judged to be.
Status take_in(const View& view, const std::vector<Aliquot>& aliquots, const Spot& spot,
               Manifest& open, Json& over, Json& data) {
  for (const Aliquot& aliquot : aliquots) {
    const auto line = open.find(aliquot.id.str());
    if (line == open.end()) {
      over.push(aliquot.code);
      continue;
    }
    if (aliquot.state == AliquotState::in_transit) {
      TRY_ASSIGN(const auto state, parse_aliquot_state(line->second));
      add_state(data, aliquot.id, state);
    } else if (aliquot.state == AliquotState::lost) {
      add_state(data, aliquot.id, AliquotState::quarantined);
    }
    add_item(data, view, aliquot.id, spot);
    open.erase(line);
  }
  return {};
}

Result<Spot> arrival_spot(const Ask& ask, const Shipment& shipment) {
  TRY_ASSIGN(const auto place, need_id<PlaceId>(ask.body, "place"));
  if (ask.view().lies_in(place, shipment.content.shipper)) {
    return make_error(ErrorCode::conflict,
                      cat("expected a place outside of ", shipment.content.shipper.str(),
                          ", in which ", shipment.id, " came"));
  }
  const auto spot = need_spot(ask.view(), place, "");
  TRY(spot);
  const auto stands = check_first_place(ask.view(), AliquotState::quarantined, place);
  return stands ? spot : Result<Spot>(stands.error());
}

struct Delivery {
  Json over = Json::array();
  Manifest open;
};

// By scan: into `data` what comes out of the shipper, and what of the shipment stays open. A
// decision means that it must not come there.
Result<std::optional<Decision>> deliver(Ask& ask, Shipment& shipment, const Spot& spot, Json& data,
                                        Delivery& delivery) {
  TRY_ASSIGN(const auto aliquots, received_by_codes(ask, delivery.over));
  auto mixed = check_arrivals(ask, arrivals_at(spot.place, aliquots), ask.body);
  if (!mixed || *mixed) return mixed;
  delivery.open = manifest_of(shipment.content);
  TRY(take_in(ask.view(), aliquots, spot, delivery.open, delivery.over, data));
  std::erase_if(shipment.content.manifest, [&](const ShipmentDocument::Line& line) {
    return !delivery.open.contains(line.aliquot.str());
  });
  data.set("shipment", shipment.id).set("over", delivery.over);
  if (delivery.open.empty()) {
    drop_document<ShipmentDocument>(data, shipment.id);
  } else {
    keep_document(data, shipment.id, shipment.content);
  }
  return std::optional<Decision>();
}

// By another person than the packer. What arrives gets the state it was packed with.
Result<Decision> receive(Ask& ask) {
  TRY_ASSIGN(auto shipment, need_shipment(ask, "sent"));
  if (shipment.content.packed_by == ask.context.actor.user) {
    return make_error(ErrorCode::witness_needed,
                      cat(shipment.id, " was packed by the same person: expected another one"));
  }
  TRY_ASSIGN(const auto spot, arrival_spot(ask, shipment));
  TRY_ASSIGN(const auto logger, read_logger(ask));
  Json data = act(ask);
  put_text(data, "logger_sha256", logger);
  Delivery delivery;
  TRY_ASSIGN(auto mixed, deliver(ask, shipment, spot, data, delivery));
  if (mixed) return std::move(*mixed);
  TRY(ask.trial.add(inventory_fact(fact::kShipmentReceived, std::move(data))));
  Json reply = Json::object().set("shipment", shipment.id);
  reply.set("short", shipment.content.encode()["manifest"]).set("over", delivery.over);
  return answer(ask, std::move(reply),
                cat(shipment.id, ": ", delivery.open.size(), " short, ",
                    delivery.over.items().size(), " over"));
}

// The way back from packed: what is scanned stands in `place` again, in the state it was packed
// with; the shipment ends with the last of it.
Result<Decision> unpack(Ask& ask) {
  TRY_ASSIGN(auto shipment, need_shipment(ask, "packed"));
  TRY_ASSIGN(const auto spot, arrival_spot(ask, shipment));
  Json data = act(ask);
  Delivery delivery;
  TRY_ASSIGN(auto mixed, deliver(ask, shipment, spot, data, delivery));
  if (mixed) return std::move(*mixed);
  if (!delivery.over.items().empty()) {
    return make_error(ErrorCode::mismatch,
                      cat("code ", delivery.over.items()[0].dump(), " is not in ", shipment.id));
  }
  TRY(ask.trial.add(inventory_fact(fact::kShipmentUnpacked, std::move(data))));
  const auto left = static_cast<std::uint64_t>(delivery.open.size());
  return answer(ask, Json::object().set("shipment", shipment.id).set("left", left),
                cat(shipment.id, left == 0 ? " is unpacked" : " is unpacked in part, ",
                    left == 0 ? "" : cat(left, " vials are left in it")));
}

// What never came is lost: two people say so, and the shipment is at its end.
Result<Decision> close(Ask& ask) {
  TRY_ASSIGN(const auto shipment, need_shipment(ask, "sent"));
  TRY(need_reason(ask, "giving up what never came"));
  Json data = act(ask);
  data.set("shipment", shipment.id).set("short", shipment.content.encode()["manifest"]);
  std::uint64_t lost = 0;
  for (const ShipmentDocument::Line& line : shipment.content.manifest) {
    TRY_ASSIGN(const auto aliquot, known_aliquot(ask.view(), line.aliquot));
    if (aliquot.state != AliquotState::in_transit) continue;
    add_state(data, aliquot.id, AliquotState::lost);
    add_item(data, ask.view(), aliquot.id, Spot{PlaceId(std::string(kOutsidePlace)), kNoPosition});
    ++lost;
  }
  drop_document<ShipmentDocument>(data, shipment.id);
  TRY(ask.trial.add(inventory_fact(fact::kShipmentClosed, std::move(data))));
  return answer(ask, Json::object().set("shipment", shipment.id).set("lost", lost),
                cat(shipment.id, " is closed, ", lost, " aliquots are lost"));
}

Result<Decision> list_shipments(Ask& ask) {
  return list_documents<ShipmentDocument>(ask, [&ask](const std::string& /*id*/,
                                                      const ShipmentDocument& shipment) {
    const WallTime due = shipment.arrives_by;
    Json row = Json::object().set("state", shipment.state).set("shipper", shipment.shipper.str());
    row.set("to", shipment.to).set("packed_by", shipment.packed_by.str());
    row.set("arrives_by", time_or_null(due)).set("cold_until", time_or_null(shipment.cold_until));
    row.set("late", shipment.state == "sent" && due < ask.now());
    return row.set("aliquots", static_cast<std::uint64_t>(shipment.manifest.size()));
  });
}

constexpr DecidedVerb kShipmentCommands[] = {
    {"shipment/close", close},     {"shipment/list", list_shipments}, {"shipment/pack", pack},
    {"shipment/receive", receive}, {"shipment/send", send},           {"shipment/unpack", unpack},
};

}  // namespace

std::span<const DecidedVerb> shipment_commands() { return kShipmentCommands; }

}  // namespace cryobank::inventory
