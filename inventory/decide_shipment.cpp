// shipment/pack, shipment/send, shipment/receive: products leave in a shipper and are received by
// another person, by scan; what is short stays in transit, what is over is told. label/print,
// label/verify, label/void: a label counts only once it was scanned back.
#include <algorithm>

#include "inventory/decide.hpp"
#include "inventory/edit.hpp"
#include "inventory/effects.hpp"
#include "inventory/hand_over.hpp"
#include "inventory/hold.hpp"
#include "inventory/label.hpp"
#include "inventory/row_codec.hpp"
#include "service/base/text.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kTextMax = 200;

struct Shipment {
  std::string id;
  Json content;
};

Result<Shipment> need_shipment(const Ask& ask, std::string_view state) {
  const auto id = ask.body.get_string("shipment");
  if (!id) return id.error();
  const Json* content = ask.view().document("shipment", *id);
  if (content == nullptr) {
    return make_error(ErrorCode::not_found, cat("no open shipment ", clip(*id, kIdLengthMax)));
  }
  if (content->string_or("state", "") != state) {
    return make_error(ErrorCode::conflict,
                      cat(*id, " is ", content->string_or("state", ""), ", expected it ", state));
  }
  return Shipment{*id, *content};
}

Result<std::vector<Aliquot>> by_codes(const Ask& ask) {
  const Json& codes = ask.body["codes"];
  if (!codes.is_array() || codes.items().empty() || codes.items().size() > kItemsMax) {
    return make_error(ErrorCode::malformed,
                      cat("expected 1 to ", kItemsMax, " scanned codes at \"codes\""));
  }
  std::vector<Aliquot> aliquots;
  for (const Json& item : codes.items()) {
    auto aliquot = ask.view().aliquot_by_code(item.is_string() ? item.string() : "");
    if (!aliquot) {
      return make_error(ErrorCode::not_found,
                        cat("code ", clip(item.dump(), 80), " belongs to no aliquot"));
    }
    aliquots.push_back(std::move(*aliquot));
  }
  return aliquots;
}

// Frozen products into a shipper, which is a place; quarantined ones travel as such.
Result<Decision> pack(Ask& ask) {
  const auto shipper = need_id<PlaceId>(ask.body, "shipper");
  if (!shipper) return shipper.error();
  const auto place = known_place(ask.view(), *shipper);
  if (!place) return place.error();
  const auto to = maybe_text(ask.body, "to", kTextMax);
  if (!to) return to.error();
  const auto due = maybe_time(ask.body, "arrives_by");
  if (!due) return due.error();
  if (to->empty() || due->ms == 0) {
    return make_error(ErrorCode::malformed, "expected \"to\" and a time at \"arrives_by\"");
  }
  const auto aliquots = by_codes(ask);
  if (!aliquots) return aliquots.error();
  const std::string id = cat("shipment-", count_of(ask.view().counters(), "shipments") + 1);
  Json data = act(ask);
  Json manifest = Json::array();
  for (const Aliquot& aliquot : *aliquots) {
    const auto held = check_no_hold(ask.view(), aliquot, ask.now());
    if (!held) return held.error();
    const auto apart = check_not_in_job(ask.view(), aliquot);
    if (!apart) return apart.error();
    add_state(data, aliquot.id, AliquotState::in_transit);
    add_item(data, ask.view(), aliquot.id, {*shipper, kNoPosition});
    Json line = Json::object().set("aliquot", aliquot.id.str()).set("code", aliquot.code);
    line.set("course", aliquot.course.str()).set("state", name_of(aliquot.state));
    if (aliquot.state == AliquotState::quarantined) line.set("statement", kQuarantineText);
    manifest.push(std::move(line));
  }
  Json content = Json::object().set("state", "packed").set("shipper", shipper->str());
  content.set("to", *to).set("packed_by", ask.context.actor.user.str());
  content.set("manifest", manifest);
  put_time(content, "arrives_by", *due);
  data.set("shipment", id);
  add_document(data, "shipment", id, std::move(content));
  add_count(data, "shipments");
  const auto added = ask.trial.add(inventory_fact("shipment-packed", std::move(data)));
  if (!added) return added.error();
  Json reply = Json::object().set("shipment", id).set("manifest", std::move(manifest));
  return answer(ask, std::move(reply), cat(id, ": ", aliquots->size(), " aliquots packed"));
}

Result<Decision> send(Ask& ask) {
  auto shipment = need_shipment(ask, "packed");
  if (!shipment) return shipment.error();
  shipment->content.set("state", "sent").set("sent_at", format_utc(ask.now()));
  Json data = act(ask);
  data.set("shipment", shipment->id);
  add_document(data, "shipment", shipment->id, shipment->content);
  const auto added = ask.trial.add(inventory_fact("shipment-sent", std::move(data)));
  if (!added) return added.error();
  return answer(ask, Json::object().set("shipment", shipment->id), cat(shipment->id, " is sent"));
}

