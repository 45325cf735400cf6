#include "inventory/commands/signature.hpp"

#include "inventory/commands/schema/schemas.hpp"

#include <algorithm>
#include <set>

#include "base/checksum.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/ledger/apply/effects.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/edit.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/job_row.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

// Gathers the rows that an act is about, each once, in order of their keys.
class Rows {
 public:
  explicit Rows(const View& view) : view_(view) {}

  void aliquot(const std::string& id) {
    const auto found = is_id_text(id) ? view_.aliquot(AliquotId(id)) : std::nullopt;
    if (found) add(row_key(found->id), encode(*found));
  }

  void course(const std::string& id) {
    const Course* found = is_id_text(id) ? view_.course(CourseId(id)) : nullptr;
    if (found == nullptr) return;
    add(row_key(found->id), encode(*found));
    document("qc", found->lot.str());
    for (const Dose& dose : found->doses) {
      for (const AliquotId& one : dose.aliquots) aliquot(one.str());
    }
  }

  void job(const std::string& id) {
    const Job* found = is_id_text(id) ? view_.job(JobId(id)) : nullptr;
    if (found != nullptr) add(row_key(found->id), to_json(*found).dump());
  }

  void document(std::string_view kind, std::string_view id) {
    const Json* found = id.empty() ? nullptr : view_.document(kind, id);
    if (found == nullptr) return;
    add(cat("r/", kind, "/", id), found->dump());
    if (kind != "disposal") return;
    for (const Json& one : (*found)["aliquots"].items()) aliquot(one.string());
  }

  std::vector<std::string> lines() const {
    std::vector<std::string> out;
    for (const auto& [key, value] : rows_) out.push_back(cat(key, " ", value));
    return out;
  }

 private:
  void add(std::string key, std::string value) {
    rows_.insert_or_assign(std::move(key), std::move(value));
  }

  const View& view_;
  std::map<std::string, std::string> rows_;
};

// Members of a body that name a document of the same kind.
constexpr std::string_view kNamedDocuments[] = {"disposal", "hold", "take"};

void gather(const Json& body, Rows& rows) {
  rows.course(any_text_of(body, "course"));
  rows.aliquot(any_text_of(body, "aliquot"));
  rows.job(any_text_of(body, "job"));
  for (const std::string_view kind : kNamedDocuments) {
    rows.document(kind, any_text_of(body, kind));
  }
  if (body.has("device")) {
    rows.document("probe", cat(any_text_of(body, "device"), ".", any_text_of(body, "point")));
  }
  rows.document("budget", any_text_of(body, "type"));
  rows.document("stability", any_text_of(body, "protocol"));
  rows.document("signer", any_text_of(body, "user"));
}

Error unsigned_act(const SignedAct& act, std::string_view who) {
  return make_error(ErrorCode::signature_needed,
                    cat("expected a signature of the ", who, " under ", act.verb,
                        ", with the meaning \"", who == "witness" ? kWitnessMeaning : act.meaning,
                        "\"; signature/prepare shows what is signed"));
}

Status check_one(const Ask& ask, const SignedAct& act, const Signature& signature,
                 const UserId& user, std::string_view meaning, std::string_view who) {
  if (!signature.given() || !signature.proven) return unsigned_act(act, who);
  if (signature.meaning != meaning) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected the meaning \"", meaning, "\" of the ", who,
                          "'s signature, came \"", clip(signature.meaning, 80), "\""));
  }
  if (!signature.session.empty() && ask.view().document("signer", user.str()) != nullptr) {
    return make_error(ErrorCode::signature_needed,
                      cat("a wrong secret ended the signing session of ", user.str(),
                          ": expected both components, \"user\" and \"secret\""));
  }
  return may_sign(ask.view(), user);
}

std::string name_of_user(const View& view, const UserId& user) {
  const config::UserConfig* found = view.site().find_user(user);
  return found == nullptr ? std::string() : found->name;
}

// Who, with which of the two components, and where they were typed.
Json signer_json(const View& view, const UserId& user, std::string_view meaning,
                 const Signature& signature) {
  Json signer = Json::object().set("user", user.str()).set("meaning", meaning);
  Json components = Json::array();
  if (signature.session.empty()) components.push("user");
  components.push("secret");
  signer.set("components", std::move(components));
  put_text(signer, "session", signature.session);
  put_text(signer, "terminal", signature.terminal);
  return signer.set("name", name_of_user(view, user));
}

}  // namespace

std::span<const SignedAct> signed_acts() {
  static const std::vector<SignedAct> kSignedActs = [] {
    std::vector<SignedAct> acts;
    for (const CommandSchema& schema : schemas()) {
      if (schema.signing.meaning.empty()) continue;
      acts.push_back({schema.verb, schema.signing.meaning, schema.signing.witness_too,
                      schema.signing.only_override});
    }
    return acts;
  }();
  return kSignedActs;
}

