#include "inventory/ledger/hold.hpp"

#include <array>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "inventory/ledger/exposure.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::array<std::string_view, 6> kScopes = {"aliquot", "dose", "course",
                                                     "patient", "lot",  "place"};

void add_holds(const View& view, const std::string& target, std::vector<Hold>& holds) {
  for (const std::string& id : view.holds_of(target)) {
    holds.push_back(hold_from(id, *view.document("hold", id)));
  }
}

Status refuse_held(const std::vector<Hold>& holds, std::string_view what) {
  if (holds.empty()) return {};
  return make_error(ErrorCode::conflict,
                    cat(what, " is on hold (", holds.size(), " in force): ", holds[0].id, ", ",
                        holds[0].kind, ": ", holds[0].reason));
}

void add_inside(const View& view, const PlaceId& place, std::vector<AliquotId>& found) {
  for (const AliquotId& id : view.aliquots_in(place)) found.push_back(id);
  for (const PlaceId& child : view.containers_in(place)) add_inside(view, child, found);
}

void add_course(const Course& course, std::vector<AliquotId>& found) {
  for (const Dose& dose : course.doses) {
    found.insert(found.end(), dose.aliquots.begin(), dose.aliquots.end());
  }
}

void add_dose(const View& view, std::string_view id, std::vector<AliquotId>& found) {
  const std::size_t slash = id.find('/');
  if (slash == std::string_view::npos) return;
  const Course* course = view.course(CourseId(std::string(id.substr(0, slash))));
  const Dose* dose =
      course == nullptr ? nullptr : course->find(DoseId(std::string(id.substr(slash + 1))));
  if (dose != nullptr) found = dose->aliquots;
}

}  // namespace

std::string_view name_of(HoldScope scope) { return kScopes[static_cast<std::size_t>(scope)]; }

Json Hold::encode() const {
  Json json = Json::object().set("target", target).set("kind", kind).set("reason", reason);
  put_text(json, "by", by.str());
  put_time(json, "at", at);
  put_text(json, "asked_by", asked_by);
  put_time(json, "asked_at", asked_at);
  return json;
}

Result<Hold> Hold::decode(std::string_view key, const Json& row) {
  RowReader in(key, row);
  Hold hold;
  hold.id = key.substr(key.rfind('/') + 1);
  hold.target = in.text("target");
  if (in.ok() && hold.target.find(':') == std::string::npos) {
    in.refuse("target", "a scope and an id, as course:c1");
  }
  hold.kind = in.text("kind");
  hold.reason = in.any_text("reason");
  hold.by = in.maybe_id<UserId>("by");
  hold.at = in.maybe_time("at");
  hold.asked_by = in.maybe_text("asked_by");
  hold.asked_at = in.maybe_time("asked_at");
  return in.whole(std::move(hold));
}

Json to_json(const Hold& hold) { return hold.encode(); }

Hold hold_from(std::string_view id, const Json& document) {
  auto hold = Hold::decode(cat("r/hold/", id), document);
  CHECK(hold.ok());  // read whole when it came into the record
  return std::move(*hold);
}

std::string hold_target(HoldScope scope, std::string_view id) {
  return cat(name_of(scope), ":", id);
}

std::vector<Hold> holds_on_place(const View& view, const PlaceId& id) {
  std::vector<Hold> holds;
  const Place* at = view.place(id);
  for (int depth = 0; at != nullptr && depth <= kTreeDepthMax; ++depth) {
    add_holds(view, hold_target(HoldScope::place, at->id.str()), holds);
    if (at->within.place.empty()) break;
    at = view.place(at->within.place);
  }
  return holds;
}

std::vector<Hold> holds_on(const View& view, const Aliquot& aliquot) {
  std::vector<Hold> holds;
  add_holds(view, hold_target(HoldScope::aliquot, aliquot.id.str()), holds);
  const Course* course = view.course(aliquot.course);
  if (course != nullptr) {
    const Dose& dose = course->dose(aliquot.dose);
    add_holds(view, hold_target(HoldScope::dose, cat(course->id.str(), "/", dose.id.str())), holds);
    add_holds(view, hold_target(HoldScope::course, course->id.str()), holds);
    add_holds(view, hold_target(HoldScope::patient, course->patient.str()), holds);
    if (!course->lot.empty()) {
      add_holds(view, hold_target(HoldScope::lot, course->lot.str()), holds);
    }
  }
  for (Hold& hold : holds_on_place(view, aliquot.spot.place)) holds.push_back(std::move(hold));
  return holds;
}

Status check_no_hold(const View& view, const Aliquot& aliquot, WallTime now) {
  if (is_frozen_stock(aliquot.state)) {
    const Exposure exposure = ExposureBook(view).of(aliquot, now);
    if (is_over_budget(view, aliquot, exposure)) {
      return make_error(ErrorCode::conflict,
                        cat("aliquot ", aliquot.id.str(), " was warm too long (",
                            exposure.handling.longest_s, " s in one handling, ", exposure.above[1],
                            " s above -135 Cel in its container): quality must waive it"));
    }
  }
  return refuse_held(holds_on(view, aliquot), cat("aliquot ", aliquot.id.str()));
}

Status check_no_hold(const View& view, const PlaceId& place) {
  return refuse_held(holds_on_place(view, place), cat("place ", place.str()));
}

Status check_consent(const View& view, const Aliquot& aliquot) {
  std::vector<Hold> holds = holds_on(view, aliquot);
  std::erase_if(holds, [](const Hold& hold) { return hold.kind != kConsent; });
  return refuse_held(holds, cat("aliquot ", aliquot.id.str()));
}

std::vector<AliquotId> reached_by(const View& view, std::string_view target) {
  std::vector<AliquotId> found;
  const std::size_t colon = target.find(':');
  const std::string_view scope = target.substr(0, colon);
  const std::string id(target.substr(colon + 1));
  if (scope == "aliquot") found.emplace_back(id);
  if (scope == "dose") add_dose(view, id, found);
  if (scope == "place") add_inside(view, PlaceId(id), found);
  if (scope == "course") {
    if (const Course* course = view.course(CourseId(id))) add_course(*course, found);
  }
  if (scope == "patient" || scope == "lot") {
    for (const CourseId& course : view.courses_of(target)) add_course(*view.course(course), found);
  }
  return found;
}

}  // namespace cryobank::inventory
