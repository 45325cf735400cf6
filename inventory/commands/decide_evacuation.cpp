// evacuation/plan, evacuation/rack, evacuation/end: the racks of one tank move to another, to the
// same positions where these are free. The plan is a dry run unless it is applied; applied, it
// reserves the target positions, and each rack is reported by two people when it stands there.
#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/gate/standing_words.hpp"
#include "inventory/commands/operation.hpp"
#include "inventory/ledger/allocation.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

struct RackMove {
  PlaceId rack;
  int from = kNoPosition;
  int to = kNoPosition;
};

// The same position first; what finds its own taken gets the next free one in fill order.
Result<std::vector<RackMove>> plan_racks(const View& view, const Place& from, const Place& to) {
  std::vector<RackMove> moves;
  std::set<int> taken;
  const PlaceType& type = view.type_of(to);
  for (const PlaceId& id : view.containers_in(from.id)) {
    const Place& rack = *view.place(id);
    if (!type.may_hold(rack.type)) {
      return make_error(ErrorCode::conflict, cat("place ", to.id.str(), " holds no ", rack.type));
    }
    moves.push_back({id, rack.within.position, kNoPosition});
  }
  for (RackMove& move : moves) {
    if (!type.exists(move.from) || !is_free(view, to, move.from)) continue;
    move.to = move.from;
    taken.insert(move.to);
  }
  std::size_t homeless = 0;
  for (RackMove& move : moves) {
    if (move.to != kNoPosition) continue;
    for (const int position : type.fill_order()) {
      if (taken.contains(position) || !is_free(view, to, position)) continue;
      move.to = position;
      taken.insert(position);
      break;
    }
    homeless += move.to == kNoPosition ? 1 : 0;
  }
  if (homeless == 0) return moves;
  return make_error(ErrorCode::no_space,
                    cat("place ", to.id.str(), " lacks ", homeless, " positions for the ",
                        moves.size(), " racks of ", from.id.str()));
}

std::vector<EvacuationDocument::Rack> list_moves(const View& view, const Place& from,
                                                 const Place& to,
                                                 const std::vector<RackMove>& moves) {
  std::vector<EvacuationDocument::Rack> racks;
  for (const RackMove& move : moves) {
    const auto inside = reached_by(view, hold_target(HoldScope::place, move.rack.str())).size();
    racks.push_back({move.rack, view.label_of({from.id, move.from}),
                     view.label_of({to.id, move.to}), move.to, static_cast<std::int64_t>(inside)});
  }
  return racks;
}

Result<Decision> plan(Ask& ask) {
  TRY_ASSIGN(const auto from_id, need_id<PlaceId>(ask.body, "from"));
  TRY_ASSIGN(const auto to_id, need_id<PlaceId>(ask.body, "to"));
  TRY_ASSIGN(const auto from, known_place(ask.view(), from_id));
  TRY_ASSIGN(const auto to, known_place(ask.view(), to_id));
  if (from_id == to_id) return make_error(ErrorCode::invalid_value, "expected two places");
  TRY_ASSIGN(const auto moves, plan_racks(ask.view(), from, to));
  if (moves.empty()) {
    return make_error(ErrorCode::conflict, cat("place ", from_id.str(), " holds no containers"));
  }
  const EvacuationDocument content{from_id, to_id, list_moves(ask.view(), from, to, moves), {}};
  Json reply = Json::object().set("from", from_id.str()).set("to", to_id.str());
  reply.set("racks", content.encode()["open"]);
  const bool unwatched = is_unwatched(ask.view(), to_id);
  if (unwatched) reply.set("unwatched", true);
  const std::string words = unwatched ? cat("; no machine watches ", to_id.str()) : "";
  if (!flag_of(ask.body, "apply")) {
    return answer(ask, std::move(reply),
                  cat("dry run: ", moves.size(), " racks fit into ", to_id.str(), words));
  }
  const std::string id = cat("evacuation-", count_of(ask.view().counters(), "evacuations") + 1);
  Json data = act(ask);
  keep_document(data, id, content);
  add_count(data, "evacuations");
  for (const RackMove& move : moves) {
    add_position(data, ask.view(), {to_id, move.to}, "reserve", id);
  }
  TRY(ask.trial.add(inventory_fact(fact::kEvacuationPlanned, std::move(data))));
  reply.set("evacuation", id);
  return answer(
      ask, std::move(reply),
      cat(id, ": ", moves.size(), " racks go from ", from_id.str(), " to ", to_id.str(), words));
}

