#include "inventory/record/signature_check.hpp"

#include <utility>

#include "inventory/row_codec.hpp"
#include "inventory/signature.hpp"
#include "service/base/text.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::string_view kSigned = "record-signed";

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
  }
  if (entry->fact.type == kSigned) {
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
  checked.fault = fault_of(entry);
  ++signatures_;
  if (!checked.fault.empty()) ++faults_;
  found_(checked);
  return {};
}

std::string SignatureCheck::fault_of(const JournalEntry& entry) const {
  const Json& data = entry.fact.data;
  if (covered_by(entry) != waiting_.size()) {
    return cat("it covers ", covered_by(entry), " entries, and ", waiting_.size(),
               " of its command stand before it");
  }
  if (data.string_or("covers", "") != facts_hash(waiting_)) {
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
  if (data.string_or("record", "") != record_hash(lines)) {
    return "the record before it is not the one that was signed";
  }
  return {};
}

}  // namespace cryobank::inventory
