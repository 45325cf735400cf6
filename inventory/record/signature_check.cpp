#include "inventory/record/signature_check.hpp"

#include <algorithm>
#include <utility>

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/commands/signature.hpp"
#include "inventory/ledger/documents.hpp"
#include "inventory/ledger/paper/redact.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

// What an entry says that was signed; of the people in it, only that it names the signer.
struct SignedFact {
  std::string id;
  std::string act;
  std::string record;
  std::string covers;
  std::size_t entries = 0;
};

Result<SignedFact> read_signed(const JournalEntry& entry) {
  RowReader in(fact::kRecordSigned.type(), entry.fact.data);
  SignedFact said{in.text("signature"), in.text("act"), in.text("record"), in.text("covers"),
                  static_cast<std::size_t>(in.number("entries"))};
  (void)in.object("body");
  (void)in.object("signer");
  (void)in.maybe_object("witness");
  return in.all_of(std::move(said));
}

// A person as an entry names the signer or the witness.
struct Signer {
  std::string user;
  std::string meaning;
  std::string session;   // empty: none, or before sessions were
  std::string terminal;  // as session
};

Result<Signer> read_signer(std::string_view whose, const Json& json) {
  RowReader in(whose, json);
  return in.all_of(Signer{in.text("user"), in.text("meaning"), in.maybe_text("session"),
                          in.maybe_text("terminal")});
}

}  // namespace

SignatureCheck::SignatureCheck(const config::SiteConfig& config, Found found)
    : ledger_(config), found_(std::move(found)) {}

Status SignatureCheck::feed(std::string_view bytes) {
  TRY_ASSIGN(auto entry, parse_entry(bytes));
  if (entry.fact.stream != "inventory" && entry.fact.stream != "job") return {};
  if (entry.context.command != command_ || command_.empty()) {
    TRY(apply(waiting_.size()));
    command_ = entry.context.command;
    waiting_purged_ = 0;
  }
  if (entry.purged) ++waiting_purged_;
  if (entry.fact.type == fact::kRecordSigned) {
    TRY(check(entry));
  }
  waiting_.push_back(std::move(entry.fact));
  return {};
}

Status SignatureCheck::apply(std::size_t count) {
  if (count == 0) return {};
  Draft draft(ledger_);
  for (std::size_t i = 0; i < count; ++i) {
    TRY(draft.apply(waiting_[i]));
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  std::move(draft).absorb_into(ledger_);
  return {};
}

// The facts before those it covers happened before it was decided.
Status SignatureCheck::check(const JournalEntry& entry) {
  const auto said = read_signed(entry);
  if (said && said->entries < waiting_.size()) {
    TRY(apply(waiting_.size() - said->entries));
  }
  CheckedSignature checked;
  checked.sequence = entry.sequence;
  checked.at = entry.context.now.wall;
  if (said) {
    checked.id = said->id;
    checked.act = said->act;
  }
  checked.signer = entry.fact.data["signer"];
  checked.witness = entry.fact.data["witness"];
  checked.fault = fault_of(entry, checked.purged);
  ++signatures_;
  if (checked.fault.empty()) {
    note_session(checked.id, checked.signer);
    note_session(checked.id, checked.witness);
  } else {
    ++faults_;
  }
  found_(checked);
  return {};
}

std::string SignatureCheck::fault_of(const JournalEntry& entry, bool& purged) const {
  const auto said = read_signed(entry);
  if (!said) return said.error().context;
  const Json& data = entry.fact.data;
  if (said->entries != waiting_.size()) {
    return cat("it covers ", said->entries, " entries, and ", waiting_.size(),
               " of its command stand before it");
  }
  purged = waiting_purged_ > 0;
  if (!purged && said->covers != facts_hash(waiting_)) {
    return "the entries before it are not those that were signed";
  }
  const auto signer = read_signer("signer", data["signer"]);
  if (!signer) return signer.error().context;
  if (signer->user != entry.context.actor.user.str()) {
    return "the signer is not who gave the command";
  }
  const Json& body = data["body"];
  const SignedAct* act = find_signed_act(said->act, body);
  if (act == nullptr) return "no such act is signed";
  if (signer->meaning != act->meaning) return "its meaning is another";
  const auto lines = record_lines(View(ledger_), *act, body, entry.context.reason);
  purged = purged || std::ranges::any_of(lines, [](const std::string& line) {
             return line.find(kTokenStart) != std::string::npos;
           });
  if (!purged && said->record != record_hash(lines)) {
    return "the record before it is not the one that was signed";
  }
  const std::string own = fault_of_components("signer", data["signer"]);
  if (!own.empty() || data["witness"].is_null()) return own;
  return fault_of_components("witness", data["witness"]);
}

// Both components, or the secret within a session that both began. Before sessions were, every
// signature had both and said nothing of it.
std::string SignatureCheck::fault_of_components(std::string_view whose, const Json& json) const {
  const auto signer = read_signer(whose, json);
  if (!signer) return signer.error().context;
  const std::string& session = signer->session;
  if (!json.has("components")) return session.empty() ? "" : "it says no components";
  const std::string wanted = session.empty() ? R"(["user","secret"])" : R"(["secret"])";
  const std::string came = json["components"].dump();
  if (came != wanted) return cat("expected the components ", wanted, ", came ", came);
  if (session.empty()) return {};
  const auto begun = begun_.find({session, signer->user});
  if (begun == begun_.end() || begun->second != signer->terminal) {
    return cat(signer->user, " began no session with ", session, " at that terminal");
  }
  if (document_of<SignerDocument>(View(ledger_), signer->user)) {
    return cat("a wrong secret had ended the session of ", signer->user);
  }
  return {};
}

void SignatureCheck::note_session(const std::string& id, const Json& json) {
  if (!json.has("components") || json.has("session")) return;
  const auto signer = read_signer("signer", json);
  if (signer) begun_[{id, signer->user}] = signer->terminal;
}

}  // namespace cryobank::inventory
