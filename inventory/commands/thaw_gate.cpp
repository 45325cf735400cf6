#include "inventory/commands/thaw_gate.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/ledger/allocation.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/out_of_spec.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

Status check_holds(const Ask& ask, const Aliquot& aliquot, const ThawRules& rules) {
  if (!rules.safety_test) return check_no_hold(ask.view(), aliquot, ask.now());
  for (const Hold& hold : holds_on(ask.view(), aliquot)) {
    if (hold.kind == kConsent) continue;
    return make_error(ErrorCode::conflict, cat("aliquot ", aliquot.id.str(), " is on hold: ",
                                               hold.id, ", ", hold.kind, ": ", hold.reason));
  }
  return {};
}

Status check_vial(const Ask& ask, const Aliquot& aliquot, const ThawRules& rules) {
  const bool released = aliquot.state == AliquotState::released ||
                        aliquot.state == AliquotState::conditionally_released;
  const bool waived =
      (rules.overridden || rules.safety_test) && aliquot.state == AliquotState::quarantined;
  if (!released && !waived) {
    return make_error(ErrorCode::conflict, cat("aliquot ", aliquot.id.str(), " is ",
                                               name_of(aliquot.state), ", expected it released"));
  }
  if (!rules.safety_test && aliquot.expires_at.ms != 0 && aliquot.expires_at <= ask.now()) {
    return make_error(ErrorCode::expired, cat("aliquot ", aliquot.id.str(), " expired at ",
                                              format_utc(aliquot.expires_at)));
  }
  TRY(check_holds(ask, aliquot, rules));
  TRY(check_not_for_disposal(ask.view(), aliquot.id));
  // Its code is scanned by hand when it is warm: a label that may not be scanned is mended first.
  TRY(check_label_not_void(ask.view(), aliquot));
  if (aliquot.spot.place.str() == kUnknownPlace) {
    return make_error(ErrorCode::conflict,
                      cat("nobody knows where aliquot ", aliquot.id.str(), " is"));
  }
  return {};
}

// What was thawed for a test is for no patient, also when the consent is given again.
Status keep_from_patient(Ask& ask, const CourseDose& target) {
  Hold hold;
  hold.id = cat("hold-", count_of(ask.view().counters(), "holds") + 1);
  hold.target =
      hold_target(HoldScope::dose, cat(target.course.id.str(), "/", target.dose.id.str()));
  hold.kind = kSafetyTest;
  hold.reason = "thawed for a safety test";
  hold.by = ask.context.actor.user;
  hold.at = ask.now();
  Json data = act(ask);
  data.set("hold", hold.id);
  data.set("target", hold.target);
  data.set("kind", hold.kind);
  add_document(data, "hold", hold.id, to_json(hold));
  add_count(data, "holds");
  return ask.trial.add(inventory_fact(fact::kHoldPlaced, std::move(data)));
}

}  // namespace

bool is_thaw_station(const View& view, const Place& place) {
  return config::is_thaw_station_kind(place.type) ||
         std::ranges::any_of(view.site().devices, [&](const config::DeviceConfig& device) {
           return device.kind == config::DeviceKind::robot && device.thaw_station == place.id;
         });
}

Result<ThawRules> read_thaw_rules(const Ask& ask) {
  ThawRules rules;
  TRY_ASSIGN(const auto overridden, maybe_bool(ask.body, "override"));
  TRY_ASSIGN(const auto purpose, maybe_text(ask.body, "purpose", kIdLengthMax));
  if (!purpose.empty() && purpose != kSafetyTest) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected ", kSafetyTest, " or nothing at \"purpose\", came \"",
                          clip(purpose, 40), "\""));
  }
  rules.overridden = overridden;
  rules.safety_test = !purpose.empty();
  if (rules.usual()) return rules;
  TRY(need_second_signer(ask, "thawing against the rules"));
  return rules;
}

Status check_thaw(const Ask& ask, const CourseDose& target, const ThawRules& rules) {
  const Dose& dose = target.dose;
  const bool waits =
      dose.state == DoseState::planned || (!rules.usual() && dose.state <= DoseState::planned);
  if (!waits) {
    return make_error(ErrorCode::conflict,
                      cat("dose ", dose.id.str(), " of course ", target.course.id.str(), " is ",
                          name_of(dose.state), ", expected it planned"));
  }
  // Two people may thaw against a rule, but not what failed a test: that has a way of its own.
  if (!rules.safety_test) {
    TRY(check_spec(ask.view(), target.course));
  }
  for (const AliquotId& id : dose.aliquots) {
    TRY_ASSIGN(const auto aliquot, known_aliquot(ask.view(), id));
    if (aliquot.state == AliquotState::thawed) continue;  // fetched by a job that broke off
    TRY(check_vial(ask, aliquot, rules));
  }
  return {};
}

Result<std::vector<VialRoute>> thaw_routes(const Ask& ask, const CourseDose& target,
                                           const PlaceId& station_id) {
  const View view = ask.view();
  TRY_ASSIGN(const auto station, known_place(view, station_id));
  std::vector<int> free;
  for (const int position : view.type_of(station).fill_order()) {
    if (is_free(view, station, position)) free.push_back(position);
  }
  std::vector<VialRoute> routes;
  for (const AliquotId& id : target.dose.aliquots) {
    TRY_ASSIGN(auto aliquot, known_aliquot(view, id));
    if (aliquot.state == AliquotState::thawed) continue;
    if (routes.size() >= free.size()) {
      return make_error(ErrorCode::no_space,
                        cat("thaw station ", station_id.str(), " has ", free.size(),
                            " free positions, expected one for each of ",
                            target.dose.aliquots.size(), " aliquots"));
    }
    const Spot to{station_id, free[routes.size()]};
    const Spot from = aliquot.spot;
    routes.push_back({std::move(aliquot), from, to});
  }
  return routes;
}

Status note_thaw_rules(Ask& ask, const CourseDose& target, const ThawRules& rules) {
  if (rules.usual()) return {};
  TRY(note_override(ask, rules.safety_test ? "safety-test" : "dose-thaw"));
  return rules.safety_test ? keep_from_patient(ask, target) : Status();
}

}  // namespace cryobank::inventory
