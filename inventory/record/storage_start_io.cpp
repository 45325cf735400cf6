#include "inventory/record/storage_start_io.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.hpp"
#include "inventory/record/journal_format.hpp"
#include "inventory/record/verify.hpp"

namespace cryobank::inventory {
namespace {

Result<Epoch> read_epoch(Store& store) {
  const auto row = store.get(kEpochKey);
  if (!row) return row.error();
  if (!*row) return Epoch{0};
  const auto value = parse_integer(**row);
  if (!value || *value < 0 || *value >= std::numeric_limits<std::uint32_t>::max()) {
    return make_error(ErrorCode::corrupt,
                      cat("the row ", kEpochKey, " holds no epoch: ", clip(**row, 40)));
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
  const auto entry = store.get(journal_key(mark.sequence));
  if (!entry) return entry.error();
  if (!*entry || line_hash(**entry) != mark.last_hash) {
    return make_error(ErrorCode::mismatch, cat("journal entry ", mark.sequence,
                                               " is not the one that the high-water mark knows"));
  }
  return {};
}

}  // namespace

Result<RecordStart> start_record(Store& store, HighWater& mark) {
  const auto tail = verify_tail(scan_of(store), kTailChecked);
  if (!tail) return tail.error();
  auto epoch = read_epoch(store);
  if (!epoch) return epoch.error();
  RecordStart start{{}, tail->sequence, {}};
  if (mark.mark()) {
    if (Status same = compare(store, *tail, *mark.mark()); !same) return same.error();
    epoch->value = std::max(epoch->value, mark.mark()->epoch.value);
  } else if (mark.damaged()) {
    start.notes.emplace_back("the high-water mark could not be read; it is written anew");
  } else if (tail->sequence > 0) {
    start.notes.emplace_back("there was no high-water mark; it is written anew");
  }
  start.epoch = Epoch{epoch->value + 1};
  if (Status taken = store.commit({{std::string(kEpochKey), cat(start.epoch.value)}}); !taken) {
    return taken.error();
  }
  if (Status noted = mark.write({tail->sequence, tail->last_hash, start.epoch}); !noted) {
    return noted.error();
  }
  if (Status synced = mark.sync(); !synced) return synced.error();
  return start;
}

Status accept_record(Store& store, HighWater& mark) {
  const auto tail = verify_tail(scan_of(store), kTailChecked);
  if (!tail) return tail.error();
  const auto epoch = read_epoch(store);
  if (!epoch) return epoch.error();
  const Epoch known = mark.mark() ? mark.mark()->epoch : Epoch{0};
  if (Status noted = mark.write({tail->sequence, tail->last_hash, std::max(*epoch, known)});
      !noted) {
    return noted;
  }
  return mark.sync();
}

}  // namespace cryobank::inventory
