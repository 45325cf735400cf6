// Proofs: every entry about a course or an aliquot, each with its path to the root of a signed
// checkpoint, as one file that a person can check without this program (docs/journal-format.md,
// section 5; tools/verify_journal.py). It proves that each entry is in the journal, not that no
// other is about them. Pure; signing and files are in export_io.hpp.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/record/checkpoint.hpp"
#include "inventory/record/journal_format.hpp"
#include "inventory/record/store.hpp"

namespace cryobank::inventory {

inline constexpr std::size_t kProofEntriesMax = 100'000;
// A course has at most some hundred aliquots; each of their jobs counts as well.
inline constexpr std::size_t kProofRelatedMax = 10'000;

// What a proof is about: the ids asked for, and what the journal itself links to them, found while
// its entries are shown in order:
//   course-registered   of a course: its aliquots and their codes; of an aliquot: its code
//   job-created         of a course: the job
class ProofSubjects {
 public:
  explicit ProofSubjects(const std::vector<std::string>& asked);

  // True when a text within the entry's data equals one of them; then what it links is one, too.
  bool show(std::string_view entry);
  const std::vector<std::string>& asked() const { return asked_; }
  const std::set<std::string, std::less<>>& related() const { return related_; }

 private:
  bool perhaps(std::string_view entry) const;
  bool names(const Json& value) const;
  bool is_one(std::string_view text) const;
  void link(const Fact& fact);
  void add(const Json& text);

  const std::vector<std::string> asked_;
  std::set<std::string, std::less<>> related_;
  std::set<std::string, std::less<>> written_;  // both, as an entry writes them, with quotes
};

// True when a text within the entry's data equals one of the subjects.
bool mentions(std::string_view entry, const std::vector<std::string>& subjects);

// `note` is the signed checkpoint, `key` the verifier key. Error not_found when nothing is about
// the subjects, too_large past kProofEntriesMax or kProofRelatedMax.
Result<std::string> make_proof(const RowScan& rows, const std::vector<std::string>& subjects,
                               const Checkpoint& checkpoint, std::string_view note,
                               std::string_view key);

}  // namespace cryobank::inventory
