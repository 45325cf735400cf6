// SignatureCheck: goes through a journal from its first entry and says of every electronic
// signature whether it still holds: the facts before it are those it covers, and the record, made
// anew by replay, is the one the signer was shown. So a signature that was moved, copied to another
// record or cut out of its place is found (21 CFR 11.70), and so is one given by the secret alone
// that no signature with both components came before. The chain of hashes is verify.hpp's matter.
// Errors: corrupt, when an entry cannot be read or replayed.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/ledger/ledger.hpp"
#include "inventory/record/journal_format.hpp"

namespace cryobank::inventory {

struct CheckedSignature {
  std::uint64_t sequence = 0;  // of its entry
  WallTime at{};
  std::string id;
  std::string act;
  Json signer;   // {"user","name","meaning"}
  Json witness;  // null when only one person signed
  // What it was about was purged since: hashes over it cannot be made again. Its place, its signer
  // and its meaning are checked all the same, and chain and certificate hold its entries.
  bool purged = false;
  std::string fault;  // empty: it holds
};

class SignatureCheck {
 public:
  using Found = std::function<void(const CheckedSignature&)>;

  // `config` must outlive it. `found` hears each signature in order.
  SignatureCheck(const config::SiteConfig& config, Found found);

  Status feed(std::string_view entry);
  std::uint64_t signatures() const { return signatures_; }
  std::uint64_t faults() const { return faults_; }

 private:
  Status apply(std::size_t count);  // the oldest waiting facts
  Status check(const JournalEntry& entry);
  std::string fault_of(const JournalEntry& entry, bool& purged) const;
  std::string fault_of_components(std::string_view whose, const Json& json) const;
  void note_session(const std::string& id, const Json& json);

  Ledger ledger_;
  Found found_;
  std::string command_;             // that the waiting facts belong to
  std::vector<Fact> waiting_;       // read and not yet applied
  std::size_t waiting_purged_ = 0;  // purged entries of that command so far
  // Where each signature with both components was given, by itself and its user.
  std::map<std::pair<std::string, std::string>, std::string> begun_;
  std::uint64_t signatures_ = 0;
  std::uint64_t faults_ = 0;
};

}  // namespace cryobank::inventory
