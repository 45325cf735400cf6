#include "inventory/record/backup/epochs.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "inventory/record/journal.hpp"
#include "inventory/record/site_keys.hpp"
#include "tests/inventory/record/example.hpp"
#include "tests/simulation/sim_store.hpp"

namespace cryobank::inventory {
namespace {

const WallTime kNoon = *parse_utc("2026-11-29T12:00:00.000Z");

TEST(Epochs, RiseWithTheTimeThatPassedAndWithEveryRestore) {
  const EpochKnown known{Epoch{7}, kNoon};
  EXPECT_EQ(epoch_above(known, kNoon)->value, 1'000'007u);
  EXPECT_EQ(epoch_above(known, kNoon + hours(1))->value, 1'014'407u);
  EXPECT_EQ(epoch_above(known, kNoon - hours(1))->value, 1'000'007u) << "a clock that was set back";
  // Twice from one backup, with a start four times a second in between.
  const Epoch first = *epoch_above(known, kNoon + hours(1));
  const Epoch highest{first.value + 240};
  EXPECT_GT(*epoch_above(known, kNoon + hours(1) + minutes(1) + seconds(1)), highest);
}

TEST(Epochs, PastThirtyTwoBitsTheClockIsDoubted) {
  const auto above = epoch_above({Epoch{7}, WallTime{}}, *parse_utc("2261-01-01T00:00:00.000Z"));
  ASSERT_FALSE(above.ok());
  EXPECT_EQ(above.error().code, ErrorCode::too_large);
}

TEST(Epochs, AStoreTellsItsOwnAndWhenItWasLastWritten) {
  simulation::SimStore store(1);
  EXPECT_EQ(epoch_of_rows(scan_of(store))->epoch, Epoch{0});
  ASSERT_TRUE(store
                  .commit({{std::string(kEpochKey), "41"},
                           {std::string(kProbeKey), "2026-11-29T12:00:00.000Z"}})
                  .ok());
  EXPECT_EQ(epoch_of_rows(scan_of(store))->epoch, Epoch{41});
  EXPECT_EQ(epoch_of_rows(scan_of(store))->at, kNoon);
  ASSERT_TRUE(store.commit({{std::string(kProbeKey), "noon"}}).ok());
  EXPECT_FALSE(epoch_of_rows(scan_of(store)).ok());
}

EntrySource source_of(std::vector<std::string> lines) {
  return [lines = std::move(lines)](const std::function<Status(std::string_view)>& visit) {
    for (const std::string& line : lines) {
      if (Status seen = visit(line); !seen) return seen;
    }
    return Status();
  };
}

TEST(Epochs, AJournalTellsTheNewestRecoveryElseItsBeginning) {
  EXPECT_FALSE(epoch_of_journal(source_of({}))->has_value());
  Journal journal;
  std::vector<std::string> lines = example_entries(journal);
  const auto begun = *epoch_of_journal(source_of(lines));
  EXPECT_EQ(begun->epoch, Epoch{0});
  EXPECT_EQ(format_utc(begun->at), "2026-11-22T03:04:05.678Z");
  CommandContext context;
  context.now.wall = kNoon;
  context.actor.user = UserId("service");
  const Fact recovered{fact::kStoreRecovered, Json::object().set("epoch", 2'000'000)};
  lines.push_back(*journal.append(recovered, context, "synchronised").value);
  const auto told = *epoch_of_journal(source_of(lines));
  EXPECT_EQ(told->epoch, Epoch{2'000'000});
  EXPECT_EQ(told->at, kNoon);
}

TEST(SiteKeys, ComeBackAsTheyWereWritten) {
  simulation::SimStore store(1);
  EXPECT_FALSE(key_in_use(scan_of(store))->has_value());
  EXPECT_TRUE(former_keys(scan_of(store))->empty());
  const VerifierKey key = example_key().verifier();
  ASSERT_TRUE(store
                  .commit({{std::string(kVerifierRow), format_verifier_key(key)},
                           {std::string(kFormerKeysRow),
                            format_former_keys({{"0a0b0c0d", std::nullopt}, {"bfa4e905", key}})}})
                  .ok());
  EXPECT_EQ((*key_in_use(scan_of(store)))->key, key.key);
  const auto former = former_keys(scan_of(store));
  ASSERT_EQ(former->size(), 2u);
  EXPECT_FALSE((*former)[0].key.has_value());
  EXPECT_EQ((*former)[1].key->key, key.key);
  ASSERT_TRUE(store.commit({{std::string(kFormerKeysRow), "[1]"}}).ok());
  EXPECT_FALSE(former_keys(scan_of(store)).ok());
}

}  // namespace
}  // namespace cryobank::inventory
