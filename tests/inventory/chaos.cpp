#include "tests/inventory/chaos.hpp"

#include <algorithm>
#include <iterator>

#include "inventory/commands/operation.hpp"
#include "inventory/commands/schema/schemas.hpp"
#include "inventory/commands/signature.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/retention.hpp"
#include "inventory/ledger/stability.hpp"

namespace cryobank::inventory {
namespace {

constexpr const char* kPeople[] = {"operator", "witness", "qc", "quality", "supervisor"};
constexpr std::int64_t kCenturyHours = 31LL * 366 * 24;

config::SiteConfig make_site(bool approval) {
  config::SiteConfig site = small_site();
  for (const char* name : {"shipper", "reception"}) {
    config::PlaceTypeConfig type;
    type.id = name;
    type.layout = config::PlaceTypeConfig::Layout::dimensionless;
    type.holds = {"aliquot"};
    site.place_types.push_back(type);
    config::PlaceConfig place;
    place.id = PlaceId(cat(name, "-1"));
    place.type = name;
    place.parent = PlaceId("room");
    site.places.push_back(place);
    site.place_types.front().holds.emplace_back(name);
  }
  site.protocols.front().doses = 3;
  if (approval) site.orders.approval = {"retrieve", "relocate", "thaw"};
  return site;
}

}  // namespace

const config::SiteConfig& chaos_site(bool approval) {
  static const config::SiteConfig kFree = make_site(false);
  static const config::SiteConfig kApproved = make_site(true);
  return approval ? kApproved : kFree;
}

std::span<const Chaos::Draw> Chaos::draws() {
  // Weights: what brings vials into the bank and towards a patient is drawn more often than what
  // ends them.
  static constexpr Draw kDraws[] = {
      {"aliquot/find", 1, &Chaos::of_vial},
      {"aliquot/move", 6, &Chaos::moves},
      {"aliquot/store", 4, &Chaos::storing},
      {"aliquot/transfer", 4, &Chaos::transferring},
      {"bulk/export", 1, &Chaos::of_place},
      {"bulk/import", 3, &Chaos::import_lines},
      {"course/protocol", 1, &Chaos::pinning},
      {"course/register", 4, &Chaos::registration},
      {"course/release", 5, &Chaos::release},
      {"course/split", 3, &Chaos::splitting},
      {"disposal/confirm", 2, &Chaos::of_disposal},
      {"disposal/list", 1, &Chaos::nothing},
      {"disposal/request", 1, &Chaos::disposal},
      {"disposal/withdraw", 1, &Chaos::of_disposal},
      {"dose/harvest", 3, &Chaos::labelled_dose},
      {"dose/infuse", 2, &Chaos::labelled_dose},
      {"dose/issue", 3, &Chaos::labelled_dose},
      {"dose/lift", 4, &Chaos::lifting},
      {"dose/plan", 4, &Chaos::plan},
      {"dose/reculture", 3, &Chaos::scanned_dose},
      {"dose/refreeze", 4, &Chaos::refreezing},
      {"dose/reject", 1, &Chaos::of_dose},
      {"dose/return", 2, &Chaos::labelled_dose},
      {"dose/set-down", 6, &Chaos::setting_down},
      {"dose/thaw", 6, &Chaos::thaw},
      {"evacuation/end", 1, &Chaos::evacuated_rack},
      {"evacuation/list", 1, &Chaos::nothing},
      {"evacuation/plan", 1, &Chaos::evacuation},
      {"evacuation/rack", 2, &Chaos::evacuated_rack},
      {"excursion/record", 1, &Chaos::excursion},
      {"exposure/budget", 1, &Chaos::budget},
      {"exposure/report", 1, &Chaos::exposed},
      {"exposure/waive", 2, &Chaos::exposed},
      {"hold/list", 1, &Chaos::nothing},
      {"hold/place", 1, &Chaos::holding},
      {"hold/release", 6, &Chaos::of_hold},
      {"job/approve", 6, &Chaos::of_job_there},
      {"job/cancel", 1, &Chaos::of_job},
      {"job/pause", 1, &Chaos::of_job},
      {"job/resolve", 4, &Chaos::resolution},
      {"job/resume", 4, &Chaos::of_job_there},
      {"label/print", 1, &Chaos::of_vial},
      {"label/template", 1, &Chaos::label_lines},
      {"label/verify", 3, &Chaos::scanned_label},
      {"label/void", 1, &Chaos::of_vial},
      {"motion/unexplained", 1, &Chaos::unordered_motion},
      {"operation/list", 1, &Chaos::nothing},
      {"operation/undo", 3, &Chaos::of_operation},
      {"place/make", 1, &Chaos::new_place},
      {"place/move", 1, &Chaos::moved_place},
      {"position/block", 1, &Chaos::of_position},
      {"position/free", 1, &Chaos::reservation},
      {"position/reserve", 2, &Chaos::reservation},
      {"position/unblock", 2, &Chaos::of_position},
      {"probe/challenge", 1, &Chaos::challenge},
      {"probe/map", 1, &Chaos::mapping},
      {"quality/exception", 1, &Chaos::exception},
      {"quality/notice", 2, &Chaos::notice},
      {"quality/plan", 1, &Chaos::tests},
      {"quality/result", 1, &Chaos::result},
      {"report/affected", 1, &Chaos::affected},
      {"report/defragment", 1, &Chaos::of_place},
      {"report/expiring", 1, &Chaos::window},
      {"report/occupancy", 1, &Chaos::of_place},
      {"report/overrides", 1, &Chaos::nothing},
      {"report/risk", 1, &Chaos::of_course},
      {"reservation/end", 2, &Chaos::nothing},
      {"retention/purge", 6, &Chaos::purge},
      {"retention/report", 1, &Chaos::of_course},
      {"retention/review", 6, &Chaos::review},
      {"scan/accept", 3, &Chaos::accepted_scan},
      {"scan/order", 1, &Chaos::order_scan},
      {"scan/preview", 1, &Chaos::scan},
      {"shipment/close", 1, &Chaos::shipment},
      {"shipment/list", 1, &Chaos::nothing},
      {"shipment/pack", 2, &Chaos::packing},
      {"shipment/receive", 2, &Chaos::receipt},
      {"shipment/send", 2, &Chaos::shipment},
      {"shipment/unpack", 1, &Chaos::receipt},
      {"signature/end", 1, &Chaos::nothing},
      {"signature/prepare", 1, &Chaos::signing},
      {"signature/refused", 1, &Chaos::signing},
      {"signer/unlock", 1, &Chaos::signer},
      {"stability/set", 2, &Chaos::rule},
      {"take/count", 4, &Chaos::count},
      {"take/list", 1, &Chaos::nothing},
      {"take/open", 1, &Chaos::sample},
      {"take/report", 1, &Chaos::of_take},
      {"take/sign", 2, &Chaos::of_take},
  };
  return kDraws;
}

std::vector<std::string_view> Chaos::drawn_verbs() {
  std::vector<std::string_view> verbs;
  for (const Draw& draw : draws()) verbs.push_back(draw.verb);
  return verbs;
}

void Chaos::step() {
  bank_.user = kPeople[prng_.below(std::size(kPeople))];
  bank_.witness = prng_.chance(2, 3) ? "second" : "";
  bank_.reason = prng_.chance(3, 4) ? "because" : "";
  bank_.roles = {bank_.user};
  if (one_in(50)) bank_.now = bank_.now + hours(prng_.between(1, 30));
  // Long after everybody has left: records are due for review.
  if (one_in(2'000)) bank_.now = bank_.now + hours(kCenturyHours);
  static const int kAll = [] {
    int sum = 0;
    for (const Draw& draw : draws()) sum += draw.weight;
    return sum;
  }();
  auto left = static_cast<int>(prng_.below(static_cast<std::uint64_t>(kAll)));
  for (const Draw& draw : draws()) {
    left -= draw.weight;
    if (left >= 0) continue;
    tell(draw);
    break;
  }
  if (one_in(2)) robot();
}

namespace {

// Takes out what the form does not know, so that most bodies come past the reading of them.
void fit(const Shape& shape, Json& body) {
  Json::Object& members = body.members();
  for (auto at = members.begin(); at != members.end();) {
    const BodyKey* key = find_key(shape, at->first);
    Json& value = at->second;
    if (key == nullptr || (value.is_null() && !key->nullable)) {
      at = members.erase(at);
      continue;
    }
    if (key->shape != nullptr && value.is_object()) fit(*key->shape, value);
    if (key->item != nullptr && key->item->shape != nullptr && value.is_array()) {
      for (Json& item : value.items()) fit(*key->item->shape, item);
    }
    ++at;
  }
}

}  // namespace

void Chaos::tell(const Draw& draw) {
  Json body = (this->*draw.body)();
  if (!one_in(40)) fit(find_schema(draw.verb)->body, body);
  if (one_in(40)) body = spoil(std::move(body));
  if (draw.verb == kPurgeVerb) sign(draw.verb, body);
  const Homes homes = homes_of(draw.verb, body);
  const auto decision = bank_.tell(draw.verb, body);
  if (decision.ok() && !decision->refused) expect_kept(draw.verb, body, homes);
  // A wrong signing secret is always refused, and that is on record.
  const bool done =
      decision.ok() && (!decision->refused.has_value() || draw.verb == "signature/refused");
  paused_ |= done && draw.verb == "motion/unexplained";
  bank_.signature = bank_.witness_signature = {};
  Tally& tally = tallies_[std::string(draw.verb)];
  ++(done ? tally.accepted : tally.refused);
}

// What is signed on every site: both look at the record that is, and their secrets are right.
void Chaos::sign(std::string_view verb, const Json& body) {
  const Json act = Json::object().set("act", verb).set("body", body);
  const auto shown = bank_.tell("signature/prepare", act);
  if (!shown || one_in(9)) return;
  bank_.signature = {shown->reply.string_or("meaning", ""), shown->reply.string_or("record", ""),
                     true};
  bank_.witness_signature = {std::string(kWitnessMeaning), "", true};
}

// Where an undo takes things back to.
Chaos::Homes Chaos::homes_of(std::string_view verb, const Json& body) {
  if (verb != "operation/undo" || !body.is_object()) return {};
  const auto operation = find_operation(bank_.view(), body.string_or("operation", ""));
  if (!operation) return {};
  Homes homes;
  for (const Moved& moved : operation->aliquots) homes[AliquotId(moved.id)] = moved.from;
  return homes;
}

// What some verbs promise on their own.
void Chaos::expect_kept(std::string_view verb, const Json& body, const Homes& homes) {
  const View view = bank_.view();
  for (const auto& [id, home] : homes) {
    EXPECT_EQ(view.aliquot(id)->spot, home) << id.str() << " after " << body.dump();
  }
  if (verb != "dose/refreeze") return;
  const Course& course = *view.course(CourseId(body.string_or("course", "")));
  for (const AliquotId& id : course.find(DoseId(body.string_or("dose", "")))->aliquots) {
    const auto vial = view.aliquot(id);
    if (vial->state != AliquotState::quarantined) continue;
    EXPECT_LT(vial->thaws, stability_of(view, course.protocol).freezings_max) << id.str();
    EXPECT_FALSE(view.freezer_of(vial->spot.place).empty()) << id.str();
  }
}

Json Chaos::spoil(Json body) {
  if (body.members().empty() || one_in(4)) return Json::array().push(1);
  auto member = body.members().begin();
  std::advance(member, static_cast<std::ptrdiff_t>(prng_.below(body.members().size())));
  switch (prng_.below(5)) {
    case 0:
      body.members().erase(member);
      break;
    case 1:
      member->second = Json(-1);
      break;
    case 2:
      member->second = Json(std::string(300, 'x'));
      break;
    case 3:
      member->second = Json::array().push(Json::object());
      break;
    default:
      member->second = Json("");
      break;
  }
  return body;
}

std::string Chaos::place() {
  constexpr const char* kPlaces[] = {"port",     "station",  "gripper",    "f1-r1-b1",
                                     "f2-r1-b1", "f1-r1",    "f3-r2",      "freezer-2",
                                     "UNKNOWN",  "OUTSIDE",  "shipper-1",  "new-1",
                                     "new-2",    "EXPECTED", "reception-1"};
  return kPlaces[prng_.below(std::size(kPlaces))];
}

std::string Chaos::box() {
  return cat("f", prng_.between(1, 4), "-r", prng_.between(1, 2), "-b", prng_.between(1, 2));
}

std::string Chaos::position() {
  if (one_in(4)) return cat(prng_.between(1, 4));
  return cat(std::string(1, static_cast<char>('A' + prng_.below(2))), prng_.between(1, 3));
}

// One of the last that were numbered, or the next.
std::string Chaos::numbered(std::string_view kind, std::string_view counter) {
  const auto made = static_cast<std::int64_t>(count_of(bank_.ledger().tables().counters, counter));
  return cat(kind, "-", prng_.between(std::max<std::int64_t>(1, made - 11), made + 1));
}

std::string Chaos::after_now(std::int64_t minutes_max) {
  return format_utc(bank_.now + minutes(prng_.between(1, minutes_max)));
}

void Chaos::robot() {
  auto open = bank_.ledger().open_jobs();
  std::erase_if(open, [this](const JobId& id) { return is_by_hand(id); });
  if (open.empty()) return;
  const JobId& id = open[prng_.below(open.size())];
  const Job& running = *bank_.ledger().find_job(id);
  for (std::size_t i = 0; i < running.moves.size(); ++i) {
    const Move& move = running.moves[i];
    if (!is_open(move.state)) continue;
    if (move.state == MoveState::planned) {
      if (running.state == JobState::paused || in_flight()) return;
      if (paused_ && !one_in(5)) return;
      paused_ = false;
      if (!may_issue(bank_.ledger(), id, i)) return;
      EXPECT_NE(running.state, JobState::created) << id.str() << " was never approved";
      const auto sequence = next_sequence(bank_.ledger(), running.robot);
      const auto issued = bank_.commit(move_issued(id, i, sequence, Epoch{1}, bank_.now));
      EXPECT_TRUE(issued.ok()) << (issued ? "" : issued.error().context);
      return;
    }
    outcome(id, i, move);
    return;
  }
}

bool Chaos::is_by_hand(const JobId& id) { return bank_.ledger().find_job(id)->robot.empty(); }

// One robot holds one vial: nothing else is issued while a move is under way.
bool Chaos::in_flight() {
  for (const JobId& id : bank_.ledger().open_jobs()) {
    if (is_by_hand(id)) continue;
    for (const Move& move : bank_.ledger().find_job(id)->moves) {
      if (move.state == MoveState::issued || move.state == MoveState::holding) return true;
    }
  }
  return false;
}

// What its reader sees: what the record says, but for a code that it cannot read.
std::vector<ReadCode> Chaos::read_by_robot(const PlaceId& box) {
  const View view = bank_.view();
  std::vector<ReadCode> codes;
  for (const int position : view.type_of(*view.place(box)).fill_order()) {
    const AliquotId there = view.occupant({box, position});
    ReadCode read;
    if (!there.empty()) read.code = view.aliquot(there)->code;
    if (!there.empty() && one_in(6)) read = {true, ""};
    codes.push_back(std::move(read));
  }
  return codes;
}

void Chaos::outcome(const JobId& id, std::size_t index, const Move& move) {
  const std::string code = move.code;
  const bool issued = move.state == MoveState::issued;
  const std::uint64_t draw = prng_.below(10);
  const Job& running = *bank_.ledger().find_job(id);
  Fact fact = move_done(id, index, code, bank_.now);
  if (running.kind == JobKind::scan)
    fact = rack_scanned(id, index, read_by_robot(move.from), bank_.now);
  if (draw == 0) fact = move_unknown(id, index, "", "doubt", bank_.now);
  if (draw == 1) fact = move_failed(id, index, !issued, "jam", bank_.now);
  if (draw == 2 && issued) fact = move_not_delivered(id, index, bank_.now);
  if (draw > 5 && issued && !code.empty()) fact = move_holding(id, index, code, bank_.now);
  const auto done = bank_.commit(fact);
  EXPECT_TRUE(done.ok()) << fact.type.str() << ": " << (done ? "" : done.error().context);
}

}  // namespace cryobank::inventory
