#include "inventory/record/backup/epochs.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/journal_format.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::uint32_t kEpochMax = std::numeric_limits<std::uint32_t>::max() - 1;

}  // namespace

Result<Epoch> epoch_above(const EpochKnown& known, WallTime now) {
  const std::int64_t passed = std::max<std::int64_t>(0, (now - known.at).ms());
  const std::int64_t epoch =
      std::int64_t{known.epoch.value} + kEpochsSkipped + passed * kStartsPerSecond / 1000;
  if (epoch > kEpochMax) {
    return make_error(ErrorCode::too_large,
                      cat("expected an epoch of at most ", kEpochMax, ", came ", epoch,
                          ": is the clock of this computer right?"));
  }
  return Epoch{static_cast<std::uint32_t>(epoch)};
}

Result<EpochKnown> epoch_of_rows(const RowScan& rows) {
  TRY_ASSIGN(const auto row, read_row(rows, kEpochKey));
  const auto value = parse_integer(row.value_or("0"));
  if (!value || *value < 0 || *value > kEpochMax) {
    return make_error(ErrorCode::corrupt,
                      cat("the row ", kEpochKey, " holds no epoch: ", clip(row.value_or(""), 40)));
  }
  TRY_ASSIGN(const auto probe, read_row(rows, kProbeKey));
  EpochKnown known{Epoch{static_cast<std::uint32_t>(*value)}, kWallMax};  // nothing ever ran
  if (!probe) return known;
  const auto at = parse_utc(*probe);
  if (!at) return make_error(ErrorCode::corrupt, cat("row ", kProbeKey, ": ", at.error().context));
  known.at = *at;
  return known;
}

Result<std::optional<EpochKnown>> epoch_of_journal(const EntrySource& entries) {
  std::optional<EpochKnown> known;
  TRY(entries([&known](std::string_view line) -> Status {
    TRY_ASSIGN(const auto entry, parse_entry(line));
    if (!known) known = EpochKnown{Epoch{0}, entry.context.now.wall};
    const bool tells =
        entry.fact.type == fact::kStoreRecovered || entry.fact.type == fact::kStoreRestored;
    if (!tells || !entry.fact.data.has("epoch")) return {};
    const auto epoch = entry.fact.data.get_integer("epoch");
    if (!epoch || *epoch < 0 || *epoch > kEpochMax) {
      return make_error(ErrorCode::corrupt,
                        cat("entry ", entry.sequence, ": expected an epoch of 32 bits"));
    }
    const Epoch told{static_cast<std::uint32_t>(*epoch)};
    if (told >= known->epoch) known = EpochKnown{told, entry.context.now.wall};
    return {};
  }));
  return known;
}

}  // namespace cryobank::inventory
