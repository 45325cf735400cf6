#include "inventory/record/backup/rebuild.hpp"

#include <gmock/gmock.h>

#include "inventory/record/journal_format.hpp"
#include "tests/inventory/record/toy_ledger.hpp"
#include "tests/simulation/sim_store.hpp"

namespace cryobank::inventory {
namespace {

class Rebuild : public testing::Test {
 protected:
  static constexpr int kEntries = 1500;

  Rebuild() {
    ToyBank bank(store_);
    for (int i = 0; i < kEntries; ++i) EXPECT_TRUE(bank.store_aliquot(i % 400).ok());
    EXPECT_TRUE(store_.commit({{std::string(kEpochKey), "7"}}).ok());
  }
  std::string difference() {
    const auto counts = [](std::string_view key) {
      return !key.starts_with("o/") && key != kEpochKey;
    };
    const auto found = compare_rows(scan_of(store_), scan_of(made_), counts);
    if (!found) return found.error().context;
    return *found ? cat((*found)->key, " ", (*found)->what) : "same";
  }
  Result<Rebuilt> rebuild() {
    ToyLedger ledger;
    return rebuild_rows(entries_of(scan_of(store_)), ledger.applier(), made_);
  }
  void change(std::string_view key, std::optional<std::string> value) {
    ASSERT_TRUE(store_.commit({{std::string(key), std::move(value)}}).ok());
  }

  simulation::SimStore store_{1};
  simulation::SimStore made_{2};
};

TEST_F(Rebuild, RowsMadeAnewEqualTheRowsThatWereThereByteForByte) {
  const auto rebuilt = rebuild();
  ASSERT_TRUE(rebuilt.ok()) << rebuilt.error().context;
  EXPECT_EQ(rebuilt->entries, static_cast<std::uint64_t>(kEntries));
  EXPECT_EQ(difference(), "same");
  EXPECT_TRUE(made_.get(tree_key(8, 4)).value().has_value());
}

TEST_F(Rebuild, ARowThatNoFactMadeIsNamed) {
  ASSERT_TRUE(rebuild().ok());
  change("a/A-17", "{\"moves\":4,\"position\":\"Z9\"}");
  EXPECT_EQ(difference(),
            "a/A-17 expected {\"moves\":4,\"position\":\"Z9\"}, came "
            "{\"moves\":4,\"position\":\"A17\"}");
  change("a/A-17", std::nullopt);
  EXPECT_EQ(difference(), "a/A-17 should not be there");
  change("a/A-0000", "x");
  EXPECT_EQ(difference(), "a/A-0000 is missing");
}

TEST_F(Rebuild, RowsAfterTheEndOfTheOtherAreSeen) {
  ASSERT_TRUE(rebuild().ok());
  change("z/last", "x");
  EXPECT_EQ(difference(), "z/last is missing");
  change("z/last", std::nullopt);
  ASSERT_TRUE(made_.commit({{"z/more", "x"}}).ok());
  EXPECT_EQ(difference(), "z/more should not be there");
}

TEST_F(Rebuild, AnEntryThatDoesNotFitTheChainStopsIt) {
  std::string entry = **store_.get(journal_key(700));
  entry[entry.find("A-") + 2] ^= 1;
  change(journal_key(700), entry);
  EXPECT_THAT(rebuild().error().context, testing::StartsWith("journal entry 701: expected"));
}

TEST_F(Rebuild, AMissingOrMalformedEntryStopsIt) {
  change(journal_key(700), std::nullopt);
  EXPECT_THAT(rebuild().error().context,
              testing::StartsWith("journal entry 700: expected sequence 700"));
  simulation::SimStore fresh(3);
  change(journal_key(700), "{}");
  ToyLedger ledger;
  const auto second = rebuild_rows(entries_of(scan_of(store_)), ledger.applier(), fresh);
  EXPECT_THAT(second.error().context, testing::StartsWith("journal entry 700: journal entry: "));
}

TEST_F(Rebuild, AFactThatCannotBeAppliedIsNamed) {
  const auto refused = rebuild_rows(
      entries_of(scan_of(store_)),
      [](const Fact& fact, const CommandContext&, std::vector<RowChange>&) -> Status {
        return make_error(ErrorCode::corrupt, cat("unknown fact ", fact.type));
      },
      made_);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().context, "journal entry 1: unknown fact aliquot-stored");
}

TEST_F(Rebuild, AStoreThatIsNotEmptyIsNotFilled) {
  ASSERT_TRUE(made_.commit({{"x", "1"}}).ok());
  EXPECT_EQ(rebuild().error().code, ErrorCode::already_exists);
}

TEST_F(Rebuild, AFailingStoreFailsIt) {
  made_.fail_next(1);
  EXPECT_EQ(rebuild().error().code, ErrorCode::unavailable);
}

TEST_F(Rebuild, WantedRowsAreCopied) {
  const auto copied = copy_rows(
      scan_of(store_),
      [](std::string_view key) { return key.starts_with("o/") || key == kEpochKey; }, made_);
  ASSERT_TRUE(copied.ok());
  EXPECT_EQ(*copied, 6u);
  EXPECT_EQ(*made_.get(kEpochKey).value(), "7");
}

}  // namespace
}  // namespace cryobank::inventory
