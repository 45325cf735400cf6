// Record print: what the journal says of one thing, entry by entry, for a person and for paper.
// Data that was changed after it was first entered is marked with what it was before and by which
// entry (EU GMP annex 11, 8.2). It proves nothing: that is for journal verify and proof.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "inventory/record/journal_format.hpp"

namespace cryobank::ctl {

class RecordPrint {
 public:
  // The lines of one entry; entries come in order.
  std::vector<std::string> add(const inventory::JournalEntry& entry);

  std::uint64_t entries() const { return entries_; }
  std::uint64_t changed() const { return changed_; }  // values marked

 private:
  struct Value {
    std::string text;
    std::uint64_t sequence = 0;
  };
  void compare(const std::string& key, const Json& value, std::uint64_t sequence,
               std::vector<std::string>& lines);

  // The last value of each field of each record, by "qc/l1 tests.0.value".
  std::map<std::string, Value> values_;
  std::uint64_t entries_ = 0;
  std::uint64_t changed_ = 0;
};

}  // namespace cryobank::ctl
