#include "inventory/record/backup/rebuild_ledger.hpp"

#include <iterator>
#include <utility>

#include "base/try.hpp"
#include "inventory/ledger/history.hpp"

namespace cryobank::inventory {

bool is_rebuilt_row(std::string_view key) {
  if (is_journal_row(key) || key.starts_with(kHistoryPrefix)) return true;
  return key.starts_with("r/") && !key.starts_with("r/alarm/") && !key.starts_with("r/device/");
}

ApplyFact LedgerRebuild::applier() {
  return [this](const Fact& fact, const CommandContext&, std::vector<RowChange>& rows) {
    return apply(fact, rows);
  };
}

Status LedgerRebuild::apply(const Fact& fact, std::vector<RowChange>& rows) {
  if (fact.stream != "inventory" && fact.stream != "job") return {};
  Draft draft(ledger_);
  TRY(draft.apply(fact));
  auto changed = draft.rows();
  rows.insert(rows.end(), std::make_move_iterator(changed.begin()),
              std::make_move_iterator(changed.end()));
  std::move(draft).absorb_into(ledger_);
  return {};
}

}  // namespace cryobank::inventory
