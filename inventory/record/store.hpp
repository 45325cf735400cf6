// The store seam: ordered keys, one atomic durable batch, snapshot scan. LevelDB stands behind it
// (leveldb_io.hpp), a simulated store in the tests; both pass tests/contracts/store_contract.
// Key prefixes and formats: docs/store-format.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/record.hpp"
#include "base/result.hpp"

namespace cryobank::inventory {

using RowVisit = std::function<bool(std::string_view key, std::string_view value)>;

// A consistent view that another thread may read while commits go on. While one lives the store
// cannot be reopened; reopen() asks it to end, and scan() then returns unavailable.
class StoreSnapshot {
 public:
  virtual ~StoreSnapshot() = default;
  virtual Status scan(std::string_view first, std::string_view last,
                      const RowVisit& visit) const = 0;
};

// Called from one thread only (the storage thread, or the simulation).
class Store {
 public:
  virtual ~Store() = default;

  // All or nothing, on disk when it returns ok (a power cut after that loses nothing). After an
  // Error nothing of it may show up, now or later; the store then needs reopen(). A key that comes
  // twice in a batch has its last value.
  virtual Status commit(const std::vector<RowChange>& batch) = 0;
  // Empty Result value when there is no such key; Error corrupt when the bytes are damaged.
  virtual Result<std::optional<std::string>> get(std::string_view key) = 0;
  // Visits keys in [first, last) in order from one snapshot until `visit` returns false. An empty
  // `last` means no end.
  virtual Status scan(std::string_view first, std::string_view last, const RowVisit& visit) = 0;
  // After a failed commit: closes and opens anew. An Error leaves it closed for writing,
  // unavailable while a snapshot lives: it is told to end, and reopen() is called again.
  virtual Status reopen() = 0;
  // What stands now.
  virtual Result<std::shared_ptr<const StoreSnapshot>> snapshot() = 0;
};

// Reading alone, from a store or from a snapshot of one: scan() as a value.
using RowScan =
    std::function<Status(std::string_view first, std::string_view last, const RowVisit& visit)>;
RowScan scan_of(Store& store);  // `store` must outlive it
RowScan scan_of(std::shared_ptr<const StoreSnapshot> snapshot);
// One row; empty when there is none.
Result<std::optional<std::string>> read_row(const RowScan& rows, std::string_view key);

// Every row that holds current state, in key order: all but the journal ("j/"), its tree ("t/"),
// its checkpoints ("k/") and the events ("e/"), which grow for thirty years. The first Error of
// `visit` ends the scan and is returned.
Status scan_current_rows(Store& store,
                         const std::function<Status(std::string_view, std::string_view)>& visit);

// Epoch of the run that opened the store last, as a decimal number (storage_start_io.hpp).
inline constexpr std::string_view kEpochKey = "m/epoch";
// Time of the last commit (RFC 3339): the core writes it with every batch.
inline constexpr std::string_view kProbeKey = "m/probe";
// Events kept for replays (event_log.hpp): the keys from the prefix to the end, which no key has.
inline constexpr std::string_view kEventPrefix = "e/";
inline constexpr std::string_view kEventEnd = "e0";

}  // namespace cryobank::inventory
