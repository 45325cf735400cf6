// operation/undo: what one command moved goes back to where it was, all of it or nothing, and only
// while nothing has touched it since; else the answer says who touched what. operation/list: what
// can still be undone, newest first.
#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/gate/shipper.hpp"
#include "inventory/commands/operation.hpp"
#include "inventory/ledger/allocation.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/exposure.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::size_t kTouchedListedMax = 1000;  // of one answer; the count covers all

// Why one thing cannot go back.
struct Touch {
  std::string id;
  Spot now;
  WallTime since{};
  std::string what;  // "operation-14 aliquot/move", "job-7 thaw"; empty: not known
  UserId by;
};

// The newest later operation that names each thing.
using Later = std::map<std::string, const Operation*, std::less<>>;

Later later_touches(const std::vector<Operation>& kept, std::uint64_t after) {
  Later later;
  for (const Operation& operation : kept) {
    if (operation.number <= after) continue;
    for (const Moved& moved : operation.aliquots) later[moved.id] = &operation;
    for (const Moved& moved : operation.containers) later[moved.id] = &operation;
  }
  return later;
}

void blame_job(const View& view, const Operation& operation, Touch& touch) {
  for (const auto& [id, job] : view.base().jobs) {
    if (!is_open(job.state) && job.made_at < operation.at) continue;
    for (const Move& move : job.moves) {
      if (move.aliquot.str() != touch.id || move.state == MoveState::cancelled) continue;
      touch.what = cat(id.str(), " ", name_of(job.kind));
      touch.by = job.by;
    }
  }
}

std::optional<Touch> touch_of(const View& view, const Operation& operation, const Later& later,
                              const Moved& moved, const Spot& now, WallTime since) {
  Touch touch{moved.id, now, since, {}, {}};
  blame_job(view, operation, touch);
  const auto found = later.find(moved.id);
  if (found != later.end()) {
    touch.what = cat(found->second->id, " ", found->second->verb);
    touch.by = found->second->by;
    touch.since = found->second->at;
    return touch;
  }
  if (now == moved.to && since <= operation.at && touch.what.empty()) return std::nullopt;
  return touch;
}

std::vector<Touch> touches(const View& view, const Operation& operation) {
  const std::vector<Operation> kept = operations(view);
  const Later later = later_touches(kept, operation.number);
  std::vector<Touch> found;
  const auto keep = [&found](std::optional<Touch> touch) {
    if (touch) found.push_back(std::move(*touch));
  };
  for (const Moved& moved : operation.aliquots) {
    const auto aliquot = view.aliquot(AliquotId(moved.id));
    if (!aliquot) continue;
    keep(touch_of(view, operation, later, moved, aliquot->spot, aliquot->since));
  }
  for (const Moved& moved : operation.containers) {
    const Place* place = view.place(PlaceId(moved.id));
    if (place == nullptr) continue;
    keep(touch_of(view, operation, later, moved, place->within, place->since));
  }
  return found;
}

std::string sentence(const View& view, const Touch& touch) {
  return cat(touch.id, " is in ", view.name_of(touch.now), " since ", format_utc(touch.since),
             touch.what.empty() ? "" : cat(" by ", touch.what, " of ", touch.by.str()));
}

Decision refuse_touched(Ask& ask, const Operation& operation, const std::vector<Touch>& found) {
  Json list = Json::array();
  for (const Touch& touch : found) {
    if (list.items().size() >= kTouchedListedMax) break;
    Json item = spot_json(ask.view(), touch.now);
    item.set("id", touch.id);
    put_time(item, "since", touch.since);
    put_text(item, "what", touch.what);
    put_text(item, "by", touch.by.str());
    list.push(std::move(item));
  }
  Json reply = Json::object().set("operation", operation.id);
  reply.set("touched", std::move(list));
  const std::string why =
      cat(operation.id, " cannot be undone, nothing changed: ", found.size(),
          " of what it moved were touched since; ", sentence(ask.view(), found.front()));
  Decision decision = answer(ask, std::move(reply), why);
  decision.refused = make_error(ErrorCode::conflict, why);
  return decision;
}

// Nobody else has taken or blocked the place to go back to.
Status check_home(const View& view, const Moved& moved, const std::set<std::string>& moving,
                  std::string_view owner) {
  if (moved.from.place.empty() || moved.from.place.str() == kExpectedPlace) {
    return make_error(ErrorCode::unsupported,
                      cat(moved.id,
                          " was received by it, which cannot be undone: dispose of it, "
                          "or move it"));
  }
  TRY_ASSIGN(const auto place, known_place(view, moved.from.place));
  TRY(check_not_sent(view, moved.from.place));
  if (moved.from.position == kNoPosition) return {};
  const AliquotId vial = view.occupant(moved.from);
  const PlaceId container = view.container_at(moved.from);
  const bool left = (vial.empty() || moving.contains(vial.str())) &&
                    (container.empty() || moving.contains(container.str()));
  const bool closed =
      place.blocked.contains(moved.from.position) || place.held.contains(moved.from.position);
  const auto kept = place.reserved.find(moved.from.position);
  const bool others =
      kept != place.reserved.end() && !view.is_over(kept->second) && kept->second.owner != owner;
  if (left && !closed && !others) return {};
  return make_error(ErrorCode::slot_taken, cat(view.name_of(moved.from), ", where ", moved.id,
                                               " was, is not free any more"));
}

