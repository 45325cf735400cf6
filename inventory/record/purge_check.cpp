#include "inventory/record/purge_check.hpp"

#include "base/row_reader.hpp"
#include "base/text.hpp"
#include "inventory/ledger/retention.hpp"

namespace cryobank::inventory {
namespace {

// Of a fact that says it; empty: the entry is not one of this program.
std::string text_of(const JournalEntry& entry, std::string_view key) {
  RowReader in("a fact of a purge", entry.fact.data);
  return in.text(key);
}

}  // namespace

void PurgeCheck::add_purged(std::uint64_t sequence, const PurgedLine& purged,
                            std::string_view line) {
  bare_[sequence] = {purged.leaf, sha256(line)};
}

void PurgeCheck::add_entry(std::uint64_t sequence, std::string_view type, std::string_view entry) {
  if (type == fact::kPurgeApproved) {
    const auto parsed = parse_entry(entry);
    approval_ = parsed ? sequence : 0;
    approved_ = parsed ? text_of(*parsed, "purge") : "";
  } else if (type == fact::kRecordSigned && approval_ != 0 && sequence == approval_ + 1) {
    const auto parsed = parse_entry(entry);
    if (parsed && text_of(*parsed, "act") == kPurgeVerb) signed_.insert(approved_);
  } else if (type == fact::kRecordPurged) {
    read_certificate(entry);
  }
}

// Every course of the certificate goes back to a signed approval.
bool PurgeCheck::is_signed(const Json& data) const {
  if (!whole_) return true;
  const Json& approvals = data["approvals"];
  if (!approvals.is_array() || approvals.items().empty()) return false;
  for (const Json& approval : approvals.items()) {
    if (!approval.is_string() || !signed_.contains(approval.string())) return false;
  }
  return true;
}

void PurgeCheck::read_certificate(std::string_view entry) {
  const auto parsed = parse_entry(entry);
  if (!parsed) return;
  const Json& data = parsed->fact.data;
  if (!data["entries"].is_array() || !is_signed(data)) return;
  for (const Json& one : data["entries"].items()) {
    RowReader in("an entry of a certificate", one);
    const auto found = bare_.find(static_cast<std::uint64_t>(in.number("sequence", 1)));
    const std::string leaf = in.text("leaf");
    const std::string line = in.text("line");
    if (!in.ok() || found == bare_.end()) continue;  // what it does not name stays bare
    const bool same = leaf == to_hex(found->second.leaf) && line == to_hex(found->second.line);
    if (same) bare_.erase(found);
  }
}

std::optional<std::uint64_t> PurgeCheck::without_certificate() const {
  if (bare_.empty()) return std::nullopt;
  return bare_.begin()->first;
}

}  // namespace cryobank::inventory
