// What people do with vials and boxes by hand: move one, undo an act, put a spilled box in order,
// count boxes, look for what is missing. The shelf follows what the hands do; the record follows
// what is told.
#include <algorithm>
#include <utility>

#include "inventory/commands/operation.hpp"
#include "inventory/ledger/allocation.hpp"
#include "tests/simulation/bench.hpp"
#include "tests/simulation/sim_operator.hpp"
#include "tests/simulation/under_way.hpp"

namespace cryobank::simulation {
namespace {

using inventory::Aliquot;
using inventory::Spot;

constexpr int kTries = 8;
constexpr std::size_t kSpilledMax = 4;
constexpr int kRecountsMax = 3;

Json item_of(const inventory::View& view, const Aliquot& vial, const Spot& to) {
  Json item = Json::object().set("aliquot", vial.id.str()).set("code", vial.code);
  return item.set("place", to.place.str()).set("position", view.label_of(to));
}

}  // namespace

bool SimOperator::shelf_rests() const {
  return !robot_moves() && under_way(stage_.daemon->bank.ledger).empty();
}

bool SimOperator::at_hand(const Aliquot& aliquot) const {
  const inventory::Ledger& ledger = stage_.daemon->bank.ledger;
  if (stage_.in_hands.contains(aliquot.code)) return false;
  if (!inventory::View(ledger).jobs_of(aliquot.course).empty()) return false;
  const auto where = location_of(ledger, aliquot.spot);
  return where && find_vial(aliquot.code) == where;
}

void SimOperator::take_away(const std::vector<std::string>& codes) {
  for (const std::string& code : codes) {
    stage_.in_hands.insert(code);
    const auto here = find_vial(code);
    if (here && !stage_.take(*here)) stage_.wrong(cat("cannot take ", code));
  }
}

void SimOperator::carry(const std::string& code, const devices::RobotLocation& to) {
  take_away({code});
  if (!stage_.put(to, code)) stage_.wrong(cat("cannot put ", code));
}

std::optional<Aliquot> SimOperator::draw_vial() {
  const inventory::Course* course = draw_course();
  if (course == nullptr || course->doses.empty()) return std::nullopt;
  const inventory::Dose& dose = course->doses[prng_.below(course->doses.size())];
  if (dose.aliquots.empty()) return std::nullopt;
  const inventory::View view(stage_.daemon->bank.ledger);
  return view.aliquot(dose.aliquots[prng_.below(dose.aliquots.size())]);
}

// A box that holds something, if few tries find one.
std::optional<PlaceId> SimOperator::draw_box() {
  for (int i = 0; i < kTries; ++i) {
    const auto vial = draw_vial();
    if (!vial) return std::nullopt;
    const inventory::View view(stage_.daemon->bank.ledger);
    if (!view.freezer_of(vial->spot.place).empty()) return vial->spot.place;
  }
  return std::nullopt;
}

std::optional<Spot> SimOperator::draw_free_spot() {
  const auto box = draw_box();
  if (!box) return std::nullopt;
  const inventory::Ledger& ledger = stage_.daemon->bank.ledger;
  const inventory::View view = inventory::View(ledger).at(stage_.clock.now().wall);
  const inventory::Place& place = *view.place(*box);
  const std::vector<int>& order = view.type_of(place).fill_order();
  for (int i = 0; i < kTries; ++i) {
    const Spot spot{*box, order[prng_.below(order.size())]};
    const auto where = location_of(ledger, spot);
    if (!where || stage_.hardware.vials().contains(*where)) continue;
    if (inventory::is_free(view, place, spot.position)) return spot;
  }
  return std::nullopt;
}

bool SimOperator::move_by_hand() {
  if (!shelf_rests()) return false;
  const auto vial = draw_vial();
  if (!vial || !at_hand(*vial) || !inventory::is_frozen_stock(vial->state)) return false;
  const auto to = draw_free_spot();
  if (!to) return false;
  const inventory::Ledger& ledger = stage_.daemon->bank.ledger;
  Json body = item_of(inventory::View(ledger), *vial, *to);
  carry(vial->code, *location_of(ledger, *to));
  if (prng_.chance(1, 2)) body.set("out_seconds", prng_.between(3, 50));
  if (prng_.chance(1, 4)) {
    body.set("keep_until", format_utc(stage_.clock.now().wall + minutes(prng_.between(3, 40))));
  }
  ask({"operator", "aliquot/move", std::move(body), "witness"},
      [this, code = vial->code](const Json&) { look_again(code); });
  return true;
}

// What one of the last acts moved is carried back, and told. Where something has touched it since,
// people ask all the same, and must be refused.
bool SimOperator::undo_operation() {
  const inventory::Ledger& ledger = stage_.daemon->bank.ledger;
  const inventory::View view(ledger);
  const std::vector<inventory::Operation> kept = inventory::operations(view);
  if (kept.empty() || !shelf_rests()) return false;
  const std::size_t back = prng_.below(std::min<std::size_t>(kept.size(), 4));
  const inventory::Operation& operation = kept[kept.size() - 1 - back];
  std::vector<std::string> codes;
  std::vector<std::optional<devices::RobotLocation>> homes;
  bool touched = false;
  for (const inventory::Moved& moved : operation.aliquots) {
    const auto vial = view.aliquot(AliquotId(moved.id));
    if (!vial || stage_.in_hands.contains(vial->code)) return false;
    // What is carried back to nowhere would be lost on purpose.
    if (moved.from.place.str() == inventory::kUnknownPlace) return false;
    if (vial->spot != moved.to) {
      touched = true;
    } else if (!at_hand(*vial)) {
      return false;
    }
    codes.push_back(vial->code);
    homes.push_back(location_of(ledger, moved.from));
  }
  if (touched) {
    codes.clear();
  } else {
    take_away(codes);
    for (std::size_t i = 0; i < codes.size(); ++i) {
      if (!homes[i] || stage_.hardware.vials().contains(*homes[i])) continue;
      if (!stage_.put(*homes[i], codes[i])) stage_.wrong(cat("cannot put back ", codes[i]));
    }
  }
  ask({"operator", "operation/undo", Json::object().set("operation", operation.id), "witness"},
      [this, codes](const Json&) { look_again(codes); });
  return true;
}

// Some vials of a box fall out and are put back in another order; a scanner reads the box, and what
// it saw is looked at and accepted.
bool SimOperator::spill_box() {
  const auto id = draw_box();
  if (!id || !shelf_rests()) return false;
  const inventory::Ledger& ledger = stage_.daemon->bank.ledger;
  const inventory::View view(ledger);
  std::vector<std::string> codes;
  std::vector<devices::RobotLocation> spots;
  for (const AliquotId& member : view.aliquots_in(*id)) {
    const auto vial = view.aliquot(member);
    if (codes.size() == kSpilledMax || !at_hand(*vial)) continue;
    codes.push_back(vial->code);
    spots.push_back(*location_of(ledger, vial->spot));
  }
  if (codes.size() < 2) return false;
  take_away(codes);
  std::rotate(spots.begin(), spots.begin() + 1, spots.end());
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (!stage_.put(spots[i], codes[i])) stage_.wrong(cat("cannot put back ", codes[i]));
  }
  rescan(box_of(ledger, *id), codes);
  return true;
}

