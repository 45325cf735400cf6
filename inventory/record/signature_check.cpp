#include "inventory/record/signature_check.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "inventory/commands/signature.hpp"
#include "inventory/ledger/redact.hpp"
#include "inventory/ledger/row_codec.hpp"

namespace cryobank::inventory {
namespace {

std::size_t covered_by(const JournalEntry& entry) {
  const std::int64_t count = entry.fact.data.integer_or("entries", 0);
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

}  // namespace

SignatureCheck::SignatureCheck(const config::SiteConfig& config, Found found)
    : ledger_(config), found_(std::move(found)) {}

Status SignatureCheck::feed(std::string_view bytes) {
  auto entry = parse_entry(bytes);
  if (!entry) return entry.error();
  if (entry->fact.stream != "inventory" && entry->fact.stream != "job") return {};
  if (entry->context.command != command_ || command_.empty()) {
    const Status applied = apply(waiting_.size());
    if (!applied) return applied;
    command_ = entry->context.command;
    waiting_purged_ = 0;
  }
  if (entry->purged) ++waiting_purged_;
  if (entry->fact.type == fact::kRecordSigned) {
    const Status checked = check(*entry);
    if (!checked) return checked;
  }
  waiting_.push_back(std::move(entry->fact));
  return {};
}

Status SignatureCheck::apply(std::size_t count) {
  if (count == 0) return {};
  Draft draft(ledger_);
  for (std::size_t i = 0; i < count; ++i) {
    const Status applied = draft.apply(waiting_[i]);
    if (!applied) return applied;
  }
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  std::move(draft).absorb_into(ledger_);
  return {};
}

// The facts before those it covers happened before it was decided.
Status SignatureCheck::check(const JournalEntry& entry) {
  const std::size_t covered = covered_by(entry);
  if (covered < waiting_.size()) {
    const Status applied = apply(waiting_.size() - covered);
    if (!applied) return applied;
  }
  CheckedSignature checked;
  checked.sequence = entry.sequence;
  checked.at = entry.context.now.wall;
  checked.id = entry.fact.data.string_or("signature", "");
  checked.act = entry.fact.data.string_or("act", "");
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
  const Json& data = entry.fact.data;
  if (covered_by(entry) != waiting_.size()) {
    return cat("it covers ", covered_by(entry), " entries, and ", waiting_.size(),
               " of its command stand before it");
  }
  purged = waiting_purged_ > 0;
  if (!purged && data.string_or("covers", "") != facts_hash(waiting_)) {
    return "the entries before it are not those that were signed";
  }
  const Json& signer = data["signer"];
  if (signer.string_or("user", "") != entry.context.actor.user.str()) {
    return "the signer is not who gave the command";
  }
  const Json& body = data["body"];
  const SignedAct* act = find_signed_act(data.string_or("act", ""), body);
  if (act == nullptr) return "no such act is signed";
  if (signer.string_or("meaning", "") != act->meaning) return "its meaning is another";
  const auto lines = record_lines(View(ledger_), *act, body, entry.context.reason);
  purged = purged || std::ranges::any_of(lines, [](const std::string& line) {
             return line.find(kTokenStart) != std::string::npos;
           });
  if (!purged && data.string_or("record", "") != record_hash(lines)) {
    return "the record before it is not the one that was signed";
  }
  const std::string own = fault_of_components(signer);
  return own.empty() ? fault_of_components(data["witness"]) : own;
}

// Both components, or the secret within a session that both began. Before sessions were, every
// signature had both and said nothing of it.
std::string SignatureCheck::fault_of_components(const Json& signer) const {
  if (!signer.has("components")) return signer.has("session") ? "it says no components" : "";
  const std::string user = signer.string_or("user", "");
  const std::string session = signer.string_or("session", "");
  const std::string wanted = session.empty() ? R"(["user","secret"])" : R"(["secret"])";
  const std::string came = signer["components"].dump();
  if (came != wanted) return cat("expected the components ", wanted, ", came ", came);
  if (session.empty()) return {};
  const auto begun = begun_.find({session, user});
  if (begun == begun_.end() || begun->second != signer.string_or("terminal", "")) {
    return cat(user, " began no session with ", session, " at that terminal");
  }
  if (View(ledger_).document("signer", user) != nullptr) {
    return cat("a wrong secret had ended the session of ", user);
  }
  return {};
}

void SignatureCheck::note_session(const std::string& id, const Json& signer) {
  if (!signer.has("components") || signer.has("session")) return;
  begun_[{id, signer.string_or("user", "")}] = signer.string_or("terminal", "");
}

}  // namespace cryobank::inventory
