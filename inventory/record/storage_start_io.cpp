#include "inventory/record/storage_start_io.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.hpp"
#include "base/try.hpp"
#include "inventory/record/journal_format.hpp"
#include "inventory/record/verify.hpp"

namespace cryobank::inventory {
namespace {

Result<Epoch> read_epoch(Store& store) {
  TRY_ASSIGN(const auto row, store.get(kEpochKey));
  if (!row) return Epoch{0};
  const auto value = parse_integer(*row);
  if (!value || *value < 0 || *value >= std::numeric_limits<std::uint32_t>::max()) {
    return make_error(ErrorCode::corrupt,
                      cat("the row ", kEpochKey, " holds no epoch: ", clip(*row, 40)));
  }
  return Epoch{static_cast<std::uint32_t>(*value)};
}

Status compare(Store& store, const JournalTail& tail, const HighWaterMark& mark) {
  if (mark.sequence > tail.sequence) {
    return make_error(ErrorCode::mismatch,
                      cat("the journal ends at entry ", tail.sequence, ", but entry ",
                          mark.sequence, " was durable: ", mark.sequence - tail.sequence,
                          " entries have vanished from the store"));
  }
  if (mark.sequence == 0) return {};
  TRY_ASSIGN(const auto entry, store.get(journal_key(mark.sequence)));
  if (!entry || line_hash(*entry) != mark.last_hash) {
    return make_error(ErrorCode::mismatch, cat("journal entry ", mark.sequence,
                                               " is not the one that the high-water mark knows"));
  }
  return {};
}

}  // namespace

Result<RecordStart> start_record(Store& store, HighWater& mark) {
  TRY_ASSIGN(const auto tail, verify_tail(scan_of(store), kTailChecked));
  TRY_ASSIGN(auto epoch, read_epoch(store));
  RecordStart start{{}, tail.sequence, {}};
  if (mark.mark()) {
    TRY(compare(store, tail, *mark.mark()));
    epoch.value = std::max(epoch.value, mark.mark()->epoch.value);
  } else if (mark.damaged()) {
    start.notes.emplace_back("the high-water mark could not be read; it is written anew");
  } else if (tail.sequence > 0) {
    start.notes.emplace_back("there was no high-water mark; it is written anew");
  }
  start.epoch = Epoch{epoch.value + 1};
  TRY(store.commit({{std::string(kEpochKey), cat(start.epoch.value)}}));
  TRY(mark.write({tail.sequence, tail.last_hash, start.epoch}));
  TRY(mark.sync());
  return start;
}

Status accept_record(Store& store, HighWater& mark) {
  TRY_ASSIGN(const auto tail, verify_tail(scan_of(store), kTailChecked));
  TRY_ASSIGN(const auto epoch, read_epoch(store));
  const Epoch known = mark.mark() ? mark.mark()->epoch : Epoch{0};
  TRY(mark.write({tail.sequence, tail.last_hash, std::max(epoch, known)}));
  return mark.sync();
}

}  // namespace cryobank::inventory