void SimOperator::rescan(const Box& box, const std::vector<std::string>& codes) {
  const std::string csv = read_box(stage_, box);
  const Json body =
      Json::object().set("container", box.id.str()).set("csv", csv).set("only_tubes", true);
  ask({"operator", "scan/preview", body}, [this, box, codes, csv](const Json& reply) {
    const std::string token = reply["body"].string_or("token", "");
    // A robot was there meanwhile: they leave it for another time.
    if (token.empty() || read_box(stage_, box) != csv) return look_again(codes);
    Json accepted =
        Json::object().set("container", box.id.str()).set("csv", csv).set("only_tubes", true);
    ask({"operator", "scan/accept", accepted.set("token", token)},
        [this, codes](const Json&) { look_again(codes); });
  });
}

// A stock-take of some boxes of a freezer, drawn by the daemon. Sometimes two of its vials were
// exchanged by a careless hand before.
struct SimOperator::StockTake {
  std::string id;
  std::vector<Box> boxes;
  std::size_t next = 0;
  int recounts = 0;
  std::vector<std::string> codes;  // exchanged
};

bool SimOperator::take_stock() {
  if (draw_course() == nullptr) return false;
  Json body = Json::object().set("place", draw_freezer().str()).set("blind", prng_.chance(1, 2));
  body.set("sample", prng_.between(1, 20));
  ask({"supervisor", "take/open", std::move(body)}, [this](const Json& reply) {
    auto take = std::make_shared<StockTake>();
    take->id = reply["body"].string_or("take", "");
    if (take->id.empty() || stage_.daemon == nullptr) return;
    // Who puts a vial right that is in hands tells nobody, so no count would still be true.
    if (!stage_.in_hands.empty()) return;
    const inventory::Ledger& ledger = stage_.daemon->bank.ledger;
    const inventory::View view(ledger);
    std::vector<devices::RobotLocation> spots;
    for (const Json& item : reply["body"]["containers"].items()) {
      take->boxes.push_back(box_of(ledger, PlaceId(item.string_or("container", ""))));
      for (const AliquotId& member : view.aliquots_in(take->boxes.back().id)) {
        const auto vial = view.aliquot(member);
        if (take->codes.size() == 2 || !at_hand(*vial)) continue;
        take->codes.push_back(vial->code);
        spots.push_back(*location_of(ledger, vial->spot));
      }
    }
    if (take->codes.size() < 2 || !shelf_rests() || prng_.chance(1, 2)) take->codes.clear();
    take_away(take->codes);
    for (std::size_t i = 0; i < take->codes.size(); ++i) {
      if (!stage_.put(spots[1 - i], take->codes[i])) stage_.wrong("cannot exchange two vials");
    }
    count_next(take);
  });
  return true;
}

