// The bodies that Chaos draws, one function for each verb or family of verbs.
#include <algorithm>
#include <set>

#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/retention.hpp"
#include "tests/inventory/chaos.hpp"

namespace cryobank::inventory {
namespace {

constexpr const char* kSigners[] = {"operator", "witness", "qc", "quality", "supervisor"};

}  // namespace

Json Chaos::nothing() { return Json::object(); }

Json Chaos::of_vial() { return Json::object().set("aliquot", aliquot()); }

Json Chaos::of_course() { return Json::object().set("course", course()); }

Json Chaos::of_dose() { return of_course().set("dose", dose()); }

Json Chaos::of_place() {
  if (one_in(3)) return Json::object().set("place", place());
  return Json::object().set("place", one_in(2) ? box() : cat("freezer-", prng_.between(1, 4)));
}

Json Chaos::of_position() {
  return Json::object().set("place", one_in(3) ? place() : box()).set("position", position());
}

Json Chaos::of_hold() {
  const auto holds = bank_.view().documents("hold");
  if (holds.empty() || one_in(6)) return Json::object().set("hold", numbered("hold", "holds"));
  return Json::object().set("hold", holds[prng_.below(holds.size())]);
}

Json Chaos::of_job() {
  const auto open = bank_.ledger().open_jobs();
  if (open.empty() || one_in(6)) return Json::object().set("job", numbered("job", "jobs"));
  return Json::object().set("job", open[prng_.below(open.size())].str());
}

Json Chaos::of_job_there() { return of_job().set("at_robot", "robot-1"); }

Json Chaos::of_disposal() {
  const auto open = bank_.view().documents("disposal");
  if (open.empty() || one_in(6)) {
    return Json::object().set("disposal", numbered("disposal", "disposals"));
  }
  return Json::object().set("disposal", open[prng_.below(open.size())]);
}

Json Chaos::of_operation() {
  return Json::object().set("operation", numbered("operation", "operations"));
}

Json Chaos::of_take() {
  const auto takes = bank_.view().documents("take");
  if (takes.empty() || one_in(6)) return Json::object().set("take", numbered("take", "takes"));
  return Json::object().set("take", takes.back());
}

// How an allocation is to choose.
Json Chaos::terms() {
  constexpr const char* kStrategies[] = {"same-box", "least-empty", "last-used"};
  Json body = Json::object().set("override", one_in(2));
  return body.set("strategy", kStrategies[prng_.below(std::size(kStrategies))]);
}

Json Chaos::registration() {
  Json body = of_course().set("patient", cat("p", prng_.below(3))).set("lot", lot());
  if (one_in(3)) {
    body.set("protocol", "nk-12");
  } else {
    body.set("doses", 3);
    if (one_in(4)) body.set("aliquots_per_dose", 2);
  }
  if (one_in(3)) body.set("expires_at", after_now(90L * 24 * 60));
  return body.set("store", one_in(2) ? terms() : Json());
}

Json Chaos::storing() {
  Json body = terms().set("course", course()).set("waive_share", one_in(2));
  if (one_in(4)) body.set("aliquots", Json::array().push(aliquot()));
  return body.set("dry_run", one_in(6));
}

Json Chaos::transferring() {
  const std::string own = course();
  Json vials = Json::array();
  for (int number = 1; number <= 3; ++number) {
    if (one_in(2)) vials.push(cat(one_in(9) ? course() : own, "-d0", number, "-1"));
  }
  Json body = Json::object().set("course", own).set("aliquots", std::move(vials));
  if (one_in(2)) body.set("place", one_in(3) ? place() : box());
  return body;
}

Json Chaos::release() { return of_course().set("conditional", one_in(3)); }

Json Chaos::splitting() { return of_course().set("undo", one_in(4)); }

Json Chaos::pinning() { return of_course().set("protocol", one_in(6) ? "nothing" : "nk-12"); }

Json Chaos::plan() {
  return of_dose().set("thaw_at", one_in(4) ? Json() : Json(format_utc(bank_.now)));
}

Json Chaos::thaw() {
  Json body = of_dose().set("override", one_in(3));
  if (one_in(6)) body.set("purpose", kSafetyTest);
  return body;
}

Json Chaos::scanned_dose() {
  Json body = of_dose();
  const std::string vial = cat(body.string_or("course", ""), "-", body.string_or("dose", ""), "-1");
  return body.set("codes", Json::array().push(one_in(12) ? aliquot() : vial));
}

Json Chaos::labelled_dose() {
  Json body = of_dose();
  body.set("code", one_in(20) ? "c0/d01"
                              : cat(body.string_or("course", ""), "/", body.string_or("dose", "")));
  if (one_in(4)) body.set("part", "1/2");
  if (one_in(3)) body.set("cells", prng_.between(0, 1'000'000'000)).set("viable_percent", 80);
  return body;
}

Json Chaos::refreezing() {
  Json body = scanned_dose().set("place", one_in(8) ? place() : box());
  if (one_in(2)) body.set("positions", Json::array().push(position()));
  return body;
}

Json Chaos::lifting() {
  Json body = scanned_dose();
  if (one_in(3)) body.set("override", true);
  if (one_in(8)) body.set("dry_run", true);
  return body;
}

// Of a dose that is in hands, mostly.
Json Chaos::setting_down() {
  Json body = scanned_dose();
  for (const JobId& id : bank_.ledger().open_jobs()) {
    const Job& job = *bank_.ledger().find_job(id);
    if (!job.robot.empty() || one_in(4)) continue;
    body.set("course", job.course.str()).set("dose", job.dose.str());
    Json codes = Json::array();
    for (const Move& move : job.moves) {
      if (move.state == MoveState::holding) codes.push(move.code);
    }
    body.set("codes", std::move(codes));
    break;
  }
  if (one_in(4)) body.set("back", true);
  if (one_in(10)) body.set("lost", true);
  return body;
}

Json Chaos::one_move() {
  const std::string vial = aliquot();
  Json item = Json::object().set("aliquot", vial).set("code", one_in(9) ? aliquot() : vial);
  const std::string to = one_in(3) ? place() : box();
  item.set("place", to);
  const Place* known = bank_.view().place(PlaceId(to));
  const bool positions = known != nullptr && bank_.view().type_of(*known).has_positions();
  if (positions || one_in(5)) item.set("position", position());
  if (one_in(3)) item.set("out_seconds", prng_.between(0, 200));
  if (one_in(4)) item.set("keep_until", after_now(600));
  if (one_in(2)) item.set("override", true);
  return item;
}

// One vial, a few, or two that trade places.
Json Chaos::moves() {
  if (!one_in(4)) return one_move();
  Json list = Json::array();
  const auto one = bank_.view().aliquot(AliquotId(aliquot()));
  const auto other = bank_.view().aliquot(AliquotId(aliquot()));
  if (one && other && one_in(2)) {
    for (const auto& [vial, to] : {std::pair(*one, other->spot), std::pair(*other, one->spot)}) {
      list.push(Json::object()
                    .set("aliquot", vial.id.str())
                    .set("code", vial.code)
                    .set("place", to.place.str())
                    .set("position", bank_.view().label_of(to)));
    }
  } else {
    list.push(one_move()).push(one_move());
  }
  return Json::object().set("moves", std::move(list));
}

// A robot is compared with the record only while nothing of ours is under way.
Json Chaos::unordered_motion() {
  Json body = Json::object()
                  .set("robot", in_flight() || one_in(9) ? "nobody" : "robot-1")
                  .set("sequence", prng_.below(60));
  if (one_in(2)) body.set("code", aliquot());
  if (one_in(3)) body.set("expected", aliquot());
  if (one_in(2)) {
    Json words = Json::array();
    for (int i = 0; i < 3; ++i) words.push(static_cast<int>(prng_.below(6)));
    body.set("source", std::move(words));
  }
  return body.set("gripper_occupied", one_in(2)).set("reason", "seen");
}

Json Chaos::resolution() {
  Json body = Json::object();
  std::string vial = aliquot();
  for (const auto& [id, job] : bank_.ledger().tables().jobs) {
    if (job.state != JobState::unknown || one_in(3)) continue;
    body.set("job", id.str());
    for (const Move& move : job.moves) {
      if (move.state == MoveState::unknown) vial = move.code;
    }
  }
  if (!body.has("job")) body.set("job", numbered("job", "jobs"));
  if (one_in(5)) return body.set("lost", true);
  body.set("code", one_in(12) ? aliquot() : vial).set("at_robot", "robot-1");
  return body.set("place", one_in(2) ? box() : place()).set("position", position());
}

Json Chaos::holding() {
  Json body = Json::object();
  switch (prng_.below(6)) {
    case 0:
      body = of_course();
      break;
    case 1:
      body = of_dose();
      break;
    case 2:
      body = of_vial();
      break;
    case 3:
      body.set("lot", lot());
      break;
    case 4:
      body.set("patient", cat("p", prng_.below(3)));
      break;
    default:
      body.set("place", one_in(3) ? "station" : box());
      break;
  }
  if (one_in(2)) return body;
  body.set("kind", "consent").set("asked_by", one_in(5) ? "nobody" : "donor");
  return body.set("asked_at", format_utc(bank_.now - hours(1)));
}

Json Chaos::disposal() {
  // A course that came by a list has one vial: when that is gone, its record's time begins.
  Json vials = Json::array().push(one_in(2) ? cat("b", prng_.below(12), "-1") : aliquot());
  if (one_in(3)) vials.push(aliquot());
  Json body = Json::object().set("aliquots", std::move(vials)).set("method", "autoclave");
  return body.set("override", one_in(3));
}

Json Chaos::evacuation() {
  Json body = Json::object().set("from", cat("freezer-", prng_.between(1, 4)));
  return body.set("to", cat("freezer-", prng_.between(1, 4))).set("apply", one_in(2));
}

Json Chaos::evacuated_rack() {
  const auto open = bank_.view().documents("evacuation");
  Json body = Json::object().set("evacuation", numbered("evacuation", "evacuations"));
  if (!open.empty() && !one_in(6)) body.set("evacuation", open[prng_.below(open.size())]);
  return body.set("rack", cat("f", prng_.between(1, 4), "-r", prng_.between(1, 2)));
}

Json Chaos::excursion() {
  const std::int64_t length = prng_.between(60, 7'200);
  const WallTime from = bank_.now - seconds(length + prng_.between(0, 3'600));
  Json body = Json::object().set("from", format_utc(from));
  body.set("until", format_utc(from + seconds(length))).set("peak_cel", -130);
  body.set("above_s", Json::object().set("-150", length).set("-135", prng_.between(0, length)));
  if (one_in(2))
    return body.set("place", one_in(3) ? place() : cat("freezer-", 1 + prng_.below(4)));
  return body.set("probe", cat("freezer-", 1 + prng_.below(4), ".top")).set("open", one_in(2));
}

Json Chaos::budget() {
  Json body = Json::object().set("type", one_in(3) ? "nothing" : "box");
  return body.set("handling_s", prng_.between(0, 90)).set("hard_s", prng_.between(60, 4'000));
}

Json Chaos::exposed() {
  if (one_in(3)) return of_vial();
  return one_in(2) ? of_course() : of_place();
}

// A vial of the bank that lies somewhere else now, or new ones of a course of their own.
Json Chaos::import_lines() {
  std::string csv = "aliquot,code,course,patient,lot,dose,fraction,state,path,position\n";
  const View view = bank_.view();
  const auto known = view.aliquot(AliquotId(aliquot()));
  const std::string to = box();
  if (known && one_in(2)) {
    const Course& own = *view.course(known->course);
    const Dose& share = own.dose(known->dose);
    csv += cat(known->id.str(), ",", known->code, ",", own.id.str(), ",", own.patient.str(), ",",
               own.lot.str(), ",", share.id.str(), ",", share.fraction.str(), ",",
               name_of(known->state), ",", view.path_of(PlaceId(to)), ",", position(), "\n");
  } else {
    const std::string id = cat("b", prng_.below(12));
    csv += cat(id, "-1,", id, "-1,", one_in(9) ? course() : id, ",p1,l1,d1,1,",
               one_in(8) ? "thawed" : "quarantined", ",", view.path_of(PlaceId(to)), ",",
               position(), "\n");
  }
  return Json::object().set("csv", std::move(csv)).set("dry_run", one_in(6));
}

Json Chaos::new_place() {
  const bool rack = one_in(2);
  Json body = Json::object().set("place", cat("new-", prng_.between(1, 6)));
  body.set("type", one_in(8) ? "nothing" : rack ? "rack" : "box");
  body.set("parent", rack ? cat("freezer-", prng_.between(1, 4)) : cat("f1-r", 1 + prng_.below(2)));
  return body.set("position", cat(prng_.between(1, 5)));
}

Json Chaos::moved_place() {
  const bool rack = one_in(2);
  Json body = Json::object().set("place", one_in(4) ? place()
                                          : rack    ? cat("f1-r", 1 + prng_.below(2))
                                                    : box());
  body.set("parent", rack ? cat("freezer-", prng_.between(1, 4)) : cat("f2-r", 1 + prng_.below(2)));
  return body.set("position", cat(prng_.between(1, 5)));
}

Json Chaos::reservation() {
  Json body = of_position().set("course", course());
  if (one_in(2)) body.set("until", after_now(600));
  return body;
}

Json Chaos::mapping() {
  Json body = Json::object().set("device", cat("freezer-", prng_.between(1, 4)));
  body.set("point", "top").set("place", one_in(4) ? place() : cat("freezer-", 1 + prng_.below(4)));
  if (one_in(2)) body.set("from", format_utc(bank_.now - minutes(prng_.between(0, 600))));
  return body;
}

Json Chaos::challenge() {
  const std::string device = cat("freezer-", prng_.between(1, 4));
  Json body = Json::object().set("device", device).set("point", "top").set("passed", one_in(2));
  if (one_in(2)) body.set("responded", cat(one_in(2) ? device : "freezer-1", ".top"));
  return body;
}

Json Chaos::tests() {
  Json list = Json::array();
  list.push(Json::object().set("test", "viability").set("low", one_in(3) ? 95 : 70));
  Json sterility = Json::object().set("test", "sterility-14d").set("late", true);
  if (!one_in(8)) sterility.set("passes", "negative");
  list.push(std::move(sterility));
  return Json::object().set("lot", lot()).set("tests", std::move(list));
}

Json Chaos::result() {
  Json body = Json::object().set("lot", lot()).set("final", !one_in(5));
  if (one_in(2)) return body.set("test", "viability").set("value", one_in(8) ? 10 : 90);
  return body.set("test", "sterility-14d").set("finding", one_in(8) ? "positive" : "negative");
}

Json Chaos::exception() {
  Json body = of_course().set("criterion", "viability 68 %").set("investigation", "dev-12");
  return body.set("clinician", one_in(5) ? "" : "clinic-1");
}

// Mostly of a course that has an exception.
Json Chaos::notice() {
  const auto excepted = bank_.view().documents("exception");
  if (excepted.empty() || one_in(4)) return of_course();
  return Json::object().set("course", excepted[prng_.below(excepted.size())]);
}

Json Chaos::affected() {
  if (one_in(2)) return of_place();
  return Json::object().set("probe", cat("freezer-", prng_.between(1, 4), ".top"));
}

Json Chaos::window() {
  Json body = Json::object().set("until", after_now(90L * 24 * 60));
  if (one_in(2)) body.set("place", place());
  if (one_in(6)) body.set("from", after_now(400L * 24 * 60));
  return body;
}

// Mostly of a record that is due: few are, since a course must have ended without a hold a
// generation ago, and in a million commands blind draws met four of them and purged none.
Json Chaos::review() {
  const View view = bank_.view();
  std::vector<std::string> due;
  for (const auto& [id, known] : view.base().courses) {
    if (retention_of(view, known, bank_.now).state == RetentionState::due) due.push_back(id.str());
  }
  Json body = Json::object().set("course", one_in(3) ? course() : cat("b", prng_.below(12)));
  if (!due.empty() && !one_in(6)) body.set("course", due[prng_.below(due.size())]);
  body.set("decision", one_in(2) ? "keep" : "may-end");
  return body.set("years", prng_.between(1, 31));
}

// Mostly of a record that somebody reviewed.
Json Chaos::purge() {
  const auto reviewed = bank_.view().documents("retention");
  if (reviewed.empty() || one_in(6)) return of_course();
  return Json::object().set("course", reviewed[prng_.below(reviewed.size())]);
}

Json Chaos::order_scan() { return Json::object().set("container", one_in(4) ? place() : box()); }

std::string Chaos::read_box(const std::string& id) {
  const View view = bank_.view();
  const Place* known = view.place(PlaceId(id));
  if (known == nullptr || !view.type_of(*known).has_positions()) return "Position,Code\nA1,x\n";
  const PlaceType& type = view.type_of(*known);
  std::vector<std::pair<int, std::string>> seen;
  std::set<std::string> codes;
  for (const int position : type.fill_order()) {
    const AliquotId there = view.occupant({known->id, position});
    if (!there.empty()) seen.emplace_back(position, view.aliquot(there)->code);
  }
  if (seen.size() > 1 && one_in(2)) {
    std::swap(seen.front().second, seen[1 + prng_.below(seen.size() - 1)].second);
  }
  if (!seen.empty() && one_in(5)) seen.pop_back();
  if (!seen.empty() && one_in(9)) seen.front().second = "NOREAD";
  std::string csv = "Position,Code\n";
  for (const auto& [at, code] : seen) {
    codes.insert(code);
    csv += cat(type.label(at), ",", code, "\n");
  }
  // One that the record has elsewhere.
  const auto stray = view.aliquot(AliquotId(aliquot()));
  const int last = type.fill_order().back();
  if (stray && one_in(4) && codes.insert(stray->code).second &&
      view.occupant({known->id, last}).empty()) {
    csv += cat(type.label(last), ",", stray->code, "\n");
  }
  return csv;
}

Json Chaos::scan() {
  const std::string where = one_in(4) ? place() : box();
  Json body = Json::object().set("container", where);
  if (one_in(6)) return body.set("job", numbered("job", "jobs"));
  return body.set("csv", read_box(where)).set("only_tubes", !one_in(9));
}

Json Chaos::accepted_scan() {
  Json body = scan();
  const auto previewed = bank_.tell("scan/preview", body);
  body.set("missing_to_unknown", one_in(3));
  if (previewed && !one_in(9)) body.set("token", previewed->reply.string_or("token", ""));
  return body;
}

Json Chaos::packing() {
  Json codes = Json::array();
  for (std::uint64_t i = prng_.below(3); i < 3; ++i) codes.push(aliquot());
  Json body = Json::object().set("shipper", one_in(6) ? place() : "shipper-1");
  body.set("to", "clinic-2").set("arrives_by", after_now(4'000)).set("codes", std::move(codes));
  if (one_in(3)) body.set("hold_hours", prng_.between(1, 100));
  return body;
}

Json Chaos::shipment() {
  const auto open = bank_.view().documents("shipment");
  if (open.empty() || one_in(6)) {
    return Json::object().set("shipment", numbered("shipment", "shipments"));
  }
  return Json::object().set("shipment", open[prng_.below(open.size())]);
}

Json Chaos::receipt() {
  Json body = shipment();
  const Json* content = bank_.view().document("shipment", body.string_or("shipment", ""));
  Json codes = Json::array();
  if (content != nullptr) {
    for (const Json& line : (*content)["manifest"].items()) {
      if (!one_in(3)) codes.push(line.string_or("code", ""));
    }
  }
  if (one_in(3)) codes.push(one_in(2) ? "STRANGE" : aliquot());
  return body.set("codes", std::move(codes)).set("place", one_in(6) ? place() : "reception-1");
}

Json Chaos::signing() {
  Json body = Json::object().set("act", one_in(2) ? "course/release" : "dose/reject");
  return body.set("body", of_dose());
}

Json Chaos::signer() {
  return Json::object().set("user", kSigners[prng_.below(std::size(kSigners))]);
}

Json Chaos::rule() {
  Json body = Json::object().set("protocol", one_in(6) ? "nothing" : "nk-12");
  body.set("freezings_max", prng_.between(one_in(6) ? 0 : 2, 4));
  if (one_in(4)) body.set("thawed_hours", prng_.between(1, 48));
  if (one_in(4)) body.set("million_cells_min", 500);
  return body;
}

Json Chaos::sample() {
  Json body =
      Json::object().set("place", one_in(4) ? place() : cat("freezer-", 1 + prng_.below(4)));
  body.set("blind", one_in(2));
  if (one_in(2)) body.set("sample", prng_.between(1, 5));
  return body;
}

Json Chaos::count() {
  Json body = of_take();
  const Json* take = bank_.view().document("take", body.string_or("take", ""));
  std::string where = box();
  if (take != nullptr && (*take)["boxes"].is_array() && !one_in(6)) {
    const auto& drawn = (*take)["boxes"].items();
    where = drawn[prng_.below(drawn.size())].string();
  } else if (take != nullptr && !one_in(6)) {
    where = cat("f", take->string_or("place", "1").back(), where.substr(2));
  }
  return body.set("container", where).set("csv", read_box(where)).set("only_tubes", !one_in(9));
}

Json Chaos::scanned_label() {
  const std::string vial = aliquot();
  return Json::object().set("aliquot", vial).set("code", one_in(9) ? aliquot() : vial);
}

Json Chaos::label_lines() {
  Json lines = Json::array().push(one_in(5) ? "{nobody}" : "NK cells, {expires}");
  return Json::object().set("protocol", "nk-12").set("lines", std::move(lines));
}

}  // namespace cryobank::inventory
