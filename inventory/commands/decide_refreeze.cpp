// stability/set: what the laboratory validated for a protocol, set by quality.
// dose/refreeze: vials that were thawed and not used go back into the cold, as often as that rule
// allows. They are quarantined; after the last freezing that is allowed
// they are on hold as well, since the next thaw must be the one that is used.
#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/unblock.hpp"
#include "inventory/ledger/allocation.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/stability.hpp"

namespace cryobank::inventory {
namespace {

Result<std::vector<Aliquot>> thawed_vials(const Ask& ask, const CourseDose& target) {
  const Dose& dose = target.dose;
  if (dose.state != DoseState::thawed) {
    return make_error(ErrorCode::conflict,
                      cat("dose ", dose.id.str(), " of course ", target.course.id.str(), " is ",
                          name_of(dose.state), ", expected it thawed"));
  }
  const std::int64_t allowed = stability_of(ask.view(), target.course.protocol).freezings_max;
  std::vector<Aliquot> vials;
  for (const AliquotId& id : dose.aliquots) {
    TRY_ASSIGN(auto aliquot, known_aliquot(ask.view(), id));
    if (aliquot.state != AliquotState::thawed) continue;
    TRY(check_not_in_job(ask.view(), aliquot));
    if (aliquot.thaws >= allowed) {
      return make_error(ErrorCode::conflict,
                        cat("aliquot ", id.str(), " was thawed ", int{aliquot.thaws},
                            " times, and its rule allows ", allowed,
                            " freezings in all: expected it used or rejected"));
    }
    vials.push_back(std::move(aliquot));
  }
  if (vials.empty()) return make_error(ErrorCode::conflict, "expected a thawed aliquot");
  return vials;
}

// As "positions" say, one for each vial in the order of their ids, or in fill order.
// Nobody else's: not blocked, held, or kept for a job or another course.
Result<std::vector<Spot>> read_spots(const Ask& ask, const PlaceId& id, std::size_t count,
                                     std::string_view owner) {
  TRY_ASSIGN(const auto place, known_place(ask.view(), id));
  if (ask.view().freezer_of(id).empty()) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected a place in a freezer, came ", id.str()));
  }
  std::vector<Spot> spots;
  const Json& labels = ask.body["positions"];
  if (labels.is_array()) {
    for (const Json& label : labels.items()) {
      TRY_ASSIGN(const auto spot,
                 need_spot(ask.view(), id, label.is_string() ? label.string() : ""));
      if (!is_open_to(ask.view(), place, spot.position, owner) ||
          !ask.view().occupant(spot).empty()) {
        return make_error(ErrorCode::slot_taken, cat(ask.view().name_of(spot), " is not free"));
      }
      spots.push_back(spot);
    }
  } else {
    for (const int position : ask.view().type_of(place).fill_order()) {
      if (spots.size() == count) break;
      if (is_free(ask.view(), place, position)) spots.push_back({id, position});
    }
  }
  if (spots.size() == count) return spots;
  return make_error(ErrorCode::no_space, cat("expected ", count, " free positions in ", id.str(),
                                             ", came ", spots.size()));
}

Status hold_last(Ask& ask, const CourseDose& target, std::int64_t freezings) {
  Hold hold;
  hold.id = cat("hold-", count_of(ask.view().counters(), "holds") + 1);
  hold.target = hold_target(HoldScope::dose, dose_code(target.course.id, target.dose.id));
  hold.kind = "freeze-thaw";
  hold.reason = cat("frozen for the last of ", freezings, " times: the next thaw must be used");
  hold.by = ask.context.actor.user;
  hold.at = ask.now();
  Json data = act(ask);
  data.set("hold", hold.id).set("target", hold.target).set("kind", hold.kind);
  add_document(data, "hold", hold.id, to_json(hold));
  add_count(data, "holds");
  return ask.trial.add(inventory_fact(fact::kHoldPlaced, std::move(data)));
}

Json frozen_again(Ask& ask, const CourseDose& target, const std::vector<Aliquot>& vials,
                  const std::vector<Spot>& spots) {
  const std::string& course = target.course.id.str();
  Json data = act(ask);
  data.set("course", course).set("dose", target.dose.id.str());
  for (std::size_t i = 0; i < vials.size(); ++i) {
    add_state(data, vials[i].id, AliquotState::quarantined, true);
    add_item(data, ask.view(), vials[i].id, spots[i]);
    const bool kept = ask.view().place(spots[i].place)->reserved.contains(spots[i].position);
    if (kept) add_position(data, ask.view(), spots[i], "free", course);
  }
  return data;
}

Result<Decision> refreeze(Ask& ask) {
  TRY_ASSIGN(const auto target, need_dose(ask));
  TRY(need_reason(ask, "freezing a thawed dose again"));
  TRY_ASSIGN(const auto vials, thawed_vials(ask, target));
  TRY_ASSIGN(const auto place, need_id<PlaceId>(ask.body, "place"));
  TRY_ASSIGN(const auto spots, read_spots(ask, place, vials.size(), target.course.id.str()));
  const PlaceId& station = vials.front().spot.place;
  TRY_ASSIGN(auto mismatch, check_codes(ask, vials, hold_target(HoldScope::place, station.str())));
  if (mismatch) return std::move(*mismatch);

  const std::int64_t allowed = stability_of(ask.view(), target.course.protocol).freezings_max;
  const bool last = std::ranges::any_of(
      vials, [allowed](const Aliquot& vial) { return vial.thaws + 1 >= allowed; });
  TRY(ask.trial.add(inventory_fact(fact::kDoseRefrozen, frozen_again(ask, target, vials, spots))));
  if (last) {
    TRY(hold_last(ask, target, allowed));
  }
  TRY(unblock_doses(ask, CourseId()));
  Json reply = Json::object().set("course", target.course.id.str());
  reply.set("dose", target.dose.id.str()).set("last_freezing", last);
  return answer(ask, std::move(reply),
                cat("dose ", target.dose.id.str(), " of course ", target.course.id.str(),
                    " lies in the cold again, quarantined", last ? " and on hold" : ""));
}

// The limits of a rule by their keys; their bounds stand in the entry of stability/set.
constexpr std::pair<std::string_view, std::int64_t StabilityDocument::*> kLimits[] = {
    {"frozen_days", &StabilityDocument::frozen_days},
    {"thawed_hours", &StabilityDocument::thawed_hours},
    {"harvested_hours", &StabilityDocument::harvested_hours},
    {"freezings_max", &StabilityDocument::freezings_max},
    {"million_cells_min", &StabilityDocument::million_cells_min},
    {"viable_percent_min", &StabilityDocument::viable_percent_min}};

// Courses that show a time by which a dose is to be used, which comes from the rule.
Json courses_shown(const View& view, const ProtocolId& protocol) {
  Json list = Json::array();
  for (const auto& [id, course] : view.base().courses) {
    const bool shown =
        course.protocol == protocol && std::ranges::any_of(course.doses, [](const Dose& dose) {
          return dose.state >= DoseState::thawed && !is_final(dose.state);
        });
    if (shown) list.push(id.str());
  }
  return list;
}

Result<Decision> set_rule(Ask& ask) {
  TRY_ASSIGN(const auto protocol, need_id<ProtocolId>(ask.body, "protocol"));
  if (ask.view().site().find_protocol(protocol) == nullptr) {
    return make_error(ErrorCode::not_found, cat("no protocol ", protocol.str()));
  }
  StabilityDocument content;
  for (const auto& [key, limit] : kLimits) {
    if (ask.body[key].is_integer()) content.*limit = ask.body[key].integer();
  }
  Json data = act(ask);
  data.set("protocol", protocol.str());
  const auto old = document_of<StabilityDocument>(ask.view(), protocol.str());
  if (old) data.set("old", old->encode());
  keep_document(data, protocol.str(), content);
  Json shown = courses_shown(ask.view(), protocol);
  if (!shown.items().empty()) data.set("courses", std::move(shown));
  TRY(ask.trial.add(inventory_fact(fact::kStabilitySet, std::move(data))));
  return answer(ask, Json::object().set("protocol", protocol.str()),
                cat("the stability rule of ", protocol.str(), " is set"));
}

constexpr DecidedVerb kRefreezeCommands[] = {
    {"dose/refreeze", refreeze},
    {"stability/set", set_rule},
};

}  // namespace

std::span<const DecidedVerb> refreeze_commands() { return kRefreezeCommands; }

}  // namespace cryobank::inventory
