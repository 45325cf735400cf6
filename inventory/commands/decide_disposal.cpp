// disposal/request, disposal/confirm, disposal/withdraw: the end of a product. One person asks for
// it, another person of another role confirms it after a cooling-off time, and only then do the
// aliquots leave their positions.
#include <algorithm>
#include <set>

#include "base/json_time.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/commands/unblock.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {

namespace {

constexpr std::size_t kMethodMax = 200;
// Between the request and its confirmation, so that nobody destroys in haste.
constexpr Duration kCoolingOff = hours(24);
// The longest a request stays open before it must be asked for anew.
constexpr Duration kDisposalOpen = days(30);

// Destroying while doses are still to be given may end a treatment.
Status check_unscheduled(const View& view, const std::vector<AliquotId>& aliquots) {
  for (const AliquotId& id : aliquots) {
    TRY_ASSIGN(const auto aliquot, known_aliquot(view, id));
    for (const Dose& dose : view.course(aliquot.course)->doses) {
      if (dose.state != DoseState::planned && dose.state != DoseState::thawing) continue;
      return make_error(ErrorCode::conflict,
                        cat("dose ", dose.id.str(), " of course ", aliquot.course.str(), " is ",
                            name_of(dose.state)));
    }
  }
  return {};
}

// Unscheduled, or overridden by two people: a broken vial of a course under treatment.
Status check_schedule(Ask& ask, const std::vector<AliquotId>& aliquots) {
  const auto unscheduled = check_unscheduled(ask.view(), aliquots);
  if (unscheduled || !flag_of(ask.body, "override")) return unscheduled;
  TRY(need_second_signer(ask, "disposing of a course under treatment"));
  return note_override(ask, "disposal");
}

Status check_asked_once(const View& view, const std::vector<AliquotId>& ids) {
  std::set<AliquotId> seen;
  for (const AliquotId& id : ids) {
    if (!seen.insert(id).second) {
      return make_error(ErrorCode::duplicate, cat("aliquot ", id.str(), " comes twice"));
    }
    const std::string open = open_disposal(view, id);
    if (open.empty()) continue;
    return make_error(ErrorCode::conflict, cat("aliquot ", id.str(), " is in ", open,
                                               ", which is open: confirm or withdraw that one"));
  }
  return {};
}

Result<std::vector<AliquotId>> read_aliquots(const Ask& ask) {
  const Json& list = ask.body["aliquots"];
  if (!list.is_array() || list.items().empty() || list.items().size() > kItemsMax) {
    return make_error(ErrorCode::malformed,
                      cat("expected 1 to ", kItemsMax, " ids at \"aliquots\""));
  }
  std::vector<AliquotId> ids;
  for (const Json& item : list.items()) {
    TRY_ASSIGN(const auto id, AliquotId::parse(item.is_string() ? item.string() : ""));
    TRY_ASSIGN(const auto aliquot, known_aliquot(ask.view(), id));
    if (may_become(aliquot.state, AliquotState::disposed) != Allowed::yes) {
      return make_error(
          ErrorCode::conflict,
          cat("aliquot ", id.str(), " is ", name_of(aliquot.state), " and cannot be disposed of"));
    }
    ids.push_back(id);
  }
  TRY(check_asked_once(ask.view(), ids));
  return ids;
}

Result<Decision> request(Ask& ask) {
  TRY_ASSIGN(const auto ids, read_aliquots(ask));
  TRY(need_reason(ask, "a disposal"));
  TRY_ASSIGN(const auto method, maybe_text(ask.body, "method", kMethodMax));
  if (method.empty()) return make_error(ErrorCode::malformed, "expected a text at \"method\"");
  TRY(check_schedule(ask, ids));
  const std::string id = cat("disposal-", count_of(ask.view().counters(), "disposals") + 1);
  DisposalDocument disposal;
  disposal.aliquots = ids;
  disposal.method = method;
  disposal.reason = ask.context.reason;
  disposal.by = ask.context.actor.user;
  disposal.roles = ask.context.actor.roles;
  disposal.at = ask.now();
  Json data = act(ask);
  data.set("disposal", id);
  keep_document(data, id, disposal);
  add_count(data, "disposals");
  TRY(ask.trial.add(inventory_fact(fact::kDisposalRequested, std::move(data))));
  Json reply = Json::object().set("disposal", id);
  reply.set("confirm_from", format_utc(disposal.at + kCoolingOff));
  return answer(ask, std::move(reply),
                cat(id, ": ", ids.size(), " aliquots wait for a second person"));
}

struct Disposal : DisposalDocument {
  std::string id;
};

Result<Disposal> need_disposal(const Ask& ask) {
  TRY_ASSIGN(const auto id, ask.body.get_string("disposal"));
  auto document = document_of<DisposalDocument>(ask.view(), id);
  if (document) return Disposal{std::move(*document), id};
  return make_error(ErrorCode::not_found, cat("no open disposal ", clip(id, kIdLengthMax)));
}

// Another person, who has a role that the first one has not.
Status check_second_person(const Ask& ask, const Disposal& disposal) {
  const Actor& actor = ask.context.actor;
  const bool other_role =
      std::any_of(actor.roles.begin(), actor.roles.end(), [&](const std::string& role) {
        return std::find(disposal.roles.begin(), disposal.roles.end(), role) ==
               disposal.roles.end();
      });
  if (actor.user != disposal.by && other_role) return {};
  return make_error(ErrorCode::witness_needed,
                    cat(disposal.id, " was asked for by ", disposal.by.str(),
                        ": expected another person with another role to confirm it"));
}

std::vector<AliquotId> still_there(const View& view, const std::vector<AliquotId>& asked,
                                   Json& gone) {
  std::vector<AliquotId> there;
  for (const AliquotId& id : asked) {
    const auto aliquot = view.aliquot(id);
    // One that a thaw or an order has reserved comes back when its job is stopped.
    const AliquotState state =
        aliquot->state == AliquotState::reserved ? aliquot->before : aliquot->state;
    const bool unknown = aliquot->spot.place.str() == kUnknownPlace;
    const bool lost = state == AliquotState::lost;
    if (!unknown && !lost && may_become(state, AliquotState::disposed) == Allowed::yes) {
      there.push_back(id);
      continue;
    }
    gone.push(Json::object()
                  .set("aliquot", id.str())
                  .set("state", name_of(aliquot->state))
                  .set("place", aliquot->spot.place.str()));
  }
  return there;
}

Result<Decision> confirm(Ask& ask) {
  TRY_ASSIGN(const auto disposal, need_disposal(ask));
  TRY(check_second_person(ask, disposal));
  const WallTime from = disposal.at + kCoolingOff;
  if (ask.now() < from || disposal.at + kDisposalOpen < ask.now()) {
    return make_error(ErrorCode::conflict,
                      cat(disposal.id, " may be confirmed from ", format_utc(from), " to ",
                          format_utc(disposal.at + kDisposalOpen)));
  }
  // What left since it was asked for is not there to be destroyed: it is told, and the rest goes.
  Json gone = Json::array();
  const std::vector<AliquotId> there = still_there(ask.view(), disposal.aliquots, gone);
  TRY(check_schedule(ask, there));
  TRY(stop_jobs(ask, there));
  Json data = act(ask);
  data.set("disposal", disposal.id);
  data.set("method", disposal.method);
  data.set("requested_by", disposal.by.str());
  if (!gone.items().empty()) data.set("gone", gone);
  for (const AliquotId& id : there) {
    add_state(data, id, AliquotState::disposed);
    add_item(data, ask.view(), id, Spot{PlaceId(std::string(kOutsidePlace)), kNoPosition});
  }
  drop_document<DisposalDocument>(data, disposal.id);
  TRY(ask.trial.add(inventory_fact(fact::kAliquotsDisposed, std::move(data))));
  Json reply = Json::object().set("disposal", disposal.id);
  reply.set("aliquots", static_cast<std::uint64_t>(there.size()));
  const std::string left =
      gone.items().empty() ? "" : cat("; ", gone.items().size(), " were not there any more");
  reply.set("gone", std::move(gone));
  return answer(ask, std::move(reply), cat(there.size(), " aliquots are disposed of", left));
}

Result<Decision> withdraw(Ask& ask) {
  TRY_ASSIGN(const auto disposal, need_disposal(ask));
  Json data = act(ask);
  data.set("disposal", disposal.id);
  data.set("old", disposal.encode());
  drop_document<DisposalDocument>(data, disposal.id);
  TRY(ask.trial.add(inventory_fact(fact::kDisposalWithdrawn, std::move(data))));
  TRY(unblock_doses(ask, CourseId()));
  return answer(ask, Json::object().set("disposal", disposal.id),
                cat(disposal.id, " is withdrawn"));
}

Result<Decision> list_disposals(Ask& ask) {
  return list_documents<DisposalDocument>(
      ask, [&ask](const std::string& /*id*/, const DisposalDocument& disposal) {
        Json gone = Json::array();
        const auto there = still_there(ask.view(), disposal.aliquots, gone);
        Json row = Json::object().set("by", disposal.by.str()).set("method", disposal.method);
        row.set("reason", disposal.reason).set("at", time_or_null(disposal.at));
        row.set("confirm_from", format_utc(disposal.at + kCoolingOff));
        row.set("confirm_until", format_utc(disposal.at + kDisposalOpen));
        row.set("gone", static_cast<std::uint64_t>(gone.items().size()));
        return row.set("aliquots", static_cast<std::uint64_t>(there.size()));
      });
}

constexpr DecidedVerb kDisposalCommands[] = {
    {"disposal/confirm", confirm},
    {"disposal/list", list_disposals},
    {"disposal/request", request},
    {"disposal/withdraw", withdraw},
};

}  // namespace

std::span<const DecidedVerb> disposal_commands() { return kDisposalCommands; }

}  // namespace cryobank::inventory