// By scan, by another person than the packer. What arrives gets the state it was packed with.
Result<Decision> receive(Ask& ask) {
  auto shipment = need_shipment(ask, "sent");
  if (!shipment) return shipment.error();
  if (shipment->content.string_or("packed_by", "") == ask.context.actor.user.str()) {
    return make_error(ErrorCode::witness_needed,
                      cat(shipment->id, " was packed by the same person: expected another one"));
  }
  const auto place = need_id<PlaceId>(ask.body, "place");
  if (!place) return place.error();
  const auto spot = need_spot(ask.view(), *place, "");
  if (!spot) return spot.error();
  const auto aliquots = by_codes(ask);
  if (!aliquots) return aliquots.error();
  std::map<std::string, std::string> open;
  for (const Json& line : shipment->content["manifest"].items()) {
    open[line.string_or("aliquot", "")] = line.string_or("state", "");
  }
  Json data = act(ask);
  Json over = Json::array();
  for (const Aliquot& aliquot : *aliquots) {
    const auto line = open.find(aliquot.id.str());
    if (line == open.end()) {
      over.push(aliquot.code);
      continue;
    }
    const auto state = parse_aliquot_state(line->second);
    add_state(data, aliquot.id, state ? *state : AliquotState::quarantined);
    add_item(data, ask.view(), aliquot.id, *spot);
    open.erase(line);
  }
  Json& manifest = shipment->content.members()["manifest"];
  std::erase_if(manifest.items(),
                [&](const Json& line) { return !open.contains(line.string_or("aliquot", "")); });
  Json shortage = manifest;
  data.set("shipment", shipment->id);
  data.set("over", over);
  add_document(data, "shipment", shipment->id, open.empty() ? Json() : shipment->content);
  const auto added = ask.trial.add(inventory_fact("shipment-received", std::move(data)));
  if (!added) return added.error();
  Json reply = Json::object().set("shipment", shipment->id);
  reply.set("short", std::move(shortage)).set("over", over);
  return answer(ask, std::move(reply),
                cat(shipment->id, ": ", open.size(), " short, ", over.items().size(), " over"));
}

std::string label_key(const AliquotId& aliquot) { return aliquot.str(); }

Result<Decision> print_label(Ask& ask) {
  const auto nameless = check_nameless(ask.body);
  if (!nameless) return nameless.error();
  const auto id = need_id<AliquotId>(ask.body, "aliquot");
  if (!id) return id.error();
  const auto aliquot = known_aliquot(ask.view(), *id);
  if (!aliquot) return aliquot.error();
  const Json* old = ask.view().document("label", label_key(*id));
  if (old != nullptr) {
    const auto reason = need_reason(ask, "a reprint");
    if (!reason) return reason.error();
  }
  const Course& course = *ask.view().course(aliquot->course);
  const Json* exception = ask.view().document("exception", course.id.str());
  const Label label =
      make_label(course, *aliquot,
                 exception == nullptr ? std::string() : exception->string_or("criterion", ""));
  Json data = act(ask);
  data.set("aliquot", id->str());
  Json content = Json::object().set("state", "printed");
  content.set("copy", old == nullptr ? 1 : old->integer_or("copy", 0) + 1);
  add_document(data, "label", label_key(*id), std::move(content));
  const auto added = ask.trial.add(inventory_fact("label-printed", std::move(data)));
  if (!added) return added.error();
  Json reply = Json::object().set("aliquot", id->str()).set("zpl", zpl_of(label));
  reply.set("data_matrix", label.code);
  Json lines = Json::array();
  for (const std::string& line : label.lines) lines.push(line);
  reply.set("lines", std::move(lines));
  return answer(ask, std::move(reply), cat("label of ", id->str(), ": scan it back before use"));
}

Result<Decision> verify_label(Ask& ask) {
  const auto id = need_id<AliquotId>(ask.body, "aliquot");
  if (!id) return id.error();
  const auto aliquot = known_aliquot(ask.view(), *id);
  if (!aliquot) return aliquot.error();
  const auto code = ask.body.get_string("code");
  if (!code) return code.error();
  const Json* label = ask.view().document("label", label_key(*id));
  if (label == nullptr || label->string_or("state", "") == "void") {
    return make_error(ErrorCode::conflict,
                      cat("aliquot ", id->str(), " has no label in use: print one"));
  }
  if (*code != aliquot->code) {
    return note_mismatch(ask, hold_target(HoldScope::aliquot, id->str()), aliquot->code, *code);
  }
  Json content = *label;
  content.set("state", "verified");
  Json data = act(ask);
  data.set("aliquot", id->str());
  add_document(data, "label", label_key(*id), std::move(content));
  const auto added = ask.trial.add(inventory_fact("label-verified", std::move(data)));
  if (!added) return added.error();
  return answer(ask, Json::object().set("aliquot", id->str()),
                cat("label of ", id->str(), " is verified"));
}

Result<Decision> void_label(Ask& ask) {
  const auto id = need_id<AliquotId>(ask.body, "aliquot");
  if (!id) return id.error();
  const Json* label = ask.view().document("label", label_key(*id));
  if (label == nullptr) {
    return make_error(ErrorCode::not_found, cat("aliquot ", id->str(), " has no label"));
  }
  const auto reason = need_reason(ask, "voiding a label");
  if (!reason) return reason.error();
  Json content = *label;
  content.set("state", "void");
  Json data = act(ask);
  data.set("aliquot", id->str());
  add_document(data, "label", label_key(*id), std::move(content));
  const auto added = ask.trial.add(inventory_fact("label-voided", std::move(data)));
  if (!added) return added.error();
  return answer(ask, Json::object().set("aliquot", id->str()),
                cat("label of ", id->str(), " is void"));
}

constexpr Command kCommands[] = {
    {{"label/print", kHands}, print_label},  {{"label/verify", kHands}, verify_label},
    {{"label/void", kHands}, void_label},    {{"shipment/pack", kHands}, pack},
    {{"shipment/receive", kHands}, receive}, {{"shipment/send", kHands, true}, send},
};

}  // namespace

std::span<const Command> shipment_commands() { return kCommands; }

}  // namespace cryobank::inventory
