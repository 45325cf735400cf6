// RuleChecker: reads each fact of the journal with the record before and after it, and counts for
// itself what the rules of custody promise:
// - no motion is issued for an order that waits for approval, and nobody approves an own one;
// - no motion of a thaw is issued while a hold is on its vial, unless it is a safety test;
// - an undone act restores every place that the act changed;
// - no vial is frozen more often than the rule of its protocol allows;
// - what a person moves on bears no label that is void or was not scanned back;
// - who or what holds a vial is never empty, and is known.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inventory/ledger/view.hpp"
#include "tests/simulation/stage.hpp"

namespace cryobank::simulation {

class RuleChecker {
 public:
  explicit RuleChecker(Stage& stage) : stage_(stage) {}

  // Each fact of the inventory, in the order of the journal.
  void before(const Fact& fact, const inventory::Ledger& ledger);
  void after(std::string_view entry, const Fact& fact, const inventory::Ledger& ledger);

 private:
  using Spots = std::vector<std::pair<AliquotId, inventory::Spot>>;

  void check_issue(std::string_view entry, const Fact& fact, const inventory::View& view);
  void check_undone(std::string_view entry, const Fact& fact, const inventory::View& view);
  void check_frozen(std::string_view entry, const Fact& fact, const inventory::View& view);
  void check_labels(std::string_view entry, const Fact& fact, const inventory::View& view);

  Stage& stage_;
  Spots leaving_;                       // of the fact that comes: what it lists, and where it is
  std::map<std::string, Spots> homes_;  // by operation: what it moved, and from where
  std::map<std::string, std::string> waits_;  // orders that wait for approval: who ordered
  std::map<AliquotId, std::int64_t> frozen_;  // how often again after the first time
};

}  // namespace cryobank::simulation
