#include "inventory/ledger/apply/effects.hpp"

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

Error bad_effect(std::string_view why) { return make_error(ErrorCode::corrupt, std::string(why)); }

Status change_state(Edit& edit, const Json& item, WallTime /*at*/) {
  RowReader in("\"states\" of a fact", item);
  const auto aliquot = in.id<AliquotId>("aliquot");
  const AliquotState to = in.word("to", parse_aliquot_state);
  const bool overridden = in.maybe_flag("overridden");
  if (!in.ok()) return in.status();
  return edit.become(aliquot, to, overridden);
}

// What lies in a container leaves the cold with it, and comes back with it.
Status put_with_vials(Edit& edit, Place place, WallTime at) {
  const PlaceId id = place.id;
  const View before = edit.view();
  std::vector<std::pair<AliquotId, bool>> inside;
  if (before.place(id) != nullptr) {
    for (AliquotId& vial : reached_by(before, hold_target(HoldScope::place, id.str()))) {
      const bool kept = !before.is_warm(before.aliquot(vial)->spot.place);
      inside.emplace_back(std::move(vial), kept);
    }
  }
  TRY(edit.put(std::move(place)));
  for (const auto& [vial, kept] : inside) {
    if (kept != edit.view().is_warm(edit.view().aliquot(vial)->spot.place)) continue;
    TRY(edit.carried(vial, kept, at));
  }
  return {};
}

Status change_place(Edit& edit, const Json& item, WallTime at) {
  RowReader in("\"places\" of a fact", item);
  const auto id = in.id<PlaceId>("place");
  const Spot within{in.id<PlaceId>("parent"),
                    static_cast<int>(in.maybe_number("at", kNoPosition, 0, kPositionsMax))};
  Place place;
  if (const Place* known = edit.view().place(id)) place = *known;
  if (place.id.empty()) {
    place.id = id;
    place.type = in.text("type");
    place.title = in.maybe_text("title");
    place.since = at;
    if (!in.ok()) return in.status();
    if (edit.view().find_type(place.type) == nullptr) {
      return make_error(ErrorCode::not_found, cat("no place type \"", place.type, "\""));
    }
  } else if (place.within != within) {
    place.leave(at);
    place.moved = true;
  }
  if (!in.ok()) return in.status();
  place.within = within;
  return put_with_vials(edit, std::move(place), at);
}

// A dose is stored once none of its aliquots is merely expected.
Status settle_dose(Edit& edit, const CourseId& id, int number) {
  const View view = edit.view();
  const Course* course = view.course(id);
  if (course == nullptr) return make_error(ErrorCode::not_found, cat("no course ", id.str()));
  const Dose& dose = course->dose(number);
  if (dose.state != DoseState::expected) return {};
  for (const AliquotId& aliquot : dose.aliquots) {
    if (!view.exists(aliquot)) {
      return make_error(ErrorCode::not_found, cat("no aliquot ", aliquot.str()));
    }
    if (view.state_of(aliquot) == AliquotState::expected) return {};
  }
  Dose& settled = edit.change(id)->dose(number);
  settled.state = settled.thaw_at.ms == 0 ? DoseState::stored : DoseState::planned;
  return {};
}

Status lift_item(Edit& edit, const Json& item, WallTime /*at*/) {
  RowReader in("\"items\" of a fact", item);
  const auto aliquot = in.id<AliquotId>("aliquot");
  return in.ok() ? edit.lift(aliquot) : in.status();
}

// What is put somewhere for the first time has been received.
Status put_item(Edit& edit, const Json& item, WallTime at) {
  RowReader in("\"items\" of a fact", item);
  const auto id = in.id<AliquotId>("aliquot");
  const Spot spot = spot_at(in);
  const std::int64_t out_s = in.maybe_number("out_s", -1);
  if (!in.ok()) return in.status();
  TRY(edit.place_at(id, spot, at, out_s));
  if (edit.view().state_of(id) != AliquotState::expected) return {};
  TRY(edit.become(id, AliquotState::quarantined));
  const auto aliquot = known_aliquot(edit.view(), id);
  return settle_dose(edit, aliquot->course, aliquot->dose);
}

