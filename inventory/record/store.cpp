#include "inventory/record/store.hpp"

#include <utility>

#include "base/try.hpp"
#include "inventory/ledger/history.hpp"
#include "inventory/record/checkpoint.hpp"
#include "inventory/record/journal_format.hpp"

namespace cryobank::inventory {

RowScan scan_of(std::shared_ptr<const StoreSnapshot> snapshot) {
  return [snapshot = std::move(snapshot)](std::string_view first, std::string_view last,
                                          const RowVisit& visit) {
    return snapshot->scan(first, last, visit);
  };
}

RowScan scan_of(Store& store) {
  return [&store](std::string_view first, std::string_view last, const RowVisit& visit) {
    return store.scan(first, last, visit);
  };
}

Result<std::optional<std::string>> read_row(const RowScan& rows, std::string_view key) {
  std::optional<std::string> found;
  TRY(rows(key, "", [&](std::string_view at, std::string_view value) {
    if (at == key) found = std::string(value);
    return false;
  }));
  return found;
}

Status scan_current_rows(Store& store,
                         const std::function<Status(std::string_view, std::string_view)>& visit) {
  const std::pair<std::string_view, std::string_view> ranges[] = {
      {"", kEventPrefix},
      {kEventEnd, kHistoryPrefix},
      {kHistoryEnd, kJournalPrefix},
      {kJournalEnd, kCheckpointPrefix},
      {kCheckpointEnd, kTreePrefix},
      {kTreeEnd, ""},
  };
  for (const auto& [first, last] : ranges) {
    Status refused;
    TRY(store.scan(first, last, [&](std::string_view key, std::string_view row) {
      refused = visit(key, row);
      return refused.ok();
    }));
    TRY(refused);
  }
  return {};
}

}  // namespace cryobank::inventory