// It was out of the cold before and was not in the cold since: the clock goes on.
void add_out(Json& data, const Moved& moved, WallTime now) {
  if (moved.out_since.ms == 0) return;
  const std::int64_t ms = std::max<std::int64_t>(0, (now - moved.out_since).ms());
  data.members()["items"].items().back().set("out_s", std::min(kHandlingMaxS, (ms + 999) / 1000));
}

Status add_aliquots(const View& view, WallTime now, const Operation& operation,
                    const std::set<std::string>& moving, Json& data) {
  for (const Moved& moved : operation.aliquots) {
    TRY_ASSIGN(const auto aliquot, known_aliquot(view, AliquotId(moved.id)));
    const std::string& course = aliquot.course.str();
    for (const Status& may :
         {check_home(view, moved, moving, course), check_may_lie(view, aliquot, moved.from.place),
          check_gripper_idle(view, moved.from.place)}) {
      TRY(may);
    }
    add_item(data, view, aliquot.id, moved.from);
    add_out(data, moved, now);
    const auto& reserved = view.place(moved.from.place)->reserved;
    const auto kept = reserved.find(moved.from.position);
    if (kept != reserved.end()) add_position(data, view, moved.from, "free", course);
  }
  return {};
}

// An evacuation that counts the rack as moved has it to move again.
void reopen_evacuation(const View& view, const Moved& rack, Json& data) {
  for (const std::string& id : view.documents("evacuation")) {
    auto content = *document_of<EvacuationDocument>(view, id);
    const auto found =
        std::ranges::find(content.done, PlaceId(rack.id), &EvacuationDocument::Rack::rack);
    if (found == content.done.end()) continue;
    content.open.push_back(*found);
    content.done.erase(found);
    keep_document(data, id, content);
    add_position(data, view, rack.to, "reserve", id);
  }
}

Status add_containers(const View& view, const Operation& operation,
                      const std::set<std::string>& moving, Json& data) {
  Json places = Json::array();
  for (const Moved& moved : operation.containers) {
    for (const Status& may :
         {check_home(view, moved, moving, ""), check_not_in_use(view, PlaceId(moved.id))}) {
      TRY(may);
    }
    Json change = Json::object().set("place", moved.id).set("parent", moved.from.place.str());
    put_number(change, "at", moved.from.position, kNoPosition);
    put_text(change, "position", view.label_of(moved.from));
    places.push(std::move(change));
    reopen_evacuation(view, moved, data);
  }
  if (!places.items().empty()) data.set("places", std::move(places));
  return {};
}

// A reconciliation says what people saw in the boxes; only another look can show it wrong.
Status check_no_take(const View& view, std::string_view id) {
  constexpr std::string_view kTake = "take-";
  const auto number = parse_integer(id.starts_with(kTake) ? id.substr(kTake.size()) : "");
  const bool known = number && *number > 0 &&
                     static_cast<std::uint64_t>(*number) <= count_of(view.counters(), "takes");
  if (!known) return {};
  if (document_of<TakeDocument>(view, id)) {
    return make_error(ErrorCode::conflict, cat(id, " is not signed and moved nothing"));
  }
  return make_error(ErrorCode::unsupported,
                    cat(id,
                        " is a stock-take that two people signed, which is never undone: "
                        "what it has wrong is corrected by a new stock-take of the same place "
                        "(take/open)"));
}

Result<Decision> undo(Ask& ask) {
  TRY_ASSIGN(const auto id, ask.body.get_string("operation"));
  TRY(check_no_take(ask.view(), id));
  TRY_ASSIGN(const auto operation, find_operation(ask.view(), id));
  TRY(need_reason(ask, "an undo"));
  const std::vector<Touch> found = touches(ask.view(), operation);
  if (!found.empty()) return refuse_touched(ask, operation, found);
  std::set<std::string> moving;
  for (const Moved& moved : operation.aliquots) moving.insert(moved.id);
  for (const Moved& moved : operation.containers) moving.insert(moved.id);
  Json data = act(ask);
  data.set("undone", operation.id);
  TRY(add_aliquots(ask.view(), ask.now(), operation, moving, data));
  TRY(add_containers(ask.view(), operation, moving, data));
  const std::string own = note_operation(ask, data, "operation/undo");
  drop_document<OperationDocument>(data, operation.id);
  TRY(ask.trial.add(inventory_fact(fact::kOperationUndone, std::move(data))));
  Json reply = Json::object().set("undone", operation.id).set("operation", own);
  reply.set("aliquots", static_cast<std::uint64_t>(operation.aliquots.size()));
  reply.set("containers", static_cast<std::uint64_t>(operation.containers.size()));
  return answer(ask, std::move(reply), cat(operation.id, " (", operation.verb, ") is undone"));
}

Result<Decision> list(Ask& ask) {
  std::vector<Operation> kept = operations(ask.view());
  std::reverse(kept.begin(), kept.end());
  Json rows = Json::array();
  for (const Operation& operation : kept) {
    Json row = Json::object().set("operation", operation.id).set("verb", operation.verb);
    row.set("by", operation.by.str()).set("at", format_utc(operation.at));
    row.set("aliquots", static_cast<std::uint64_t>(operation.aliquots.size()));
    row.set("containers", static_cast<std::uint64_t>(operation.containers.size()));
    rows.push(std::move(row));
  }
  return answer(ask, Json::object().set("operations", std::move(rows)),
                cat(kept.size(), " operations are kept"));
}

constexpr DecidedVerb kUndoCommands[] = {
    {"operation/list", list},
    {"operation/undo", undo},
};

}  // namespace

std::span<const DecidedVerb> undo_commands() { return kUndoCommands; }

}  // namespace cryobank::inventory
