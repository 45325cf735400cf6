// report/defragment: which vials would have to be moved so that boxes become empty, freezer by
// freezer. A dry run: each line is the body of an aliquot/move, and nothing is moved by itself. No
// vial changes its freezer, so the risk of a course stays as it is.
#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/ledger/allocation.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/exposure.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::int64_t kMovesDefault = 100;  // a morning's work of two people
constexpr std::int64_t kMovesListed = 2000;  // of one reply

struct Box {
  PlaceId id;
  std::vector<AliquotId> vials;
  std::vector<int> free;  // in fill order
};

// Boxes without vials take none: filling an empty one gains nothing.
void add_boxes(const View& view, const PlaceId& id, std::map<DeviceId, std::vector<Box>>& boxes) {
  const Place& place = *view.place(id);
  const PlaceType& type = view.type_of(place);
  if (type.may_hold("aliquot") && type.has_positions() && check_no_hold(view, id).ok()) {
    Box box{id, view.aliquots_in(id), {}};
    for (const int position : type.fill_order()) {
      if (is_free(view, place, position)) box.free.push_back(position);
    }
    const DeviceId freezer = view.freezer_of(id);
    if (!box.vials.empty() && !freezer.empty()) boxes[freezer].push_back(std::move(box));
  }
  for (const PlaceId& child : view.containers_in(id)) add_boxes(view, child, boxes);
}

// The record as one question sees it: the excursions are gathered once for all its vials.
struct MovingShelf {
  View view;
  ExposureBook book;
  WallTime now;
};

bool can_move(const MovingShelf& shelf, const Aliquot& aliquot) {
  if (!is_frozen_stock(aliquot.state) || aliquot.state == AliquotState::reserved) return false;
  if (!check_not_in_job(shelf.view, aliquot).ok()) return false;
  if (!holds_on(shelf.view, aliquot).empty()) return false;
  return !is_over_budget(shelf.view, aliquot, shelf.book.of(aliquot, shelf.now));
}

bool can_all_move(const MovingShelf& shelf, const Box& box) {
  return std::ranges::all_of(
      box.vials, [&](const AliquotId& id) { return can_move(shelf, *shelf.view.aliquot(id)); });
}

struct Plan {
  Json moves = Json::array();
  Json freed = Json::array();
  std::int64_t moves_max = kMovesDefault;

  bool has_room(std::size_t more) const {
    return static_cast<std::int64_t>(moves.items().size() + more) <= moves_max;
  }
};

Json move_line(const View& view, const Aliquot& aliquot, const Spot& to) {
  Json line = Json::object().set("aliquot", aliquot.id.str()).set("code", aliquot.code);
  line.set("from", view.path_of(aliquot.spot.place));
  put_text(line, "from_position", view.label_of(aliquot.spot));
  line.set("place", to.place.str()).set("position", view.label_of(to));
  return line;
}

// The box with the fewest vials is emptied into the fullest ones, as long as it goes in whole.
void plan_freezer(const MovingShelf& shelf, std::vector<Box>& boxes, Plan& plan) {
  const View& view = shelf.view;
  std::ranges::stable_sort(boxes, {}, [](const Box& box) { return box.vials.size(); });
  std::size_t takers_from = boxes.size();
  for (std::size_t giver = 0; giver + 1 < takers_from; ++giver) {
    const Box& box = boxes[giver];
    std::size_t room = 0;
    for (std::size_t i = giver + 1; i < boxes.size(); ++i) room += boxes[i].free.size();
    if (!can_all_move(shelf, box)) continue;
    if (room < box.vials.size() || !plan.has_room(box.vials.size())) return;
    std::size_t taker = boxes.size() - 1;
    for (const AliquotId& id : box.vials) {
      while (boxes[taker].free.empty()) --taker;
      const Spot to{boxes[taker].id, boxes[taker].free.front()};
      boxes[taker].free.erase(boxes[taker].free.begin());
      plan.moves.push(move_line(view, *view.aliquot(id), to));
    }
    // A box that took vials of another one gives none any more.
    takers_from = std::min(takers_from, taker);
    plan.freed.push(Json::object().set("place", box.id.str()).set("path", view.path_of(box.id)));
  }
}

Result<Decision> defragment(Ask& ask) {
  TRY_ASSIGN(const auto place, need_id<PlaceId>(ask.body, "place"));
  TRY(known_place(ask.view(), place));
  Plan plan;
  if (ask.body.has("moves_max")) {
    TRY_ASSIGN(const auto most, ask.body.get_integer("moves_max"));
    if (most < 1 || most > kMovesListed) {
      return make_error(ErrorCode::invalid_value,
                        cat("expected 1 to ", kMovesListed, " at \"moves_max\", came ", most));
    }
    plan.moves_max = most;
  }
  std::map<DeviceId, std::vector<Box>> boxes;
  add_boxes(ask.view(), place, boxes);
  const MovingShelf shelf{ask.view(), ExposureBook(ask.view()), ask.now()};
  for (auto& [freezer, inside] : boxes) plan_freezer(shelf, inside, plan);
  const auto moves = static_cast<std::uint64_t>(plan.moves.items().size());
  const auto freed = static_cast<std::uint64_t>(plan.freed.items().size());
  Json reply = Json::object().set("place", place.str()).set("moves", std::move(plan.moves));
  reply.set("freed", std::move(plan.freed));
  return answer(ask, std::move(reply),
                cat(moves, " moves would empty ", freed, " boxes; nothing was moved"));
}

constexpr DecidedVerb kDefragmentCommands[] = {
    {"report/defragment", defragment},
};

}  // namespace

std::span<const DecidedVerb> defragment_commands() { return kDefragmentCommands; }

}  // namespace cryobank::inventory
