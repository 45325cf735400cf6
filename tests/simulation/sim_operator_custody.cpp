// What people do with custody: hand vials over through the port and a shipper, print and void
// labels, hold and release, approve orders, map probes, keep positions, set stability rules.
#include <algorithm>
#include <utility>

#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/stability.hpp"
#include "tests/simulation/bench.hpp"
#include "tests/simulation/sim_operator.hpp"

namespace cryobank::simulation {
namespace {

using inventory::AliquotState;

constexpr std::size_t kTransferredMax = 4;
constexpr std::string_view kProtocols[] = {"single", "ank-6", "ank-12"};

bool may_travel(AliquotState state) {
  return state == AliquotState::quarantined || state == AliquotState::released ||
         state == AliquotState::reserved || state == AliquotState::conditionally_released;
}

}  // namespace

PlaceId SimOperator::draw_freezer() {
  std::vector<PlaceId> freezers;
  for (const config::DeviceConfig& device : stage_.site.devices) {
    if (device.kind == config::DeviceKind::freezer) freezers.emplace_back(device.id.str());
  }
  return freezers[prng_.below(freezers.size())];
}

// A robot brings some vials of a course to the port, or into another box.
bool SimOperator::transfer() {
  const inventory::Course* course = draw_course();
  if (course == nullptr) return false;
  const inventory::View view(stage_.daemon->bank.ledger);
  const std::size_t most = 1 + prng_.below(kTransferredMax);
  Json chosen = Json::array();
  for (const inventory::Dose& dose : course->doses) {
    for (const AliquotId& id : dose.aliquots) {
      const auto vial = view.aliquot(id);
      if (!vial || stage_.in_hands.contains(vial->code)) continue;
      if (view.freezer_of(vial->spot.place).empty() || prng_.chance(1, 2)) continue;
      if (chosen.items().size() < most) chosen.push(id.str());
    }
  }
  if (chosen.items().empty()) return false;
  Json body = Json::object().set("course", course->id.str()).set("aliquots", std::move(chosen));
  body.set("robot", kRobot).set("at_robot", kRobot);
  if (prng_.chance(1, 3)) {
    const auto box = draw_box();
    if (box) body.set("place", box->str());
  }
  ask({prng_.chance(1, 3) ? "supervisor" : "operator", "aliquot/transfer", std::move(body)},
      [](const Json&) {});
  return true;
}

// From the port into the shipper.
bool SimOperator::pack() {
  if (!shelf_rests()) return false;
  const inventory::View view(stage_.daemon->bank.ledger);
  std::vector<std::string> codes;
  Json scanned = Json::array();
  for (const AliquotId& id : view.aliquots_in(PlaceId(std::string(kPortPlace)))) {
    const auto vial = view.aliquot(id);
    if (codes.size() == kTransferredMax || !at_hand(*vial) || !may_travel(vial->state)) continue;
    codes.push_back(vial->code);
    scanned.push(vial->code);
  }
  if (codes.empty()) return false;
  take_away(codes);
  Json body = Json::object().set("shipper", kShipper).set("to", "clinic-1");
  const WallTime due = stage_.clock.now().wall + minutes(prng_.between(20, 180));
  body.set("arrives_by", format_utc(due)).set("codes", std::move(scanned));
  if (prng_.chance(1, 2)) body.set("hold_hours", prng_.between(4, 72));
  ask({"operator", "shipment/pack", std::move(body)},
      [this, codes](const Json&) { look_again(codes); });
  return true;
}

// A shipment on its way: sent, received whole or in part, and in the end given up.
bool SimOperator::ship() {
  const inventory::View view(stage_.daemon->bank.ledger);
  const std::vector<std::string> ids = view.documents("shipment");
  if (ids.empty()) return false;
  const std::string& id = ids[prng_.below(ids.size())];
  const Json& content = *view.document("shipment", id);
  if (content.string_or("state", "") == "packed") {
    ask({"operator", "shipment/send", Json::object().set("shipment", id), "witness"},
        [](const Json&) {});
    return true;
  }
  if (prng_.chance(1, 6)) {
    ask({"supervisor", "shipment/close", Json::object().set("shipment", id), "witness"},
        [](const Json&) {});
    return true;
  }
  receive(id, content);
  return true;
}

void SimOperator::receive(const std::string& shipment, const Json& content) {
  Json scanned = Json::array();
  const bool whole_shipment = prng_.chance(1, 2);
  for (const Json& line : content["manifest"].items()) {
    if (whole_shipment || prng_.chance(1, 2)) scanned.push(line.string_or("code", ""));
  }
  if (prng_.chance(1, 5)) scanned.push("strange-1");
  if (scanned.items().empty()) return;
  Json body = Json::object().set("shipment", shipment).set("place", kReception);
  body.set("codes", std::move(scanned));
  if (prng_.chance(1, 2)) body.set("logger_sha256", std::string(64, 'a'));
  // The packer may not, and is refused.
  const std::string_view who = prng_.chance(1, 8) ? "operator" : "witness";
  ask({who, "shipment/receive", std::move(body)}, [](const Json&) {});
}

// What came back stands at the reception until somebody brings it to the port.
bool SimOperator::unpack() {
  const inventory::View view(stage_.daemon->bank.ledger);
  for (const AliquotId& id : view.aliquots_in(PlaceId(std::string(kReception)))) {
    const auto vial = view.aliquot(id);
    const auto position = free_port_position();
    if (!position || !shelf_rests() || stage_.in_hands.contains(vial->code)) return false;
    carry(vial->code, port_location(*position));
    Json body = Json::object().set("aliquot", id.str()).set("code", vial->code);
    body.set("place", kPortPlace).set("position", cat(*position));
    ask({"operator", "aliquot/move", std::move(body), "witness"},
        [this, code = vial->code](const Json&) { look_again(code); });
    return true;
  }
  return false;
}

bool SimOperator::label_vial() {
  const auto vial = draw_vial();
  if (!vial) return false;
  const inventory::View view(stage_.daemon->bank.ledger);
  const Json* label = view.document("label", vial->id.str());
  const std::string state = label == nullptr ? "" : label->string_or("state", "");
  Json body = Json::object().set("aliquot", vial->id.str());
  std::string_view verb = "label/print";
  if (state == "printed") {
    verb = "label/verify";
    body.set("code", prng_.chance(1, 12) ? "another-code" : vial->code);
  } else if (state == "verified") {
    verb = "label/void";
  }
  ask({"operator", verb, std::move(body)}, [](const Json&) {});
  return true;
}

// Labels that stand in somebody's way: scanned back, or printed anew.
bool SimOperator::mend_label() {
  const inventory::View view(stage_.daemon->bank.ledger);
  for (const std::string& id : view.documents("label")) {
    const std::string state = view.document("label", id)->string_or("state", "");
    if (state == "verified") continue;
    Json body = Json::object().set("aliquot", id);
    const bool printed = state == "printed";
    if (printed) body.set("code", view.aliquot(AliquotId(id))->code);
    ask({"operator", printed ? "label/verify" : "label/print", std::move(body)},
        [](const Json&) {});
    return true;
  }
  return false;
}

bool SimOperator::hold() {
  const auto vial = draw_vial();
  if (!vial) return false;
  const inventory::View view(stage_.daemon->bank.ledger);
  const inventory::Course& course = *view.course(vial->course);
  Json body = Json::object();
  switch (prng_.below(4)) {
    case 0:
      body.set("aliquot", vial->id.str());
      break;
    case 1:
      body.set("course", course.id.str());
      break;
    case 2:
      body.set("course", course.id.str()).set("dose", course.dose(vial->dose).id.str());
      break;
    default:
      body.set("patient", course.patient.str());
      break;
  }
  static constexpr std::string_view kKinds[] = {"quality", "recall", "other", "damage"};
  body.set("kind", kKinds[prng_.below(std::size(kKinds))]);
  if (prng_.chance(1, 2)) {
    body.set("kind", inventory::kConsent).set("asked_by", "patient");
    body.set("asked_at", format_utc(stage_.clock.now().wall - hours(3)));
  }
  ask({"quality", "hold/place", std::move(body)}, [](const Json&) {});
  return true;
}

bool SimOperator::release_hold() {
  const inventory::View view(stage_.daemon->bank.ledger);
  const std::vector<std::string> holds = view.documents("hold");
  if (holds.empty()) return false;
  const std::string& id = holds[prng_.below(holds.size())];
  ask({"quality", "hold/release", Json::object().set("hold", id), "witness"}, [](const Json&) {});
  return true;
}

// Orders that wait: a supervisor approves what others ordered. One who approves an own order must
// be refused, and somebody else takes it back.
bool SimOperator::approve() {
  for (const auto& [id, job] : stage_.daemon->bank.ledger.tables().jobs) {
    if (job.state != inventory::JobState::created) continue;
    const Json body = Json::object().set("job", id.str());
    const Json there = Json::object().set("job", id.str()).set("at_robot", job.robot.str());
    if (job.by.str() == "supervisor") {
      core::BrokerMessage own = post_.write({"supervisor", "job/approve", there});
      forbid_(PostOffice::id_of(own));
      post_.drop_in(std::move(own));
      ask({"operator", "job/cancel", body}, [](const Json&) {});
      return true;
    }
    const bool refuse = prng_.chance(1, 8);
    ask({"supervisor", refuse ? "job/cancel" : "job/approve", refuse ? body : there},
        [](const Json&) {});
    return true;
  }
  return false;
}

bool SimOperator::map_probe() {
  const PlaceId freezer = draw_freezer();
  const std::string_view point = prng_.chance(1, 2) ? "temperature-top" : "temperature-bottom";
  Json body = Json::object().set("device", freezer.str()).set("point", point);
  if (prng_.chance(1, 2)) {
    const bool wrong_place = prng_.chance(1, 4);
    body.set("place", (wrong_place ? draw_freezer() : freezer).str());
    if (prng_.chance(1, 3)) {
      const Duration ago = minutes(prng_.between(1, 300));
      body.set("from", format_utc(stage_.clock.now().wall - ago));
    }
    ask({"supervisor", "probe/map", std::move(body), "witness"}, [](const Json&) {});
    return true;
  }
  const bool passed = prng_.chance(3, 4);
  body.set("passed", passed);
  const std::string_view other =
      point == "temperature-top" ? "temperature-bottom" : "temperature-top";
  body.set("responded", cat(freezer.str(), ".", passed ? point : other));
  ask({"operator", "probe/challenge", std::move(body), "witness"}, [](const Json&) {});
  return true;
}

bool SimOperator::reserve_position() {
  const inventory::Course* course = draw_course();
  const auto spot = draw_free_spot();
  if (course == nullptr || !spot) return false;
  const inventory::View view(stage_.daemon->bank.ledger);
  Json body = Json::object().set("place", spot->place.str()).set("position", view.label_of(*spot));
  if (prng_.chance(1, 3)) {
    ask({"operator", prng_.chance(1, 2) ? "position/block" : "position/unblock", std::move(body)},
        [](const Json&) {});
    return true;
  }
  body.set("course", course->id.str());
  body.set("until", format_utc(stage_.clock.now().wall + minutes(prng_.between(2, 60))));
  ask({"operator", "position/reserve", std::move(body)}, [](const Json&) {});
  return true;
}

// Somebody cannot wait for the plan, or wants to know whether the vials are any good.
bool SimOperator::thaw_now() {
  const inventory::Course* course = draw_course();
  if (course == nullptr) return false;
  for (const inventory::Dose& dose : course->doses) {
    if (dose.state != inventory::DoseState::stored && dose.state != inventory::DoseState::planned) {
      continue;
    }
    Json body = Json::object().set("course", course->id.str()).set("dose", dose.id.str());
    body.set("robot", kRobot).set("at_robot", kRobot);
    if (prng_.chance(1, 4)) {
      body.set("purpose", inventory::kSafetyTest);
    } else {
      body.set("override", true);
    }
    ask({"operator", "dose/thaw", std::move(body), "witness"}, [](const Json&) {});
    return true;
  }
  return false;
}

bool SimOperator::set_stability() {
  Json body = Json::object().set("protocol", kProtocols[prng_.below(std::size(kProtocols))]);
  if (prng_.chance(3, 4)) body.set("freezings_max", prng_.between(1, 3));
  if (prng_.chance(1, 3)) body.set("thawed_hours", prng_.between(1, 5));
  if (prng_.chance(1, 3)) body.set("million_cells_min", 500);
  ask({"quality", "stability/set", std::move(body), "witness"}, [](const Json&) {});
  return true;
}

// The thawed vials go from the station back into a box.
bool SimOperator::refreeze(const inventory::Course& course, const inventory::Dose& dose) {
  if (!shelf_rests()) return false;
  const inventory::Ledger& ledger = stage_.daemon->bank.ledger;
  const inventory::View view(ledger);
  std::vector<std::string> codes;
  Json scanned = Json::array();
  for (const AliquotId& id : dose.aliquots) {
    const auto vial = view.aliquot(id);
    if (!vial || vial->state != AliquotState::thawed) continue;
    if (!at_hand(*vial)) return false;
    codes.push_back(vial->code);
    scanned.push(vial->code);
  }
  // People here freeze one vial again, not two: a second position is drawn for no more.
  const auto to = draw_free_spot();
  if (codes.size() != 1 || !to) return false;
  carry(codes.front(), *location_of(ledger, *to));
  Json body = Json::object().set("course", course.id.str()).set("dose", dose.id.str());
  body.set("codes", std::move(scanned)).set("place", to->place.str());
  body.set("positions", Json::array().push(view.label_of(*to)));
  ask({"operator", "dose/refreeze", std::move(body), "witness"},
      [this, codes](const Json&) { look_again(codes); });
  return true;
}

}  // namespace cryobank::simulation