Status change_position(Edit& edit, const Json& item, WallTime at) {
  RowReader in("\"positions\" of a fact", item);
  const Spot spot = spot_at(in);
  const std::string what = in.text("do");
  const std::string text = in.maybe_text("text");
  const WallTime until = in.maybe_time("until");
  const auto out = in.maybe_id<AliquotId>("out");
  if (!in.ok()) return in.status();
  if (what == "block") return edit.block(spot, text);
  if (what == "unblock") return edit.block(spot, "");
  if (what == "reserve") return edit.reserve(spot, {text, until, out}, at);
  if (what == "free") return edit.free(spot, text);
  in.refuse("do", "block, unblock, reserve or free");
  return in.status();
}

// What a document says is read whole before it is in the record.
Status change_document(Edit& edit, const Json& item, WallTime /*at*/) {
  RowReader in("\"documents\" of a fact", item);
  const std::string kind = in.text("kind");
  const std::string id = in.text("id");
  const Json* content = in.maybe_object("content");
  if (!in.ok()) return in.status();
  if (content == nullptr) {
    edit.drop_document(kind, id);
    return {};
  }
  const Status whole = check_document(kind, id, *content);
  if (whole) edit.put_document(kind, id, *content);
  return whole;
}

Status count_up(Edit& edit, const Json& item, WallTime /*at*/) {
  if (!item.is_string()) return bad_effect("expected the name of a counter");
  edit.count(item.string());
  return {};
}

Status touch_course(Edit& edit, const Json& item, WallTime /*at*/) {
  if (!item.is_string() || !is_id_text(item.string())) return bad_effect("expected a course");
  if (edit.change(CourseId(item.string())) != nullptr) return {};
  return make_error(ErrorCode::not_found, cat("no course ", item.string()));
}

struct Part {
  std::string_view key;
  Status (*apply)(Edit&, const Json&, WallTime);
};

constexpr Part kParts[] = {
    {"states", change_state}, {"places", change_place},       {"items", lift_item},
    {"items", put_item},      {"positions", change_position}, {"documents", change_document},
    {"counts", count_up},     {"courses", touch_course},
};

// data[key] as an array to push to.
Json& list_at(Json& data, std::string_view key) {
  if (!data.has(key)) data.set(key, Json::array());
  return data.members().find(key)->second;
}

}  // namespace

Status apply_effects(Edit& edit, RowReader& in) {
  const WallTime at = in.maybe_time("at");
  for (const Part& part : kParts) {
    const Json::Array& list = in.maybe_list(part.key);
    if (!in.ok()) return in.status();
    for (const Json& item : list) {
      TRY(part.apply(edit, item, at));
    }
  }
  return {};
}

void add_state(Json& data, const AliquotId& aliquot, AliquotState to, bool overridden) {
  Json item = Json::object().set("aliquot", aliquot.str()).set("to", name_of(to));
  put_flag(item, "overridden", overridden);
  list_at(data, "states").push(std::move(item));
}

void add_item(Json& data, const View& view, const AliquotId& aliquot, const Spot& to) {
  Labelled from;
  if (const auto known = view.aliquot(aliquot)) from = {known->spot, view.label_of(known->spot)};
  add_item(data, aliquot, {to, view.label_of(to)}, std::move(from));
}

void add_item(Json& data, const AliquotId& aliquot, Labelled to, Labelled from) {
  Json item = spot_json(to.spot, std::move(to.label));
  item.set("aliquot", aliquot.str());
  if (!from.spot.place.empty()) item.set("from", spot_json(from.spot, std::move(from.label)));
  list_at(data, "items").push(std::move(item));
}

void add_document(Json& data, std::string_view kind, std::string_view id, Json content) {
  list_at(data, "documents")
      .push(Json::object().set("kind", kind).set("id", id).set("content", std::move(content)));
}

void add_count(Json& data, std::string_view name) { list_at(data, "counts").push(name); }

void add_position(Json& data, const View& view, const Spot& spot, std::string_view what,
                  std::string_view text, WallTime until) {
  Json item = spot_json(view, spot);
  item.set("do", what);
  put_text(item, "text", text);
  put_time(item, "until", until);
  list_at(data, "positions").push(std::move(item));
}

void add_kept(Json& data, const View& view, const Spot& spot, const Reservation& kept) {
  add_position(data, view, spot, "reserve", kept.owner, kept.until);
  data.members()["positions"].items().back().set("out", kept.out.str());
}

}  // namespace cryobank::inventory
