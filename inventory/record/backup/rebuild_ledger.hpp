// LedgerRebuild: applies the journal's facts to an empty ledger, for rebuild.hpp. Facts of other
// rooms (alarms, plan, security, service) make no rows of the ledger and are passed by.
#pragma once

#include <string_view>

#include "inventory/ledger/ledger.hpp"
#include "inventory/record/backup/rebuild.hpp"

namespace cryobank::inventory {

// The rows that LedgerRebuild and the journal make: "r/" but for the alarms' and devices' own, the
// history ("h/"), and is_journal_row().
bool is_rebuilt_row(std::string_view key);

class LedgerRebuild {
 public:
  // `config` must outlive it.
  explicit LedgerRebuild(const config::SiteConfig& config) : ledger_(config) {}

  // Valid while this lives.
  ApplyFact applier();
  const Ledger& ledger() const { return ledger_; }

 private:
  Status apply(const Fact& fact, std::vector<RowChange>& rows);

  Ledger ledger_;
};

}  // namespace cryobank::inventory
