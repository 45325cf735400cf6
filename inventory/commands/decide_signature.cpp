// signature/prepare: what a signer would sign. signature/refused: the daemon records a wrong
// signing secret and locks who gives too many. signature/end: who leaves the bench ends their
// signing sessions (core/signing_desk.hpp). signer/unlock: another person established who it is.
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/decide.hpp"
#include "inventory/commands/schema/schemas.hpp"
#include "inventory/commands/signature.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

// Lines of one reply: within the bound of a payload, with room for its other members.
constexpr std::size_t kShownMax = 150'000;

Result<Decision> prepare(Ask& ask) {
  TRY_ASSIGN(const auto verb, ask.body.get_string("act"));
  const Json body = ask.body.has("body") ? ask.body["body"] : Json::object();
  const CommandSchema* schema = find_schema(verb);
  TRY(schema == nullptr ? Status() : check_body(*schema, body));
  const SignedAct* act = find_signed_act(verb, body);
  Json reply = Json::object().set("act", verb).set("signed", act != nullptr);
  if (act == nullptr) return answer(ask, std::move(reply), cat(clip(verb, 60), " is not signed"));
  const std::vector<std::string> lines = record_lines(ask.view(), *act, body, ask.context.reason);
  Json shown = Json::array();
  std::size_t bytes = 0;
  for (const std::string& line : lines) {
    bytes += line.size();
    if (bytes > kShownMax) break;
    shown.push(line);
  }
  reply.set("meaning", act->meaning).set("record", record_hash(lines));
  reply.set("witness_too", act->witness_too);
  reply.set("required", ask.view().site().signing.required);
  reply.set("lines_left_out", static_cast<std::uint64_t>(lines.size() - shown.items().size()));
  reply.set("lines", std::move(shown));
  return answer(ask, std::move(reply), cat("to be signed: \"", act->meaning, "\""));
}

// Asked by the core alone, in the name of the person whose secret was wrong.
Result<Decision> refused(Ask& ask) {
  const std::string user = ask.context.actor.user.str();
  const auto old = document_of<SignerDocument>(ask.view(), user);
  const std::int64_t wrong = (old ? old->wrong : 0) + 1;
  const bool lock = wrong >= ask.view().site().signing.tries_max;
  const SignerDocument content{wrong, lock ? ask.now() : WallTime{}};
  Json data = act(ask);
  data.set("act", text_of(ask.body, "act")).set("user", user).set("wrong", wrong);
  keep_document(data, user, content);
  TRY(ask.trial.add(inventory_fact(fact::kSigningRefused, std::move(data))));
  if (lock) {
    Json locked = act(ask);
    locked.set("user", user).set("wrong", wrong);
    add_count(locked, "signers-locked");
    TRY(ask.trial.add(inventory_fact(fact::kSignerLocked, std::move(locked))));
  }
  Decision decision = answer(ask, Json::object(), "");
  decision.refused =
      make_error(ErrorCode::not_authorised,
                 cat("the signing secret of ", user, " is wrong, ", wrong, " of ",
                     ask.view().site().signing.tries_max, lock ? "; signing is locked" : " tries"));
  return decision;
}

Result<Decision> end_session(Ask& ask) {
  Json data = act(ask);
  data.set("user", ask.context.actor.user.str());
  TRY(ask.trial.add(inventory_fact(fact::kSigningEnded, std::move(data))));
  return answer(ask, Json::object(), "the next signature needs both components");
}

Result<Decision> unlock(Ask& ask) {
  TRY_ASSIGN(const auto user, need_id<UserId>(ask.body, "user"));
  if (user == ask.context.actor.user) {
    return make_error(ErrorCode::not_authorised, "nobody unlocks their own signature");
  }
  const auto signer = document_of<SignerDocument>(ask.view(), user.str());
  if (!signer) {
    return make_error(ErrorCode::not_found, cat("signing is not locked for ", user.str()));
  }
  TRY(need_reason(ask, "unlocking a signer"));
  Json data = act(ask);
  data.set("user", user.str()).set("old", signer->encode());
  drop_document<SignerDocument>(data, user.str());
  TRY(ask.trial.add(inventory_fact(fact::kSignerUnlocked, std::move(data))));
  return answer(ask, Json::object().set("user", user.str()), cat(user.str(), " may sign again"));
}

constexpr DecidedVerb kSignatureCommands[] = {
    {"signature/end", end_session},
    {"signature/prepare", prepare},
    {"signature/refused", refused},
    {"signer/unlock", unlock},
};

}  // namespace

std::span<const DecidedVerb> signature_commands() { return kSignatureCommands; }

}  // namespace cryobank::inventory
