#include "inventory/record/verify.hpp"

#include <gmock/gmock.h>

#include "base/prng.hpp"
#include "inventory/record/journal_format.hpp"
#include "tests/inventory/record/samples.hpp"
#include "tests/simulation/sim_store.hpp"

namespace cryobank::inventory {
namespace {

constexpr int kEntries = 600;

// A journal of kEntries entries, with the checkpoints at 200, 400 and 600.
struct Written {
  std::vector<std::string> entries;
  std::vector<RowChange> rows;
  std::vector<Checkpoint> checkpoints;
  JournalHead head;
};

Written write_journal(int first_number = 1) {
  Written written;
  Journal journal;
  for (int i = 0; i < kEntries; ++i) {
    written.rows.push_back(append_sample(journal, first_number + i));
    written.entries.push_back(*written.rows.back().value);
    if ((i + 1) % 200 == 0) {
      written.checkpoints.push_back({"demo", journal.sequence(), journal.head().root});
    }
  }
  for (RowChange& row : journal.head_rows()) written.rows.push_back(std::move(row));
  written.head = journal.head();
  return written;
}

std::string verify(const Written& written, bool with_end = true) {
  JournalVerifier verifier(written.checkpoints);
  for (const std::string& entry : written.entries) {
    if (!verifier.feed(entry)) break;
  }
  std::vector<JournalVerifier::End> ends;
  if (with_end) ends = {{written.head.sequence, written.head.last_hash, "the head row"}};
  return verifier.finish(ends) ? "good" : describe(*verifier.fault());
}

TEST(Verify, AnUntouchedJournalIsGood) {
  EXPECT_EQ(verify(write_journal()), "good");
  EXPECT_EQ(verify(write_journal(), false), "good");
}

TEST(Verify, AnyFlippedBitNamesItsEntry) {
  const Written good = write_journal();
  Prng prng(11);
  for (int round = 0; round < 400; ++round) {
    Written bad = good;
    const std::size_t at = prng.below(bad.entries.size());
    std::string& entry = bad.entries[at];
    const std::size_t byte = prng.below(entry.size());
    entry[byte] = static_cast<char>(entry[byte] ^ (1 << prng.below(8)));
    const std::string said = verify(bad);
    EXPECT_TRUE(said.starts_with(cat("entry ", at + 1, ": "))) << said << " byte " << byte;
  }
}

TEST(Verify, AFlippedBitInTheFirstAndLastEntryIsNamedToo) {
  for (const std::size_t at : {std::size_t{0}, std::size_t{kEntries - 1}}) {
    const Written good = write_journal();
    for (std::size_t byte = 0; byte < good.entries[at].size(); ++byte) {
      Written bad = good;
      bad.entries[at][byte] = static_cast<char>(bad.entries[at][byte] ^ 1);
      EXPECT_TRUE(verify(bad).starts_with(cat("entry ", at + 1, ": "))) << byte << verify(bad);
    }
  }
}

TEST(Verify, ADroppedKeyNamesItsEntryAndTheKey) {
  Written bad = write_journal();
  std::string& entry = bad.entries[299];
  const std::size_t from = entry.find(",\"reason\"");
  entry.erase(from, entry.find(",\"roles\"") - from);
  EXPECT_THAT(verify(bad), testing::StartsWith("entry 300: expected the key \"reason\" at byte"));
  bad = write_journal();
  const std::size_t data = bad.entries[299].find(",\"position\"");
  bad.entries[299].erase(data, bad.entries[299].find('}') - data);
  EXPECT_EQ(verify(bad), "entry 300: its bytes are not those that were hashed");
}

TEST(Verify, ACutTailSaysHowManyAreMissing) {
  Written bad = write_journal();
  bad.entries.resize(550);
  EXPECT_EQ(verify(bad),
            "an entry between 551 and 600: missing: the journal ends at entry 550, the head row "
            "says that it had 600");
  EXPECT_THAT(verify(bad, false), testing::HasSubstr("a signed checkpoint says that it had 600"));
}

TEST(Verify, ASwappedPairNamesTheFirstOfThem) {
  Written bad = write_journal();
  std::swap(bad.entries[99], bad.entries[100]);
  EXPECT_EQ(verify(bad), "entry 100: expected sequence 100, came 101");
}

TEST(Verify, AMissingAndADoubledEntryAreNamed) {
  Written bad = write_journal();
  bad.entries.erase(bad.entries.begin() + 41);
  EXPECT_EQ(verify(bad), "entry 42: expected sequence 42, came 43");
  bad = write_journal();
  bad.entries.insert(bad.entries.begin() + 41, bad.entries[40]);
  EXPECT_EQ(verify(bad), "entry 42: expected sequence 42, came 41");
}

TEST(Verify, AChangedEntryWithItsSequenceSwappedInIsTheOneNamed) {
  Written bad = write_journal();
  bad.entries[99].replace(bad.entries[99].find("A-100"), 5, "A-999");
  bad.entries[100].replace(bad.entries[100].find("A-101"), 5, "A-998");
  // Both were changed and 101 still names the hash of the old 100: the chain breaks at 101 and 102.
  EXPECT_THAT(verify(bad), testing::AnyOf("entry 100: its bytes are not those that were hashed",
                                          "entry 101: its bytes are not those that were hashed"));
}

TEST(Verify, ACheckpointAtTheEndTellsWhichOfTheLastTwoWasChanged) {
  Written bad = write_journal();
  bad.entries[598][bad.entries[598].find("A-599")] = 'B';
  EXPECT_EQ(verify(bad, false), "entry 599: its bytes are not those that were hashed");
  bad = write_journal();
  bad.entries[599][bad.entries[599].find("prev") + 10] ^= 1;
  EXPECT_EQ(verify(bad, false), "entry 600: its bytes are not those that were hashed");
}

TEST(Verify, AWhollyRewrittenJournalContradictsASignedCheckpoint) {
  Written bad = write_journal(5000);
  bad.checkpoints = write_journal().checkpoints;
  EXPECT_EQ(verify(bad),
            "an entry between 1 and 200: the signed checkpoint over 200 entries has another root");
  Written late = write_journal();
  late.checkpoints[2].root[0] ^= 1;
  EXPECT_EQ(verify(late),
            "an entry between 401 and 600: the signed checkpoint over 600 entries has another "
            "root");
}

class VerifyStore : public testing::Test {
 protected:
  VerifyStore() { EXPECT_TRUE(store_.commit(written_.rows).ok()); }
  std::string verified() {
    const auto report = verify_rows(scan_of(store_), written_.checkpoints);
    if (!report) return report.error().context;
    return report->fault ? describe(*report->fault) : cat("good, ", report->entries);
  }
  const Written written_ = write_journal();
  simulation::SimStore store_{1};
};

TEST_F(VerifyStore, AWholeStoreIsGood) { EXPECT_EQ(verified(), "good, 600"); }

TEST_F(VerifyStore, AnEmptyStoreIsGood) {
  simulation::SimStore empty(1);
  const auto report = verify_rows(scan_of(empty));
  ASSERT_TRUE(report.ok());
  EXPECT_FALSE(report->fault);
  EXPECT_EQ(report->entries, 0u);
}

TEST_F(VerifyStore, NamesWhatIsWrong) {
  struct Case {
    std::string_view what;
    RowChange change;
    std::string_view says;
  };
  const Case cases[] = {
      {"a removed entry", {journal_key(300), std::nullopt}, "entry 300: expected sequence 300"},
      {"a removed last entry", {journal_key(600), std::nullopt}, "entry 600: missing"},
      {"an added entry", {journal_key(601), written_.entries[599]}, "entry 601: expected sequence"},
      {"a strange key", {"j/extra", "{}"}, "expected a journal key"},
      {"a changed tree row",
       {tree_key(8, 1), std::string(64, '0')},
       "an entry between 257 and 512: the tree row t/08/0000000000000001 has another hash"},
      {"no head", {std::string(kJournalHeadKey), std::nullopt}, "an entry between 1 and 600"},
      {"a broken head", {std::string(kJournalHeadKey), "{"}, "m/journal/head: expected JSON"},
  };
  for (const Case& c : cases) {
    const auto before = store_.get(c.change.key).value();
    ASSERT_TRUE(store_.commit({c.change}).ok());
    EXPECT_THAT(verified(), testing::StartsWith(c.says)) << c.what;
    ASSERT_TRUE(store_.commit({{c.change.key, before}}).ok());
  }
  EXPECT_EQ(verified(), "good, 600");
}

TEST_F(VerifyStore, ADamagedRowSaysAfterWhichEntry) {
  store_.damage_row(journal_key(77));
  EXPECT_THAT(verified(), testing::StartsWith("after entry 76: "));
}

}  // namespace
}  // namespace cryobank::inventory
