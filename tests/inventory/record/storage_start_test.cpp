#include "inventory/record/storage_start_io.hpp"

#include <gmock/gmock.h>

#include "inventory/record/journal_format.hpp"
#include "tests/contracts/temp_dir.hpp"
#include "tests/inventory/record/samples.hpp"
#include "tests/simulation/sim_store.hpp"

namespace cryobank::inventory {
namespace {

class StorageStart : public testing::Test {
 protected:
  void add_entries(int count) {
    for (int i = 0; i < count; ++i) {
      std::vector<RowChange> rows{append_sample(journal_, ++number_)};
      for (RowChange& row : journal_.head_rows()) rows.push_back(std::move(row));
      ASSERT_TRUE(store_.commit(rows).ok());
    }
    const JournalHead head = journal_.head();
    ASSERT_TRUE(mark_->write({head.sequence, head.last_hash, epoch_}).ok());
  }
  Result<RecordStart> start() {
    mark_.reset();
    mark_ = std::move(*HighWater::open(dir_ / "mark"));
    auto started = start_record(store_, *mark_);
    if (started) epoch_ = started->epoch;
    return started;
  }
  std::string start_error() {
    const auto started = start();
    return started ? "started" : started.error().context;
  }

  TempDir dir_;
  simulation::SimStore store_{1};
  Journal journal_;
  std::unique_ptr<HighWater> mark_ = std::move(*HighWater::open(dir_ / "mark"));
  Epoch epoch_;
  int number_ = 0;
};

TEST_F(StorageStart, EachStartHasAHigherEpoch) {
  for (std::uint32_t expected = 1; expected <= 4; ++expected) {
    const auto started = start();
    ASSERT_TRUE(started.ok()) << started.error().context;
    EXPECT_EQ(started->epoch, Epoch{expected});
    EXPECT_TRUE(started->notes.empty());
    add_entries(3);
  }
  EXPECT_EQ(start()->sequence, 12u);
}

TEST_F(StorageStart, TheEpochStaysAboveTheOneThatTheMarkKnows) {
  add_entries(1);
  ASSERT_TRUE(mark_->write({1, journal_.head().last_hash, Epoch{41}}).ok());
  EXPECT_EQ(start()->epoch, Epoch{42});
}

TEST_F(StorageStart, ATailThatVanishedIsFoundAndSaid) {
  add_entries(20);
  store_.lose_tail(3);
  EXPECT_EQ(start_error(),
            "the journal ends at entry 17, but entry 20 was durable: 3 entries have vanished from "
            "the store");
  EXPECT_FALSE(store_.get(kEpochKey).value()) << "a start that is refused changes nothing";
}

TEST_F(StorageStart, AfterAPersonAcceptedTheLossItStarts) {
  add_entries(20);
  store_.lose_tail(3);
  ASSERT_FALSE(start().ok());
  ASSERT_TRUE(accept_record(store_, *mark_).ok());
  EXPECT_EQ(start()->sequence, 17u);
}

TEST_F(StorageStart, AMarkBehindTheStoreIsFine) {
  add_entries(5);
  const HighWaterMark behind = *mark_->mark();
  add_entries(5);
  ASSERT_TRUE(mark_->write(behind).ok());
  EXPECT_EQ(start()->sequence, 10u);
}

TEST_F(StorageStart, ARewrittenPastIsFound) {
  add_entries(5);
  mark_.reset();
  Journal other;
  simulation::SimStore rewritten(2);
  for (int i = 0; i < 6; ++i) {
    std::vector<RowChange> rows{append_sample(other, 100 + i)};
    for (RowChange& row : other.head_rows()) rows.push_back(std::move(row));
    ASSERT_TRUE(rewritten.commit(rows).ok());
  }
  const auto mark = std::move(*HighWater::open(dir_ / "mark"));
  const auto started = start_record(rewritten, *mark);
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().context,
            "journal entry 5 is not the one that the high-water mark knows");
}

TEST_F(StorageStart, AMissingOrUnreadableMarkIsNotedAndWrittenAnew) {
  add_entries(2);
  mark_.reset();
  std::filesystem::remove(dir_ / "mark");
  EXPECT_EQ(start()->notes,
            std::vector<std::string>{"there was no high-water mark; it is written anew"});
  mark_.reset();
  std::filesystem::resize_file(dir_ / "mark", 100);
  EXPECT_EQ(start()->notes,
            std::vector<std::string>{"the high-water mark could not be read; it is written anew"});
  EXPECT_TRUE(start()->notes.empty());
}

TEST_F(StorageStart, ADamagedEndOfTheJournalIsNamed) {
  add_entries(10);
  std::string entry = **store_.get(journal_key(8));
  entry[entry.find("A-8") + 2] = '9';
  ASSERT_TRUE(store_.commit({{journal_key(8), entry}}).ok());
  EXPECT_EQ(start_error(), "journal: entry 8: its bytes are not those that were hashed");
  ASSERT_TRUE(store_.commit({{journal_key(8), std::nullopt}}).ok());
  EXPECT_EQ(start_error(), "journal: entry 8: expected sequence 8, came 9");
}

TEST_F(StorageStart, DamagedBytesAndBadEpochsAreSaid) {
  add_entries(3);
  ASSERT_TRUE(store_.commit({{std::string(kEpochKey), "many"}}).ok());
  EXPECT_EQ(start_error(), "the row m/epoch holds no epoch: many");
  store_.damage_row(journal_key(2));
  EXPECT_EQ(start_error(), "after entry 1: the row j/0000000000000002 is damaged (simulated)");
}

}  // namespace
}  // namespace cryobank::inventory
