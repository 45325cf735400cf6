// HighWater: a small file beside the store that says how far the journal had come, so that a tail
// that vanished from the store (a cut or missing log opens without complaint) is found at the next
// start. Two slots of one line each, written in turn, each with a CRC-32C; the newest whole one
// counts, so a torn write leaves the one before. A mark is in the page cache after each
// commit, and on the disk at the latest kSyncEvery later: what a kill of the process loses is
// found at once, what a power cut loses is found but for that last moment. It also holds the epoch:
// who finds a higher one than its own in it has been overtaken by another daemon.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/checksum.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace cryobank::inventory {

struct HighWaterMark {
  std::uint64_t sequence = 0;  // of the last entry known to be durable
  Sha256 last_hash{};          // its leaf hash
  Epoch epoch;                 // of the daemon that wrote it
};

class HighWater {
 public:
  static constexpr Duration kSyncEvery = milliseconds(250);

  // A file that is absent is made by the first write. Held alone by this process while it is open.
  // Errors: unavailable (another process holds it), io.
  static Result<std::unique_ptr<HighWater>> open(const std::string& path);
  ~HighWater();
  HighWater(const HighWater&) = delete;
  HighWater& operator=(const HighWater&) = delete;

  // What the file said when it was opened, or was last written; empty when it held no whole mark.
  const std::optional<HighWaterMark>& mark() const { return mark_; }
  // True when the file was there and neither slot could be read.
  bool damaged() const { return damaged_; }

  // Looks at the file that has the name now. Error conflict: it tells an epoch above `own`, so
  // another daemon works on this record. A file that was removed, replaced or changed otherwise is
  // written anew by the next write.
  Status expect_own(Epoch own);
  Status write(const HighWaterMark& mark);  // to the page cache: microseconds
  Status sync();                            // to the disk, if anything was written since
  bool dirty() const { return dirty_; }

 private:
  explicit HighWater(std::string path) : path_(std::move(path)) {}
  Status open_file(bool make);
  void close_file();
  Status load();
  Result<std::string> read_now() const;
  bool is_at_its_name() const;

  int descriptor_ = -1;  // none: the file is not there yet
  const std::string path_;
  std::optional<HighWaterMark> mark_;
  std::uint64_t serial_ = 0;  // of the newest slot; its parity is the slot's number
  std::string known_;         // the bytes of the file as this process left or found them
  bool damaged_ = false;
  bool dirty_ = false;
};

}  // namespace cryobank::inventory