const SignedAct* find_signed_act(std::string_view verb, const Json& body) {
  const auto acts = signed_acts();
  const auto found = std::ranges::find(acts, verb, &SignedAct::verb);
  if (found == acts.end()) return nullptr;
  const bool overridden = body["override"] == Json(true) || body.has("purpose");
  if (found->only_override && !overridden) return nullptr;
  if (body["dry_run"] == Json(true)) return nullptr;
  return &*found;
}

namespace {

// A list that came in pieces is signed by its hash: nobody was shown its lines with the act.
Json signed_body(const Json& body) {
  Json shown = body;
  if (body.has("list") && shown.is_object()) shown.members().erase("csv");
  return shown;
}

}  // namespace

std::vector<std::string> record_lines(const View& view, const SignedAct& act, const Json& body,
                                      std::string_view reason) {
  Json head = Json::object().set("act", act.verb).set("body", signed_body(body));
  head.set("meaning", act.meaning).set("reason", reason);
  Rows rows(view);
  gather(body, rows);
  std::vector<std::string> lines = rows.lines();
  lines.insert(lines.begin(), head.dump());
  return lines;
}

std::string record_hash(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += cat(line, "\n");
  return to_hex(sha256(text));
}

std::string facts_hash(std::span<const Fact> facts) {
  Json list = Json::array();
  for (const Fact& fact : facts) {
    list.push(Json::object()
                  .set("type", fact.type.str())
                  .set("data", fact.data.is_null() ? Json::object() : fact.data));
  }
  return to_hex(sha256(list.dump()));
}

Status may_sign(const View& view, const UserId& user) {
  const auto signer = document_of<SignerDocument>(view, user.str());
  if (!signer || signer->locked_at.ms == 0) return {};
  return make_error(
      ErrorCode::not_authorised,
      cat(user.str(), " may not sign since ", format_utc(signer->locked_at), ": ", signer->wrong,
          " wrong signing secrets; another person unlocks with signer/unlock"));
}

Result<std::string> check_signature(const Ask& ask, const SignedAct* act) {
  const Signature& signature = ask.context.signature;
  if (act == nullptr) {
    if (!signature.given()) return std::string();
    return make_error(ErrorCode::invalid_value, "expected no signature: this act is not signed");
  }
  if (!signature.given() && !ask.view().site().signing.required) return std::string();
  const Actor& actor = ask.context.actor;
  TRY(check_one(ask, *act, signature, actor.user, act->meaning, "signer"));
  const std::string record =
      record_hash(record_lines(ask.view(), *act, ask.body, ask.context.reason));
  if (signature.record != record) {
    return make_error(
        ErrorCode::conflict,
        cat("the record changed since it was shown to the signer: expected a signature "
            "over ",
            record, ", came ", clip(signature.record, 64)));
  }
  if (!act->witness_too) return record;
  const Signature& second = ask.context.witness_signature;
  TRY(check_one(ask, *act, second, actor.witness, kWitnessMeaning, "witness"));
  if (second.record.empty() || second.record == record) return record;
  return make_error(ErrorCode::conflict, "the witness signed another record than the signer");
}

Status add_signature(Ask& ask, const SignedAct& act, std::string_view record, Decision& decision) {
  const View view = ask.view();
  const Actor& actor = ask.context.actor;
  const std::string id = cat("signature-", count_of(view.counters(), "signatures") + 1);
  Json data = Json::object().set("signature", id).set("act", act.verb).set("record", record);
  put_time(data, "at", ask.now());
  data.set("body", signed_body(ask.body));
  data.set("signer", signer_json(view, actor.user, act.meaning, ask.context.signature));
  if (act.witness_too) {
    data.set("witness",
             signer_json(view, actor.witness, kWitnessMeaning, ask.context.witness_signature));
  }
  data.set("covers", facts_hash(decision.facts));
  data.set("entries", static_cast<std::uint64_t>(decision.facts.size()));
  add_count(data, "signatures");
  for (const UserId& user : {actor.user, actor.witness}) {
    if (view.document("signer", user.str()) != nullptr) {
      drop_document<SignerDocument>(data, user.str());
    }
  }
  TRY(ask.trial.add(inventory_fact(fact::kRecordSigned, std::move(data))));
  for (Fact& fact : ask.trial.take_facts()) decision.facts.push_back(std::move(fact));
  if (decision.reply.is_object()) decision.reply.set("signature", id);
  return {};
}

}  // namespace cryobank::inventory
