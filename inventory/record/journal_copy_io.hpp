// JournalCopy: the journal once more, as lines of text in one file outside the store: what an
// export holds, followed entry by entry. With a backup it is the way back from a damaged store
// without losing what was acknowledged after the backup. It only follows: when it cannot be written
// the record goes on, and it catches up from the store in small steps. A torn last line is cut
// off; a file that does not fit the store's journal is set aside under another name, never
// removed. Errors: io, with the path.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/checksum.hpp"
#include "base/time.hpp"
#include "inventory/record/store.hpp"

namespace cryobank::inventory {

class JournalCopy {
 public:
  // One step of catching up: a few milliseconds between two commits.
  static constexpr std::size_t kStepEntries = 256;
  static constexpr std::size_t kStepBytes = 1u << 20;
  // Between a failure and the next try.
  static constexpr Duration kRetryEvery = seconds(5);
  // Under unbroken load; else as soon as nothing else is to be done.
  static constexpr Duration kSyncEvery = seconds(2);

  explicit JournalCopy(std::string path) : path_(std::move(path)) {}
  ~JournalCopy();
  JournalCopy(const JournalCopy&) = delete;
  JournalCopy& operator=(const JournalCopy&) = delete;

  // The entries of a commit that is durable. When they do not follow the last line, step() will.
  Status follow(const std::vector<RowChange>& rows);
  // True while there is more to write.
  bool behind() const { return !open_ || behind_; }
  // Opens the file if need be, and writes the next entries of the store's journal.
  Status step(Store& store);
  Status sync();
  bool dirty() const { return dirty_; }
  std::uint64_t sequence() const { return sequence_; }  // of the last line

 private:
  Status open(Store& store);
  Status find_end();
  Status read_tail(std::uint64_t length, std::string& tail) const;
  Status expect_same_journal(Store& store, bool& same);
  Status set_aside();
  Status append(std::string_view lines, std::uint64_t sequence);
  void close();
  Error failed(std::string_view doing) const;

  const std::string path_;
  int descriptor_ = -1;
  bool open_ = false;  // and compared with the store
  bool behind_ = true;
  bool dirty_ = false;
  std::uint64_t size_ = 0;  // up to the end of the last whole line
  std::uint64_t sequence_ = 0;
  Sha256 last_hash_{};  // leaf hash of the last line found when it was opened
};

}  // namespace cryobank::inventory
