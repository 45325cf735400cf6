// A small state that facts change and rows show: enough to test the record without the inventory.
// Rows: "a/<aliquot>" holds its place and how often it was moved.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "inventory/record/backup/rebuild.hpp"
#include "inventory/record/journal.hpp"
#include "inventory/record/store.hpp"
#include "tests/inventory/record/samples.hpp"

namespace cryobank::inventory {

class ToyLedger {
 public:
  Status apply(const Fact& fact, std::vector<RowChange>& rows) {
    const std::string aliquot = fact.data.string_or("aliquot", "");
    if (fact.type.str() != "aliquot-stored" || aliquot.empty()) {
      return make_error(ErrorCode::corrupt, cat("unknown fact ", fact.type));
    }
    auto& [place, moves] = aliquots_[aliquot];
    place = fact.data.string_or("position", "");
    ++moves;
    Json row;
    row.set("moves", moves).set("position", place);
    rows.push_back({"a/" + aliquot, row.dump()});
    return {};
  }
  ApplyFact applier() {
    return [this](const Fact& fact, const CommandContext&, std::vector<RowChange>& rows) {
      return apply(fact, rows);
    };
  }

 private:
  std::map<std::string, std::pair<std::string, std::int64_t>> aliquots_;
};

// One transaction as the daemon makes it: an entry, its rows, an outbox row, the head.
class ToyBank {
 public:
  explicit ToyBank(Store& store) : store_(&store) {}

  // The same store, opened anew.
  void use(Store& store) { store_ = &store; }

  Status store_aliquot(int number) {
    const Fact fact = Fact::read("inventory", "aliquot-stored", sample_data(number));
    std::vector<RowChange> rows;
    EXPECT_TRUE(ledger_.apply(fact, rows).ok());
    rows.push_back(journal.append(fact, sample_context(), "synchronised"));
    rows.push_back({"o/" + std::to_string(journal.sequence() % 5), std::to_string(number)});
    for (RowChange& row : journal.head_rows()) rows.push_back(std::move(row));
    return store_->commit(rows);
  }

  Journal journal;

 private:
  Store* store_;
  ToyLedger ledger_;
};

}  // namespace cryobank::inventory
