// The real ledger's rows, made anew from the journal of a story.
#include "inventory/record/backup/rebuild_ledger.hpp"

#include <gmock/gmock.h>

#include <set>

#include "inventory/record/journal.hpp"
#include "tests/inventory/bank.hpp"
#include "tests/simulation/sim_store.hpp"

namespace cryobank::inventory {
namespace {

// A course is registered, stored by the robot, released; two doses are held and planned.
void tell_story(Bank& bank) {
  bank.done("course/register",
            R"({"course":"c1","patient":"p1","protocol":"nk-12","lot":"l1","doses":12,
                "store":{"robot":"robot-1"}})");
  bank.run_jobs();
  bank.user = "qc";
  bank.done("course/release", R"({"course":"c1"})");
  bank.user = "operator";
  const std::string at = format_utc(bank.now + hours(1));
  for (const char* dose : {"d01", "d02"}) {
    bank.done("dose/plan",
              cat(R"({"course":"c1","dose":")", dose, R"(","thaw_at":")", at, R"("})"));
  }
}

// Journals the facts of a bank and keeps its rows beside them, as the daemon's batches add up.
void record(const Bank& bank, Store& store) {
  Journal journal;
  std::vector<RowChange> rows;
  CommandContext context;
  context.now.wall = bank.now;
  context.actor.user = UserId("operator");
  for (const Fact& fact : bank.facts) rows.push_back(journal.append(fact, context, "synchronised"));
  rows.push_back(
      journal.append(Fact::read("security", "denied", Json::object()), context, "synchronised"));
  for (const auto& [key, value] : bank.rows) rows.push_back({key, value});
  for (RowChange& row : journal.head_rows()) rows.push_back(std::move(row));
  rows.push_back({"r/alarm/a1", "{}"});
  rows.push_back({"c/operator/1", "{}"});
  ASSERT_TRUE(store.commit(rows).ok());
}

class LedgerRebuilds : public testing::Test {
 protected:
  LedgerRebuilds() {
    tell_story(bank_);
    record(bank_, store_);
  }
  std::string difference() {
    LedgerRebuild ledger(small_site());
    simulation::SimStore made(2);
    const auto rebuilt = rebuild_rows(entries_of(scan_of(store_)), ledger.applier(), made);
    if (!rebuilt) return rebuilt.error().context;
    const auto found = compare_rows(scan_of(store_), scan_of(made), is_rebuilt_row);
    if (!found) return found.error().context;
    return *found ? cat((*found)->key, " ", (*found)->what) : "same";
  }

  Bank bank_;
  simulation::SimStore store_{1};
};

TEST_F(LedgerRebuilds, TheRowsOfAStoryAreTheSameByteForByte) {
  EXPECT_GT(bank_.rows.size(), 12u);
  EXPECT_EQ(difference(), "same");
}

TEST_F(LedgerRebuilds, ARowThatWasChangedByHandIsNamed) {
  const auto aliquot = std::find_if(bank_.rows.begin(), bank_.rows.end(), [](const auto& row) {
    return row.first.find("c1-d03-1") != std::string::npos;
  });
  ASSERT_NE(aliquot, bank_.rows.end());
  ASSERT_TRUE(store_.commit({{aliquot->first, aliquot->second + " "}}).ok());
  EXPECT_THAT(difference(), testing::StartsWith(aliquot->first + " expected "));
  ASSERT_TRUE(store_.commit({{aliquot->first, std::nullopt}}).ok());
  EXPECT_EQ(difference(), aliquot->first + " should not be there");
}

TEST_F(LedgerRebuilds, AFactNobodyKnowsStopsIt) {
  Bank strange;
  strange.facts.push_back(Fact::read("inventory", "vial-teleported", Json::object()));
  simulation::SimStore store(3);
  record(strange, store);
  LedgerRebuild ledger(small_site());
  simulation::SimStore made(4);
  const auto refused = rebuild_rows(entries_of(scan_of(store)), ledger.applier(), made);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().context, "journal entry 1: no fact of type \"vial-teleported\"");
}

}  // namespace
}  // namespace cryobank::inventory