struct Evacuation : EvacuationDocument {
  std::string id;
};

Result<Evacuation> need_evacuation(const Ask& ask) {
  TRY_ASSIGN(const auto id, ask.body.get_string("evacuation"));
  auto document = document_of<EvacuationDocument>(ask.view(), id);
  if (document) return Evacuation{std::move(*document), id};
  return make_error(ErrorCode::not_found, cat("no open evacuation ", clip(id, kIdLengthMax)));
}

// One rack stands in its new place: all of it moves, or nothing.
Result<Decision> move_rack(Ask& ask) {
  TRY_ASSIGN(auto evacuation, need_evacuation(ask));
  TRY_ASSIGN(const auto rack, need_id<PlaceId>(ask.body, "rack"));
  const std::string& id = evacuation.id;
  auto& open = evacuation.open;
  const auto found = std::ranges::find(open, rack, &EvacuationDocument::Rack::rack);
  if (found == open.end()) {
    return make_error(ErrorCode::not_found, cat(id, " has no open rack ", rack.str()));
  }
  TRY(check_not_in_use(ask.view(), rack));
  const Spot home{evacuation.to, found->at};
  Json data = act(ask);
  Json change = Json::object().set("place", rack.str()).set("parent", home.place.str());
  put_number(change, "at", home.position, kNoPosition);
  put_text(change, "position", ask.view().label_of(home));
  data.set("evacuation", id);
  data.set("places", Json::array().push(std::move(change)));
  add_position(data, ask.view(), home, "free", id);
  evacuation.done.push_back(*found);
  open.erase(found);
  const std::size_t left = open.size();
  if (left == 0) {
    drop_document<EvacuationDocument>(data, id);
  } else {
    keep_document<EvacuationDocument>(data, id, evacuation);
  }
  const std::string operation = note_operation(ask, data, "evacuation/rack");
  TRY(ask.trial.add(inventory_fact(fact::kRackMoved, std::move(data))));
  Json reply = Json::object().set("evacuation", id).set("rack", rack.str());
  reply.set("left", static_cast<std::uint64_t>(left));
  put_text(reply, "operation", operation);
  return answer(
      ask, std::move(reply),
      cat("rack ", rack.str(), " is in ", ask.view().path_of(rack), ", ", left, " racks left"));
}

Result<Decision> end(Ask& ask) {
  TRY_ASSIGN(const auto evacuation, need_evacuation(ask));
  const std::string& id = evacuation.id;
  Json data = act(ask);
  data.set("evacuation", id);
  data.set("old", evacuation.encode());
  for (const EvacuationDocument::Rack& rack : evacuation.open) {
    add_position(data, ask.view(), {evacuation.to, rack.at}, "free", id);
  }
  drop_document<EvacuationDocument>(data, id);
  TRY(ask.trial.add(inventory_fact(fact::kEvacuationEnded, std::move(data))));
  return answer(ask, Json::object().set("evacuation", id), cat(id, " is ended"));
}

Result<Decision> list_evacuations(Ask& ask) {
  return list_documents<EvacuationDocument>(
      ask, [](const std::string& /*id*/, const EvacuationDocument& evacuation) {
        Json row = Json::object().set("from", evacuation.from.str()).set("to", evacuation.to.str());
        row.set("racks", evacuation.encode()["open"]);
        return row.set("done", static_cast<std::uint64_t>(evacuation.done.size()));
      });
}

constexpr DecidedVerb kEvacuationCommands[] = {
    {"evacuation/end", end},
    {"evacuation/list", list_evacuations},
    {"evacuation/plan", plan},
    {"evacuation/rack", move_rack},
};

}  // namespace

std::span<const DecidedVerb> evacuation_commands() { return kEvacuationCommands; }

}  // namespace cryobank::inventory
