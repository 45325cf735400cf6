// aliquot/move: a person moved vials by hand, one or a list: all of them or none. A list may swap
// places among its vials. With `keep_until` the position that a vial leaves stays its own.
#include <algorithm>
#include <optional>

#include "base/record_time.hpp"
#include "base/scan_text.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/operation.hpp"
#include "inventory/commands/thaw_gate.hpp"
#include "inventory/commands/work_area.hpp"
#include "inventory/ledger/allocation.hpp"
#include "inventory/ledger/apply/apply.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/exposure.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

// A vial that was out for longer was not handled but left standing: that is another report.
constexpr std::int64_t kOutSecondsMax = 86'400;

struct HandMove {
  Aliquot aliquot;
  Spot to;
  std::int64_t out_s = -1;  // -1: not told
  WallTime keep_until{};
};

Status read_extras(const Ask& ask, const Json& item, HandMove& move) {
  if (item.has("out_seconds")) {
    TRY_ASSIGN(const auto seconds, item.get_integer("out_seconds"));
    if (seconds < 0 || seconds > kOutSecondsMax) {
      return make_error(ErrorCode::invalid_value, cat("expected 0 to ", kOutSecondsMax,
                                                      " at \"out_seconds\", came ", seconds));
    }
    move.out_s = seconds;
  }
  TRY_ASSIGN(const auto keep, maybe_time(item, "keep_until"));
  if (keep.ms != 0 && keep <= ask.now()) {
    return make_error(ErrorCode::invalid_value, cat("expected a time after now at \"keep_until\", "
                                                    "came ",
                                                    format_utc(keep)));
  }
  if (keep.ms != 0) {
    TRY(expect_within("keep_until", keep, ask.now(), kHoldsYearsMax));
  }
  move.keep_until = keep;
  return {};
}

// The vial that is meant, by its id, or else the one in the hand, by its scanned code.
Result<Aliquot> moved_vial(const Ask& ask, const Json& item) {
  if (item.has("aliquot")) {
    TRY_ASSIGN(const auto id, need_id<AliquotId>(item, "aliquot"));
    return known_aliquot(ask.view(), id);
  }
  TRY_ASSIGN(const auto scanned, item.get_string("code"));
  const std::string_view code = strip_scan(scanned);
  auto aliquot = ask.view().aliquot_by_code(code);
  if (aliquot) return std::move(*aliquot);
  return make_error(ErrorCode::not_found, cat("no aliquot has the code ", clip(code, kIdLengthMax),
                                              like_of(ask.view(), scanned)));
}

Result<HandMove> read_move(const Ask& ask, const Json& item) {
  TRY_ASSIGN(const auto place, need_id<PlaceId>(item, "place"));
  HandMove move;
  TRY_ASSIGN(auto aliquot, moved_vial(ask, item));
  move.aliquot = std::move(aliquot);
  TRY_ASSIGN(const auto spot, need_spot(ask.view(), place, text_of(item, "position")));
  // The words for where a vial is not: it leaves the bank by its own acts, never by a move.
  if (ask.view().place(place)->type == kBuiltInType) {
    return make_error(ErrorCode::unsupported,
                      cat("expected a place of the site, came ", place.str()));
  }
  if (ask.view().robot(ask.view().place(place)->device) != nullptr) {
    return make_error(ErrorCode::unsupported,
                      cat("expected a place where a person puts vials, came ", place.str(),
                          ": only its robot puts one into a gripper; what people thaw is lifted "
                          "by dose/lift"));
  }
  move.to = spot;
  TRY(read_extras(ask, item, move));
  for (const Status& may :
       {check_not_in_job(ask.view(), move.aliquot), check_not_in_doubt(ask.view(), move.aliquot),
        check_label(ask.view(), move.aliquot), check_may_lie(ask.view(), move.aliquot, place)}) {
    TRY(may);
  }
  return move;
}

