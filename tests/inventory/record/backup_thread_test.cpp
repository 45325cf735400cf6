#include "inventory/record/backup/backup_thread_io.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "base/text.hpp"
#include "inventory/record/journal_format.hpp"
#include "tests/contracts/temp_dir.hpp"
#include "tests/inventory/record/toy_ledger.hpp"

namespace cryobank::inventory {
namespace {

namespace fs = std::filesystem;

class Backups : public testing::Test {
 protected:
  Backups() {
    EXPECT_TRUE(create_store(dir_ / "store").ok());
    auto store = std::move(*open_store(dir_ / "store"));
    ToyBank bank(*store);
    for (int i = 0; i < 300; ++i) EXPECT_TRUE(bank.store_aliquot(i).ok());
    storage_ = std::make_unique<StorageThread>(std::move(store), nullptr, Epoch{7});
    folder_.directory = dir_ / "backups";
    folder_.prefix = "demo-";
    folder_.keep = 2;
    folder_.reserve_bytes = 0;
  }

  Result<BackupWritten> make(BackupThread& thread, std::string name) {
    std::promise<Result<BackupWritten>> done;
    thread.make(std::move(name),
                [&](const Result<BackupWritten>& written) { done.set_value(written); });
    return done.get_future().get();
  }
  bool commit(std::vector<RowChange> rows) {
    std::promise<bool> done;
    EXPECT_TRUE(storage_
                    ->commit(std::move(rows),
                             [&](const Status& status, Duration) { done.set_value(status.ok()); })
                    .ok());
    return done.get_future().get();
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& file : fs::directory_iterator(folder_.directory)) {
      names.push_back(file.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  TempDir dir_;
  BackupFolder folder_;
  std::unique_ptr<StorageThread> storage_;
};

TEST_F(Backups, WhileCommitsGoOnItHoldsOneConsistentMoment) {
  BackupThread thread(*storage_, folder_);
  std::promise<Result<BackupWritten>> done;
  thread.make("demo-1.backup",
              [&](const Result<BackupWritten>& written) { done.set_value(written); });
  auto answer = done.get_future();
  int during = 0;
  do {
    ASSERT_TRUE(commit({{cat("during/", during++), "x"}}));
  } while (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready);
  const auto written = answer.get();
  ASSERT_TRUE(written.ok()) << written.error().context;
  EXPECT_EQ(written->info.sequence, 300u);
  EXPECT_EQ(written->bytes, fs::file_size(written->path));
  ASSERT_TRUE(restore_backup(written->path, dir_ / "restored").ok());
  const auto restored = std::move(*open_store(dir_ / "restored"));
  EXPECT_FALSE(restored->get(cat("during/", during - 1)).value().has_value());
  EXPECT_TRUE(restored->get(journal_key(300)).value().has_value());
}

TEST_F(Backups, OnlyTheNewestAreKeptAndNothingElseIsTouched) {
  BackupThread thread(*storage_, folder_);
  fs::create_directories(folder_.directory);
  for (const char* other : {"another-0.backup", "demo-0.txt"}) {
    std::ofstream(fs::path(folder_.directory) / other) << "not ours";
  }
  std::ofstream(fs::path(folder_.directory) / "demo-0.backup.part") << "of a killed run";
  for (int i = 1; i <= 4; ++i) {
    const auto written = make(thread, cat("demo-", i, ".backup"));
    ASSERT_TRUE(written.ok()) << written.error().context;
    EXPECT_EQ(written->kept, std::min(i, 2));
  }
  EXPECT_THAT(names(), testing::ElementsAre("another-0.backup", "demo-0.txt", "demo-3.backup",
                                            "demo-4.backup"));
  // A clock that was set back: the new one is the oldest by its name, and stays.
  ASSERT_TRUE(make(thread, "demo-2.backup").ok());
  EXPECT_THAT(list_backups(folder_), testing::ElementsAre(testing::HasSubstr("demo-2.backup"),
                                                          testing::HasSubstr("demo-4.backup")));
}

TEST_F(Backups, AFolderThatCannotBeMadeIsSaid) {
  std::ofstream(dir_ / "file") << "x";
  folder_.directory = dir_ / "file/backups";
  BackupThread thread(*storage_, folder_);
  const auto failed = make(thread, "demo-1.backup");
  ASSERT_FALSE(failed.ok());
  EXPECT_THAT(failed.error().context, testing::HasSubstr("cannot make"));
}

TEST_F(Backups, ADiskThatWouldGetTooFullHasNoPartOfOne) {
  folder_.reserve_bytes = std::uint64_t{1} << 60;
  BackupThread thread(*storage_, folder_);
  const auto failed = make(thread, "demo-1.backup");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
  EXPECT_THAT(failed.error().context, testing::HasSubstr("is full"));
  EXPECT_TRUE(names().empty());
}

TEST_F(Backups, OneAtATime) {
  // The storage thread is kept busy, so that the first is still waiting for its snapshot.
  std::promise<void> go;
  const std::shared_future<void> gone = go.get_future().share();
  ASSERT_TRUE(storage_->read("x", "y", 1, [gone](const auto&) { gone.wait(); }).ok());
  BackupThread thread(*storage_, folder_);
  std::promise<Result<BackupWritten>> first;
  thread.make("demo-1.backup",
              [&](const Result<BackupWritten>& written) { first.set_value(written); });
  const auto second = make(thread, "demo-2.backup");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  go.set_value();
  EXPECT_TRUE(first.get_future().get().ok());
}

TEST_F(Backups, StoppingDoesNotWaitForAStoreThatHangs) {
  std::promise<void> go;
  const std::shared_future<void> gone = go.get_future().share();
  ASSERT_TRUE(storage_->read("x", "y", 1, [gone](const auto&) { gone.wait(); }).ok());
  bool told = false;
  {
    BackupThread thread(*storage_, folder_);
    thread.make("demo-1.backup", [&](const Result<BackupWritten>&) { told = true; });
  }
  EXPECT_FALSE(told) << "nobody listens any more";
  go.set_value();
  storage_.reset();
  EXPECT_TRUE(!fs::exists(folder_.directory) || names().empty());
}

TEST_F(Backups, ADamagedBlockOfTheStoreIsNotBackedUpAsIfItWereWhole) {
  storage_.reset();
  LevelDbOptions small;
  small.write_buffer_bytes = 64 << 10;
  ASSERT_TRUE(create_store(dir_ / "other", small).ok());
  auto store = std::move(*open_store(dir_ / "other", small));
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(store->commit({{cat("k", 1000 + i), std::string(2000, 'x')}}).ok());
  }
  store.reset();
  std::uintmax_t spoiled = 0;
  for (const auto& file : fs::directory_iterator(dir_ / "other")) {
    if (file.path().extension() != ".ldb") continue;
    std::fstream table(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    table.seekp(500);
    table.put('\xff');
    ++spoiled;
  }
  ASSERT_GT(spoiled, 0u);
  auto reopened = open_store(dir_ / "other", small);
  ASSERT_TRUE(reopened.ok()) << reopened.error().context;
  storage_ = std::make_unique<StorageThread>(std::move(*reopened), nullptr, Epoch{7});
  BackupThread thread(*storage_, folder_);
  const auto failed = make(thread, "demo-1.backup");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, ErrorCode::corrupt) << failed.error().context;
  EXPECT_TRUE(list_backups(folder_).empty());
}

}  // namespace
}  // namespace cryobank::inventory