void SimOperator::count_next(const std::shared_ptr<StockTake>& take) {
  if (take->next == take->boxes.size()) return sign(take);
  const Box& box = take->boxes[take->next];
  const std::string csv = read_box(stage_, box);
  Json body = Json::object().set("take", take->id).set("container", box.id.str());
  body.set("csv", csv).set("only_tubes", true);
  ask({"operator", "take/count", std::move(body)}, [this, take, csv](const Json& reply) {
    const bool counted = reply.string_or("status", "") == "done";
    const bool same = read_box(stage_, take->boxes[take->next]) == csv;
    if (counted && same) {
      ++take->next;
    } else if (++take->recounts > kRecountsMax) {
      return look_again(take->codes);
    }
    count_next(take);
  });
}

// They sign what was counted, however long ago: whether it still holds is the daemon's to say.
void SimOperator::sign(const std::shared_ptr<StockTake>& take) {
  stage_.after(seconds(prng_.between(1, prng_.chance(1, 3) ? 1'800 : 60)), [this, take] {
    ask({"supervisor", "take/sign", Json::object().set("take", take->id), "witness"},
        [this, take](const Json&) { look_again(take->codes); });
  });
}

// What the record calls UNKNOWN and no job looks for: it turns up, is brought to the port, and two
// people tell.
bool SimOperator::find_missing() {
  const inventory::Ledger& ledger = stage_.daemon->bank.ledger;
  const inventory::View view(ledger);
  std::set<std::string> sought;
  for (const auto& [id, job] : ledger.tables().jobs) {
    for (const inventory::Move& move : job.moves) {
      if (move.state == inventory::MoveState::unknown) sought.insert(move.code);
    }
  }
  for (const AliquotId& id : view.aliquots_in(PlaceId(std::string(inventory::kUnknownPlace)))) {
    const auto vial = view.aliquot(id);
    if (sought.contains(vial->code) || stage_.in_hands.contains(vial->code)) continue;
    const auto position = free_port_position();
    if (!position || !shelf_rests()) return false;
    carry(vial->code, port_location(*position));
    Json body = item_of(view, *vial, {PlaceId(std::string(kPortPlace)), *position - 1});
    ask({"operator", "aliquot/move", std::move(body), "witness"},
        [this, code = vial->code](const Json&) { look_again(code); });
    return true;
  }
  return false;
}

}  // namespace cryobank::simulation
