// place/make, place/move, position/block, unblock, reserve, free.
#include "base/record_time.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/gate/intake.hpp"
#include "inventory/commands/gate/shipper.hpp"
#include "inventory/commands/operation.hpp"
#include "inventory/commands/work_area.hpp"
#include "inventory/ledger/allocation.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kTitleMax = 120;

// Where a place of this type is to stand; what cannot hold it is told before its positions are.
Result<Spot> read_home(const Ask& ask, std::string_view type) {
  TRY_ASSIGN(const auto parent, need_id<PlaceId>(ask.body, "parent"));
  TRY_ASSIGN(const auto outer, known_place(ask.view(), parent));
  if (!ask.view().type_of(outer).may_hold(type)) {
    return make_error(ErrorCode::conflict, cat("place ", parent.str(), " of type ", outer.type,
                                               " holds no ", clip(type, 60)));
  }
  return need_spot(ask.view(), parent, text_of(ask.body, "position"));
}

Status check_home_free(const View& view, const Spot& spot) {
  if (spot.position == kNoPosition) return {};
  if (is_free(view, *view.place(spot.place), spot.position)) return {};
  return make_error(ErrorCode::slot_taken, cat(view.name_of(spot), " is not free"));
}

Json place_change(const View& view, const PlaceId& place, const Spot& home) {
  Json item = spot_json(view, home);
  Json change = Json::object().set("place", place.str()).set("parent", home.place.str());
  put_number(change, "at", home.position, kNoPosition);
  put_text(change, "position", text_of(item, "position"));
  return change;
}

Result<Decision> make_place(Ask& ask) {
  TRY_ASSIGN(const auto id, need_id<PlaceId>(ask.body, "place"));
  if (ask.view().place(id) != nullptr) {
    return make_error(ErrorCode::already_exists, cat("place ", id.str(), " exists already"));
  }
  TRY(check_no_vials_code(ask.view(), id.str(), "a place"));
  TRY_ASSIGN(const auto type, ask.body.get_string("type"));
  if (ask.view().find_type(type) == nullptr || type == kBuiltInType) {
    return make_error(ErrorCode::not_found, cat("no place type \"", clip(type, 60), "\""));
  }
  TRY_ASSIGN(const auto title, maybe_text(ask.body, "title", kTitleMax));
  TRY_ASSIGN(const auto home, read_home(ask, type));
  TRY(check_home_free(ask.view(), home));
  Json change = place_change(ask.view(), id, home);
  change.set("type", type);
  put_text(change, "title", title);
  Json data = act(ask);
  data.set("places", Json::array().push(std::move(change)));
  TRY(ask.trial.add(inventory_fact(fact::kPlaceMade, std::move(data))));
  return answer(ask, Json::object().set("place", id.str()),
                cat("place ", ask.view().path_of(id), " stands"));
}

// A box that is brought to a bench brings its vials. What is mixed, as a shipper, may stand
// anywhere.
Result<std::optional<Decision>> check_contents(Ask& ask, const PlaceId& id, const PlaceId& to) {
  const View view = ask.view();
  for (const PlaceId& end : {view.place(id)->within.place, to}) {
    TRY(check_not_locked(view, end));
  }
  if (work_areas(view, to).empty() || view.type_of(*view.place(id)).is_mixed()) {
    return std::optional<Decision>();
  }
  std::vector<Arrival> arrivals;
  for (const AliquotId& inside : reached_by(view, hold_target(HoldScope::place, id.str()))) {
    const auto aliquot = view.aliquot(inside);
    arrivals.push_back({inside, aliquot->course, aliquot->code, to});
  }
  return check_arrivals(ask, arrivals, ask.body);
}

// With everything in it: one fact, however many vials.
Result<Decision> move_place(Ask& ask) {
  TRY_ASSIGN(const auto id, need_id<PlaceId>(ask.body, "place"));
  TRY_ASSIGN(const auto place, known_place(ask.view(), id));
  const bool fixed = place.type == kBuiltInType || !place.device.empty() ||
                     ask.view().base().stations.contains(id);
  if (fixed) {
    return make_error(ErrorCode::unsupported,
                      cat("place ", id.str(), " cannot be moved: it is fixed beside its machine"));
  }
  TRY(check_not_in_use(ask.view(), id));
  TRY_ASSIGN(const auto home, read_home(ask, place.type));
  if (home == place.within) {
    return make_error(ErrorCode::conflict, cat("place ", id.str(), " is there already"));
  }
  for (const PlaceId& end : {id, home.place}) {
    TRY(check_not_sent(ask.view(), end));
  }
  TRY(check_home_free(ask.view(), home));
  TRY_ASSIGN(auto mixed, check_contents(ask, id, home.place));
  if (mixed) return std::move(*mixed);
  const std::string from = ask.view().path_of(id);
  Json data = act(ask);
  data.set("from", from);
  data.set("places", Json::array().push(place_change(ask.view(), id, home)));
  const std::string operation = note_operation(ask, data, "place/move");
  TRY(ask.trial.add(inventory_fact(fact::kPlaceMoved, std::move(data))));
  const auto inside = reached_by(ask.view(), hold_target(HoldScope::place, id.str())).size();
  Json reply = Json::object().set("place", id.str()).set("path", ask.view().path_of(id));
  reply.set("aliquots", static_cast<std::uint64_t>(inside));
  put_text(reply, "operation", operation);
  return answer(
      ask, std::move(reply),
      cat("place ", from, " is now ", ask.view().path_of(id), " with ", inside, " aliquots"));
}

