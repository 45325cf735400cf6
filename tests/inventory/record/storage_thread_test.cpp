#include "inventory/record/storage_thread_io.hpp"

#include <gmock/gmock.h>

#include <future>

#include "inventory/record/leveldb_io.hpp"
#include "tests/contracts/temp_dir.hpp"
#include "tests/inventory/record/samples.hpp"
#include "tests/simulation/sim_store.hpp"

namespace cryobank::inventory {
namespace {

// A store whose faults are set before the thread owns it.
std::unique_ptr<simulation::SimStore> sim_store() {
  return std::make_unique<simulation::SimStore>(1);
}

Status commit_and_wait(StorageThread& thread, std::vector<RowChange> rows) {
  std::promise<Status> done;
  const Status queued = thread.commit(std::move(rows), [&](Status status, Duration took) {
    EXPECT_GE(took.ns, 0);
    done.set_value(std::move(status));
  });
  return queued ? done.get_future().get() : queued;
}

Result<std::vector<RowChange>> read_and_wait(StorageThread& thread, std::string first,
                                             std::string last, std::uint32_t limit) {
  std::promise<Result<std::vector<RowChange>>> done;
  EXPECT_TRUE(
      thread
          .read(std::move(first), std::move(last), limit, [&](auto rows) { done.set_value(rows); })
          .ok());
  return done.get_future().get();
}

TEST(StorageThread, AReadSeesEveryCommitBeforeIt) {
  const TempDir dir;
  ASSERT_TRUE(create_store(dir / "store").ok());
  StorageThread thread(std::move(*open_store(dir / "store")), nullptr, Epoch{1});
  std::promise<std::size_t> seen;
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(thread
                    .commit({{cat("k", 10 + i), cat(i)}},
                            [](const Status& status, Duration) { EXPECT_TRUE(status.ok()); })
                    .ok());
  }
  ASSERT_TRUE(thread.read("k", "l", 100, [&](auto rows) { seen.set_value(rows->size()); }).ok());
  EXPECT_EQ(seen.get_future().get(), 20u);
}

TEST(StorageThread, ReadsStopAtTheLimitOfRowsAndBytes) {
  StorageThread thread(sim_store(), nullptr, Epoch{1});
  const std::string big(StorageThread::kReadBytesMax / 2, 'x');
  ASSERT_TRUE(commit_and_wait(thread, {{"a", "1"}, {"b", big}, {"c", big}, {"d", big}}).ok());
  EXPECT_EQ(read_and_wait(thread, "a", "z", 2)->size(), 2u);
  EXPECT_EQ(read_and_wait(thread, "a", "z", 0)->size(), 0u);
  EXPECT_EQ(read_and_wait(thread, "a", "z", 100)->size(), 3u);
  EXPECT_EQ(read_and_wait(thread, "b", "c", 100)->front().key, "b");
}

TEST(StorageThread, AReadAnswersAfterTheJobsBeforeIt) {
  StorageThread thread(sim_store(), nullptr, Epoch{1});
  std::vector<int> order;
  std::promise<void> answered;
  ASSERT_TRUE(thread.commit({}, [&](const Status&, Duration) { order.push_back(1); }).ok());
  ASSERT_TRUE(thread
                  .read("", "", 0,
                        [&](const auto&) {
                          order.push_back(2);
                          answered.set_value();
                        })
                  .ok());
  answered.get_future().get();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST(StorageThread, AFullQueueIsRefusedAndTheWaitingJobsAreDone) {
  std::promise<void> gate;
  std::size_t done = 0;
  {
    StorageThread thread(sim_store(), nullptr, Epoch{1});
    std::promise<void> holding;
    ASSERT_TRUE(thread
                    .read("", "", 0,
                          [&](const auto&) {
                            holding.set_value();
                            gate.get_future().wait();
                          })
                    .ok());
    EXPECT_FALSE(thread.settle(milliseconds(50))) << "something is under way";
    holding.get_future().wait();
    for (std::size_t i = 0; i < StorageThread::kQueueMax; ++i) {
      ASSERT_TRUE(thread.read("", "", 0, [&](const auto&) { ++done; }).ok());
    }
    const Status refused = thread.commit({}, [](const Status&, Duration) { FAIL(); });
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    gate.set_value();
    EXPECT_TRUE(thread.settle(seconds(10)));
  }
  EXPECT_EQ(done, StorageThread::kQueueMax) << "the end of the thread does what waits";
}

TEST(StorageThread, AfterAFailedCommitTheStoreIsOpenedAnewByItself) {
  auto store = sim_store();
  store->fail_next(1);
  StorageThread thread(std::move(store), nullptr, Epoch{1});
  EXPECT_FALSE(commit_and_wait(thread, {{"a", "1"}}).ok());
  EXPECT_TRUE(commit_and_wait(thread, {{"b", "1"}}).ok());
  const auto rows = read_and_wait(thread, "", "", 10);
  ASSERT_EQ(rows->size(), 1u);
  EXPECT_EQ(rows->front().key, "b");
}

TEST(StorageThread, AStoreThatStaysClosedIsNotTriedAtEveryCommit) {
  auto store = sim_store();
  store->fail_next(1);
  store->fail_reopens(1);
  StorageThread thread(std::move(store), nullptr, Epoch{1});
  EXPECT_FALSE(commit_and_wait(thread, {}).ok());
  EXPECT_FALSE(commit_and_wait(thread, {}).ok());
  const Status third = commit_and_wait(thread, {});
  ASSERT_FALSE(third.ok());
  EXPECT_THAT(third.error().context, testing::HasSubstr("waits to be opened anew"));
  EXPECT_TRUE(read_and_wait(thread, "", "", 10).ok()) << "reads go on";
}

TEST(StorageThread, TheHighWaterMarkFollowsTheJournalHead) {
  const TempDir dir;
  Journal journal;
  {
    StorageThread thread(sim_store(), std::move(*HighWater::open(dir / "mark")), Epoch{7});
    for (int i = 1; i <= 5; ++i) {
      std::vector<RowChange> rows{append_sample(journal, i)};
      for (RowChange& row : journal.head_rows()) rows.push_back(std::move(row));
      ASSERT_TRUE(commit_and_wait(thread, rows).ok());
    }
    ASSERT_TRUE(commit_and_wait(thread, {{"x", "no journal head"}}).ok());
  }
  const auto mark = std::move(*HighWater::open(dir / "mark"));
  ASSERT_TRUE(mark->mark());
  EXPECT_EQ(mark->mark()->sequence, 5u);
  EXPECT_EQ(mark->mark()->last_hash, journal.head().last_hash);
  EXPECT_EQ(mark->mark()->epoch, Epoch{7});
}

TEST(StorageThread, AFailedCommitDoesNotMoveTheMark) {
  const TempDir dir;
  Journal journal;
  auto store = sim_store();
  store->fail_next(1);
  {
    StorageThread thread(std::move(store), std::move(*HighWater::open(dir / "mark")), Epoch{7});
    std::vector<RowChange> rows{append_sample(journal, 1)};
    for (RowChange& row : journal.head_rows()) rows.push_back(std::move(row));
    EXPECT_FALSE(commit_and_wait(thread, rows).ok());
  }
  EXPECT_FALSE((*HighWater::open(dir / "mark"))->mark());
}

// The mark of another daemon's start, written as that daemon writes it.
void take_over(const std::string& path, const std::string& spare, Epoch epoch) {
  {
    const auto mark = std::move(*HighWater::open(spare));
    ASSERT_TRUE(mark->write({1, Sha256{}, epoch}).ok());
    ASSERT_TRUE(mark->write({1, Sha256{}, epoch}).ok());
  }
  std::filesystem::copy_file(spare, path, std::filesystem::copy_options::overwrite_existing);
}

TEST(StorageThread, AWriterThatFindsAHigherEpochWritesNothingMore) {
  const TempDir dir;
  StorageThread thread(sim_store(), std::move(*HighWater::open(dir / "mark")), Epoch{7});
  Journal journal;
  std::vector<RowChange> rows{append_sample(journal, 1)};
  for (RowChange& row : journal.head_rows()) rows.push_back(std::move(row));
  ASSERT_TRUE(commit_and_wait(thread, rows).ok());
  take_over(dir / "mark", dir / "lower", Epoch{6});
  EXPECT_TRUE(commit_and_wait(thread, {{"a", "1"}}).ok()) << "an older one is nobody's";
  take_over(dir / "mark", dir / "higher", Epoch{8});
  for (int i = 0; i < 2; ++i) {
    const Status refused = commit_and_wait(thread, {{"b", "1"}});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_THAT(refused.error().context,
                testing::HasSubstr("tells the epoch 8, this daemon's is 7"));
    std::filesystem::remove(dir / "mark");  // once overtaken is overtaken for good
  }
  EXPECT_TRUE(read_and_wait(thread, "b", "c", 1)->empty());
}

TEST(StorageThread, AMarkThatIsRemovedIsWrittenAnew) {
  const TempDir dir;
  Journal journal;
  StorageThread thread(sim_store(), std::move(*HighWater::open(dir / "mark")), Epoch{7});
  for (int i = 1; i <= 3; ++i) {
    std::vector<RowChange> rows{append_sample(journal, i)};
    for (RowChange& row : journal.head_rows()) rows.push_back(std::move(row));
    ASSERT_TRUE(commit_and_wait(thread, rows).ok());
    (void)read_and_wait(thread, "", "", 1);  // the mark follows before the next job
    EXPECT_TRUE(std::filesystem::exists(dir / "mark")) << i;
    std::filesystem::remove(dir / "mark");
  }
}

TEST(StorageThread, ASnapshotHoldsEveryCommitThatWasAcknowledgedBefore) {
  StorageThread thread(sim_store(), nullptr, Epoch{1});
  using Snapshot = Result<std::shared_ptr<const StoreSnapshot>>;
  std::promise<Snapshot> taken;
  ASSERT_TRUE(commit_and_wait(thread, {{"a", "1"}}).ok());
  ASSERT_TRUE(
      thread.snapshot([&](Snapshot snapshot) { taken.set_value(std::move(snapshot)); }).ok());
  const Snapshot snapshot = taken.get_future().get();
  ASSERT_TRUE(snapshot.ok());
  ASSERT_TRUE(commit_and_wait(thread, {{"a", "2"}}).ok());
  EXPECT_EQ(*read_row(scan_of(*snapshot), "a").value(), "1");
}

}  // namespace
}  // namespace cryobank::inventory
