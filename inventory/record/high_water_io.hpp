// HighWater: a small file beside the store that says how far the journal had come, so that a tail
// that vanished from the store (a cut or missing log opens without complaint) is found at the next
// start. Two slots of one line each, written in turn, each with a CRC-32C; the newest whole one
// counts, so that a torn write leaves the one before. A mark is in the page cache after each
// commit, and on the disk at the latest kSyncEvery later: what a kill of the process loses is
// found at once, what a power cut loses is found but for that last moment.
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

  // Makes the file when it is absent. Error io.
  static Result<std::unique_ptr<HighWater>> open(const std::string& path);
  ~HighWater();
  HighWater(const HighWater&) = delete;
  HighWater& operator=(const HighWater&) = delete;

  // What the file said when it was opened, or was last written; empty when it held no whole mark.
  const std::optional<HighWaterMark>& mark() const { return mark_; }
  // True when the file was there and neither slot could be read.
  bool damaged() const { return damaged_; }

  Status write(const HighWaterMark& mark);  // to the page cache: microseconds
  Status sync();                            // to the disk, if anything was written since
  bool dirty() const { return dirty_; }

 private:
  HighWater(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  Status load();

  const int descriptor_;
  const std::string path_;
  std::optional<HighWaterMark> mark_;
  std::uint64_t serial_ = 0;  // of the newest slot; its parity is the slot's number
  bool damaged_ = false;
  bool dirty_ = false;
};

}  // namespace cryobank::inventory