// What is given back must be there, and be the asker's to give back.
Status check_given(const View& view, const Spot& spot, std::string_view what,
                   std::string_view owner) {
  const Place& place = *view.place(spot.place);
  if (what == "unblock") {
    if (place.blocked.contains(spot.position)) return {};
    return make_error(ErrorCode::conflict, cat(view.name_of(spot), " is not blocked"));
  }
  if (what != "free") return {};
  const auto found = place.reserved.find(spot.position);
  if (found != place.reserved.end() && found->second.owner == owner) return {};
  return make_error(ErrorCode::conflict,
                    found == place.reserved.end()
                        ? cat(view.name_of(spot), " is not reserved")
                        : cat(view.name_of(spot), " is reserved for ", found->second.owner,
                              ", not for ", owner, ": nothing is freed"));
}

Result<Decision> change_position(Ask& ask, std::string_view what, const std::string& text,
                                 WallTime until) {
  TRY_ASSIGN(const auto place, need_id<PlaceId>(ask.body, "place"));
  TRY_ASSIGN(const auto spot, need_spot(ask.view(), place, text_of(ask.body, "position")));
  if (spot.position == kNoPosition) {
    return make_error(ErrorCode::unsupported,
                      cat("place ", place.str(), " has no positions to ", what));
  }
  const bool takes = what == "block" || what == "reserve";
  if (takes && !is_free(ask.view(), *ask.view().place(place), spot.position)) {
    return make_error(ErrorCode::slot_taken, cat(ask.view().name_of(spot), " is not free"));
  }
  TRY(check_given(ask.view(), spot, what, text));
  TRY_ASSIGN(const auto dry, maybe_bool(ask.body, "dry_run"));
  if (dry) {
    return answer(ask, Json::object().set("place", place.str()),
                  cat("dry run: ", ask.view().name_of(spot), " is free"));
  }
  Json data = act(ask);
  add_position(data, ask.view(), spot, what, text, until);
  TRY(ask.trial.add(inventory_fact(fact::kPositionsChanged, std::move(data))));
  return answer(ask, Json::object().set("place", place.str()),
                cat(ask.view().name_of(spot), ": ", what));
}

Result<Decision> block(Ask& ask) {
  TRY(need_reason(ask, "blocking a position"));
  return change_position(ask, "block", ask.context.reason, {});
}

Result<Decision> unblock(Ask& ask) { return change_position(ask, "unblock", "", {}); }

// Without a place: one position for each vial of the course that is still to come, where it would
// be stored.
Result<Decision> reserve_plan(Ask& ask, const Course& course, WallTime until) {
  const View view = ask.view();
  TRY_ASSIGN(const auto strategy, read_strategy(view, ask.body));
  TRY_ASSIGN(const auto dry, maybe_bool(ask.body, "dry_run"));
  std::vector<Wanted> wanted;
  for (const Dose& dose : course.doses) {
    for (const AliquotId& id : dose.aliquots) {
      if (view.state_of(id) == AliquotState::expected) wanted.push_back({id, dose.number});
    }
  }
  if (wanted.empty()) {
    return make_error(ErrorCode::conflict,
                      cat("course ", course.id.str(), " has no vial that is still to come"));
  }
  TRY_ASSIGN(const auto plan,
             allocate(view, course, wanted, {strategy, flag_of(ask.body, "waive_share")}));
  Json reply = Json::object().set("course", course.id.str()).set("strategy", name_of(strategy));
  reply.set("plan", to_json(view, course, plan));
  if (dry) {
    return answer(ask, std::move(reply), cat("dry run: ", wanted.size(), " positions are free"));
  }
  Json data = act(ask);
  for (const Spot& spot : spots_of(plan)) {
    add_position(data, view, spot, "reserve", course.id.str(), until);
  }
  TRY(ask.trial.add(inventory_fact(fact::kPositionsChanged, std::move(data))));
  return answer(ask, std::move(reply),
                cat(wanted.size(), " positions are reserved for course ", course.id.str()));
}

Result<Decision> reserve(Ask& ask) {
  TRY_ASSIGN(const auto owner, need_id<CourseId>(ask.body, "course"));
  TRY_ASSIGN(const auto course, known_course(ask.view(), owner));
  TRY_ASSIGN(const auto until, maybe_time(ask.body, "until"));
  if (until.ms != 0) {
    TRY(expect_within("until", until, ask.now(), kHoldsYearsMax));
  }
  if (until.ms != 0 && until <= ask.now()) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected a time after now at \"until\", came ", format_utc(until)));
  }
  if (!ask.body.has("place")) return reserve_plan(ask, course, until);
  return change_position(ask, "reserve", owner.str(), until);
}

Result<Decision> free_position(Ask& ask) {
  TRY_ASSIGN(const auto owner, need_id<CourseId>(ask.body, "course"));
  return change_position(ask, "free", owner.str(), {});
}

constexpr DecidedVerb kPlaceCommands[] = {
    {"place/make", make_place},       {"place/move", move_place},    {"position/block", block},
    {"position/free", free_position}, {"position/reserve", reserve}, {"position/unblock", unblock},
};

}  // namespace

std::span<const DecidedVerb> place_commands() { return kPlaceCommands; }

}  // namespace cryobank::inventory