// The scanned code is the first match, the witness the second. Nothing when both agree; else the
// decision that notes the mismatch.
Result<std::optional<Decision>> check_match(Ask& ask, const Json& item, const HandMove& move) {
  TRY_ASSIGN(const auto code, item.get_string("code"));
  return check_code(ask, move.aliquot, code,
                    hold_target(HoldScope::aliquot, move.aliquot.id.str()));
}

// Nobody puts a second course into a work area, nor takes anything out of one that is locked.
Result<std::optional<Decision>> check_work(Ask& ask, const std::vector<HandMove>& moves) {
  std::vector<Arrival> arrivals;
  for (const HandMove& move : moves) {
    TRY(check_not_locked(ask.view(), move.aliquot.spot.place));
    arrivals.push_back({move.aliquot.id, move.aliquot.course, move.aliquot.code, move.to.place});
  }
  return check_arrivals(ask, arrivals, ask.body);
}

// What is frozen comes to a thaw station by the acts that ask whether it may be thawed.
Status check_no_thaw(const View& view, const std::vector<HandMove>& moves) {
  for (const HandMove& move : moves) {
    const bool stays = move.aliquot.spot.place == move.to.place;
    if (stays || !is_frozen_stock(move.aliquot.state)) continue;
    if (!is_thaw_station(view, *view.place(move.to.place))) continue;
    return make_error(ErrorCode::unsupported,
                      cat("expected a place that is no thaw station, came ", move.to.place.str(),
                          ": two people thaw a dose by hand with dose/lift and dose/set-down"));
  }
  return {};
}

// Free, kept for this course, or left by another vial of the same list.
Status check_target(const View& view, const HandMove& move, const std::set<AliquotId>& moving) {
  if (move.to.position == kNoPosition || move.aliquot.spot == move.to) return {};
  const Place& place = *view.place(move.to.place);
  const AliquotId there = view.occupant(move.to);
  const bool open = is_open_to(view, place, move.to.position, move.aliquot.course.str());
  if (open && (there.empty() || moving.contains(there))) return {};
  const auto reserved = place.reserved.find(move.to.position);
  const std::string why = !there.empty() ? cat(": aliquot ", there.str(), " is there")
                          : reserved != place.reserved.end()
                              ? cat(": it is kept for ", reserved->second.owner)
                              : std::string();
  return make_error(ErrorCode::slot_taken, cat(view.name_of(move.to), " is not free", why));
}

// Taking a place of the course's own ends its reservation.
void add_move(Json& data, const View& view, const HandMove& move) {
  add_item(data, view, move.aliquot.id, move.to);
  const Place& place = *view.place(move.to.place);
  const auto reserved = place.reserved.find(move.to.position);
  if (reserved != place.reserved.end() && reserved->second.owner == move.aliquot.course.str()) {
    add_position(data, view, move.to, "free", reserved->second.owner);
  }
  if (move.aliquot.state == AliquotState::lost) {
    add_state(data, move.aliquot.id, AliquotState::quarantined);
  }
}

// How long it is out of the cold with this move, as the record knows or as a person says.
std::int64_t out_with(const HandMove& move, WallTime now) {
  return std::max(move.out_s, out_s(move.aliquot, now));
}

bool is_over_with(const View& view, const HandMove& move, WallTime now) {
  return is_frozen_stock(move.aliquot.state) && allowed_s(view, move.aliquot) < out_with(move, now);
}

void add_handling(Json& data, const View& view, const HandMove& move, WallTime now) {
  Json& item = data.members()["items"].items().back();
  if (move.out_s >= 0) item.set("out_s", move.out_s);
  const bool hard = is_over_with(view, move, now);
  put_flag(item, "over_budget", hard);
  put_flag(item, "over_handling",
           !hard && budget_of(view, move.aliquot).handling_s < out_with(move, now));
}

// Told to whoever did it, at once: of the one that was out the longest.
std::string over_words(const View& view, const std::vector<HandMove>& moves, WallTime now) {
  const HandMove* worst = nullptr;
  std::size_t over = 0;
  for (const HandMove& move : moves) {
    if (!is_over_with(view, move, now)) continue;
    ++over;
    if (worst == nullptr || out_with(*worst, now) < out_with(move, now)) worst = &move;
  }
  if (worst == nullptr) return {};
  return cat("; ", worst->aliquot.id.str(), " was out of the cold for ", out_with(*worst, now),
             " s", over == 1 ? "" : cat(", and ", over - 1, " more for too long"),
             ": over budget, on hold until quality waives it");
}

