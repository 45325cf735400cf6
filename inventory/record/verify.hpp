// JournalVerifier: checks a journal entry by entry, in order: the form of each, its sequence, the
// chain of hashes, the Merkle roots of checkpoints. Names the first entry that is not as it was
// written: a flipped bit, a cut tail, a swapped pair, a dropped key, a purge without its
// signed certificate (purge_check.hpp). Reads entries as bytes, about
// a microsecond each; a change it cannot date is said as a range. Pure; signatures of checkpoints
// are checked by the caller (sign_io.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inventory/record/checkpoint.hpp"
#include "inventory/record/merkle.hpp"
#include "inventory/record/purge_check.hpp"
#include "inventory/record/store.hpp"

namespace cryobank::inventory {

struct JournalFault {
  std::uint64_t first = 0;  // sequence of the first bad entry
  std::uint64_t last = 0;   // the same, or the end of the range it lies in
  std::string what;
};

// "entry 17: ..." or "an entry between 17 and 1000: ...".
std::string describe(const JournalFault& fault);

class JournalVerifier {
 public:
  // `checkpoints` in any order; their signatures were checked.
  explicit JournalVerifier(std::vector<Checkpoint> checkpoints = {});
  // Starts after entry `sequence` with leaf hash `last_hash`; no Merkle root is checked then.
  JournalVerifier(std::uint64_t sequence, const Sha256& last_hash);

  // Tells each perfect subtree of the tree as it is completed.
  void watch(std::function<void(const MerkleNode&)> completed) { watch_ = std::move(completed); }

  // False once a fault is known; feed nothing more then. A broken chain is told one entry later,
  // when it is known which of two entries was changed.
  bool feed(std::string_view line);
  // After the last entry. `expected` is where the journal has to end, if that is known from
  // elsewhere: the head row, a checkpoint, a high-water mark.
  struct End {
    std::uint64_t sequence = 0;
    std::optional<Sha256> last_hash;
    std::string said_by;  // "the head row", for the message
  };
  bool finish(const std::vector<End>& expected = {});

  const std::optional<JournalFault>& fault() const { return fault_; }
  std::uint64_t sequence() const { return sequence_; }  // of the last entry fed
  const Sha256& last_hash() const { return last_hash_; }
  const MerkleFrontier& frontier() const { return frontier_; }

  // What is wrong with the form of one entry; empty when nothing is. Keys and kinds only.
  static std::string form_fault(std::string_view line);

 private:
  bool fail(std::uint64_t first, std::uint64_t last, std::string what);
  bool check_chain(std::string_view prev_hex);
  bool check_end(const End& end);
  void settle_suspect(bool follows);
  void settle_contradiction();
  bool named_hash_is_signed() const;
  void check_checkpoints();

  std::vector<Checkpoint> checkpoints_;  // by size
  std::size_t next_checkpoint_ = 0;
  std::uint64_t proven_ = 0;  // entries covered by a checkpoint that held
  bool whole_ = true;         // from the first entry: the tree is known
  std::uint64_t sequence_ = 0;
  Sha256 last_hash_{};
  MerkleFrontier frontier_;
  MerkleFrontier before_;   // without the last entry
  MerkleFrontier claimed_;  // with the hash that the suspect entry names
  std::function<void(const MerkleNode&)> watch_;
  PurgeCheck purges_;
  bool suspect_ = false;  // entry sequence_ does not name the hash of the one before
  std::optional<JournalFault> contradiction_;  // told when the chain names nothing better
  std::optional<JournalFault> fault_;
};

// Checks every entry of a store against its head row, its tree rows and `checkpoints`. An Error is
// a store that cannot be read; a JournalFault in the report is a journal that was changed.
struct VerifyReport {
  std::uint64_t entries = 0;
  Sha256 root{};
  std::optional<JournalFault> fault;
};
Result<VerifyReport> verify_rows(const RowScan& rows,
                                 const std::vector<Checkpoint>& checkpoints = {});

// The quick check of every start: the last `count` entries and the head row. Returns the head.
struct JournalTail {
  std::uint64_t sequence = 0;
  Sha256 last_hash{};
};
Result<JournalTail> verify_tail(const RowScan& rows, std::uint64_t count);

}  // namespace cryobank::inventory
