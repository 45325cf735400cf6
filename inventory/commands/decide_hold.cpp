// hold/place, hold/release, hold/list.
#include <algorithm>

#include "base/record_time.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/unblock.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/hold.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::string_view kKinds[] = {"quality", "consent", "exposure", "recall",
                                       "damage",  "legal",   "other"};
// A relation, never a name. As biobanks record it: the donor, the next of kin, a representative.
constexpr std::string_view kAskers[] = {"donor", "patient",  "next-of-kin", "legal-representative",
                                        "court", "authority"};
constexpr std::size_t kHeldListedMax = 1000;

constexpr HoldScope kTargets[] = {HoldScope::aliquot, HoldScope::course, HoldScope::patient,
                                  HoldScope::lot, HoldScope::place};

// A hold with two targets would be put on one of them without a word of the other.
Status check_one_target(const Json& body) {
  std::string named;
  std::size_t count = 0;
  for (const HoldScope scope : kTargets) {
    if (!body.has(name_of(scope))) continue;
    named += cat(count++ == 0 ? "" : " and ", "\"", name_of(scope), "\"");
  }
  const bool dose = body.has("dose");
  if (dose && !body.has("course")) {
    return make_error(ErrorCode::malformed, "expected the \"course\" of the \"dose\"");
  }
  if (count <= 1) return {};
  return make_error(ErrorCode::invalid_value,
                    cat("expected one target of the hold, came ", named,
                        dose ? " and \"dose\"" : "", ": place a hold on each"));
}

// {"aliquot": id}, {"course": id, "dose": id}, {"course": id}, {"patient": id}, {"lot": id} or
// {"place": id}.
Result<std::string> read_hold_target(const Ask& ask) {
  const Json& body = ask.body;
  const View view = ask.view();
  TRY(check_one_target(body));
  if (body.has("dose")) {
    TRY_ASSIGN(const auto target, need_dose(ask));
    return hold_target(HoldScope::dose, cat(target.course.id.str(), "/", target.dose.id.str()));
  }
  for (const HoldScope scope : kTargets) {
    if (!body.has(name_of(scope))) continue;
    TRY_ASSIGN(const auto id, body.get_string(name_of(scope)));
    if (!is_id_text(id)) return bad_id(name_of(scope), id);
    const std::string target = hold_target(scope, id);
    const bool known = scope == HoldScope::place     ? view.place(PlaceId(id)) != nullptr
                       : scope == HoldScope::aliquot ? view.aliquot(AliquotId(id)).has_value()
                                                     : !reached_by(view, target).empty();
    if (known) return target;
    return make_error(ErrorCode::not_found, cat("no ", name_of(scope), " ", id));
  }
  return make_error(
      ErrorCode::malformed,
      "expected \"aliquot\", \"course\", \"dose\", \"patient\", \"lot\" or \"place\"");
}

// Who asked to withdraw the consent, and when: the record must show both for as long as it stands.
Status read_consent(const Ask& ask, Hold& hold) {
  TRY_ASSIGN(const auto who, maybe_text(ask.body, "asked_by", kIdLengthMax));
  if (std::find(std::begin(kAskers), std::end(kAskers), who) == std::end(kAskers)) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected donor, patient, next-of-kin, legal-representative, court or "
                          "authority at \"asked_by\" of a withdrawn consent, came \"",
                          clip(who, 40), "\""));
  }
  TRY_ASSIGN(const auto when, maybe_time(ask.body, "asked_at"));
  if (when.ms == 0 || when > ask.now()) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected a time up to now at \"asked_at\" of a withdrawn consent, came ",
                          when.ms == 0 ? std::string("none") : format_utc(when)));
  }
  TRY(expect_past("asked_at", when, ask.now()));
  hold.asked_by = who;
  hold.asked_at = when;
  return {};
}

Result<Decision> place_hold(Ask& ask) {
  TRY_ASSIGN(const auto target, read_hold_target(ask));
  TRY(need_reason(ask, "a hold"));
  Hold hold;
  hold.kind = ask.body.has("kind") ? text_of(ask.body, "kind") : std::string("other");
  if (std::find(std::begin(kKinds), std::end(kKinds), hold.kind) == std::end(kKinds)) {
    return make_error(ErrorCode::invalid_value, cat("expected quality, consent, exposure, recall, "
                                                    "damage, legal or other at \"kind\", came \"",
                                                    clip(hold.kind, 40), "\""));
  }
  if (hold.kind != kConsent && ask.body.has("asked_by")) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected \"asked_by\" with kind consent only, came kind ", hold.kind));
  }
  if (hold.kind == kConsent) {
    TRY(read_consent(ask, hold));
  }
  hold.id = cat("hold-", count_of(ask.view().counters(), "holds") + 1);
  hold.target = target;
  hold.reason = ask.context.reason;
  hold.by = ask.context.actor.user;
  hold.at = ask.now();
  const std::vector<AliquotId> reached = reached_by(ask.view(), target);
  Json data = act(ask);
  data.set("hold", hold.id);
  data.set("target", target);
  data.set("kind", hold.kind);
  add_document(data, "hold", hold.id, to_json(hold));
  add_count(data, "holds");
  TRY(ask.trial.add(inventory_fact(fact::kHoldPlaced, std::move(data))));
  TRY(stop_jobs(ask, reached));
  Json reply = Json::object().set("hold", hold.id).set("target", target);
  reply.set("aliquots", static_cast<std::uint64_t>(reached.size()));
  return answer(ask, std::move(reply),
                cat(target, " is on hold: ", reached.size(), " aliquots reached"));
}

Result<Decision> release_hold(Ask& ask) {
  TRY_ASSIGN(const auto id, ask.body.get_string("hold"));
  const Json* document = ask.view().document("hold", id);
  if (document == nullptr) {
    return make_error(ErrorCode::not_found, cat("no open hold ", clip(id, kIdLengthMax)));
  }
  const Hold hold = hold_from(id, *document);
  TRY(need_reason(ask, "the release of a hold"));
  if (hold.kind == kMismatch) {
    TRY(need_second_signer(ask, "clearing a mismatch"));
  }
  Json data = act(ask);
  data.set("hold", hold.id);
  data.set("target", hold.target);
  data.set("old", to_json(hold));
  add_document(data, "hold", hold.id, Json());
  TRY(ask.trial.add(inventory_fact(fact::kHoldReleased, std::move(data))));
  if (hold.kind == kMismatch) {
    TRY(note_override(ask, "mismatch"));
  }
  TRY(unblock_doses(ask, CourseId(), true));
  return answer(ask, Json::object().set("hold", hold.id).set("target", hold.target),
                cat(hold.id, " on ", hold.target, " is released"));
}

Result<Decision> list_holds(Ask& ask) {
  Json list = Json::array();
  for (const std::string& id : ask.view().documents("hold")) {
    if (list.items().size() >= kHeldListedMax) break;
    Json item = to_json(hold_from(id, *ask.view().document("hold", id)));
    item.set("hold", id);
    list.push(std::move(item));
  }
  const std::size_t count = list.items().size();
  return answer(ask, Json::object().set("holds", std::move(list)), cat(count, " holds in force"));
}

constexpr DecidedVerb kHoldCommands[] = {
    {"hold/list", list_holds},
    {"hold/place", place_hold},
    {"hold/release", release_hold},
};

}  // namespace

std::span<const DecidedVerb> hold_commands() { return kHoldCommands; }

}  // namespace cryobank::inventory