// The positions that vials leave for a time. REQUIRES: every move was added.
Status add_keeps(Json& data, const View& view, const std::vector<HandMove>& moves) {
  std::set<Spot> taken;
  for (const HandMove& move : moves) taken.insert(move.to);
  for (const HandMove& move : moves) {
    const Spot& left = move.aliquot.spot;
    if (move.keep_until.ms == 0) continue;
    if (left.position == kNoPosition || taken.contains(left)) {
      return make_error(ErrorCode::unsupported,
                        cat("expected \"keep_until\" where aliquot ", move.aliquot.id.str(),
                            " leaves a position empty, it is in ", view.name_of(left)));
    }
    add_kept(data, view, left, {move.aliquot.course.str(), move.keep_until, move.aliquot.id});
  }
  return {};
}

Result<Decision> place_by_hand(Ask& ask, const std::vector<HandMove>& moves, bool one) {
  std::set<AliquotId> moving;
  std::set<Spot> targets;
  for (const HandMove& move : moves) {
    const bool twice = !moving.insert(move.aliquot.id).second ||
                       (move.to.position != kNoPosition && !targets.insert(move.to).second);
    if (!twice) continue;
    return make_error(ErrorCode::duplicate, cat("aliquot ", move.aliquot.id.str(), " or ",
                                                ask.view().name_of(move.to), " comes twice"));
  }
  Json data = act(ask);
  for (const HandMove& move : moves) {
    TRY(check_target(ask.view(), move, moving));
    add_move(data, ask.view(), move);
    add_handling(data, ask.view(), move, ask.now());
  }
  TRY(add_keeps(data, ask.view(), moves));
  const std::string over = over_words(ask.view(), moves, ask.now());
  const std::string operation = note_operation(ask, data, "aliquot/move");
  TRY(ask.trial.add(inventory_fact(fact::kAliquotsPlaced, std::move(data))));
  const HandMove& first = moves.front();
  Json reply = Json::object();
  if (one) reply.set("aliquot", first.aliquot.id.str());
  if (!one) reply.set("aliquots", static_cast<std::uint64_t>(moves.size()));
  if (!operation.empty()) reply.set("operation", operation);
  const std::string where =
      cat("aliquot ", first.aliquot.id.str(), " is in ", ask.view().name_of(first.to));
  return answer(ask, std::move(reply),
                cat(one ? "" : cat(moves.size(), " aliquots moved; "), where, over));
}

Result<Decision> move_by_hand(Ask& ask) {
  const bool one = !ask.body.has("moves");
  if (!one && ask.body.has("code")) {
    return make_error(ErrorCode::invalid_value,
                      "expected one \"code\", or a list at \"moves\", came both");
  }
  const Json list = one ? Json(Json::Array{ask.body}) : ask.body["moves"];
  if (!list.is_array() || list.items().empty() || list.items().size() > kItemsMax) {
    return make_error(ErrorCode::malformed, cat("expected 1 to ", kItemsMax, " at \"moves\""));
  }
  std::vector<HandMove> moves;
  for (const Json& item : list.items()) {
    TRY_ASSIGN(auto move, read_move(ask, item));
    TRY_ASSIGN(auto mismatch, check_match(ask, item, move));
    if (mismatch) return std::move(*mismatch);
    moves.push_back(std::move(move));
  }
  TRY_ASSIGN(auto mixed, check_work(ask, moves));
  if (mixed) return std::move(*mixed);
  TRY(check_no_thaw(ask.view(), moves));
  return place_by_hand(ask, moves, one);
}

constexpr DecidedVerb kMoveCommands[] = {{"aliquot/move", move_by_hand}};

}  // namespace

std::span<const DecidedVerb> move_commands() { return kMoveCommands; }

}  // namespace cryobank::inventory
