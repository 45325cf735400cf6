#include "inventory/record/journal_copy_io.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "base/text.hpp"
#include "inventory/record/export_io.hpp"
#include "inventory/record/leveldb_io.hpp"
#include "inventory/record/storage_thread_io.hpp"
#include "inventory/record/verify.hpp"
#include "tests/contracts/temp_dir.hpp"
#include "tests/inventory/record/toy_ledger.hpp"

namespace cryobank::inventory {
namespace {

namespace fs = std::filesystem;

class Copy : public testing::Test {
 protected:
  Copy() {
    EXPECT_TRUE(create_store(dir_ / "store").ok());
    store_ = std::move(*open_store(dir_ / "store"));
    bank_ = std::make_unique<ToyBank>(*store_);
  }
  void add(int count) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(bank_->store_aliquot(next_++).ok());
  }
  // Runs a storage thread over the store until the copy said how it is, commits `more` entries
  // through it, and gives what was said.
  std::string follow(int more) {
    std::promise<std::string> said;
    bool first = true;
    {
      StorageThread thread(std::move(store_), nullptr, Epoch{1},
                           std::make_unique<JournalCopy>(path_), [&](const Status& status) {
                             if (first) said.set_value(status ? "good" : status.error().context);
                             first = false;
                           });
      answer_ = said.get_future().get();
      for (int i = 0; i < more; ++i) {
        std::vector<RowChange> rows{append_sample(bank_->journal, next_++)};
        for (RowChange& row : bank_->journal.head_rows()) rows.push_back(std::move(row));
        std::promise<bool> done;
        EXPECT_TRUE(
            thread
                .commit(rows, [&](const Status& status, Duration) { done.set_value(status.ok()); })
                .ok());
        EXPECT_TRUE(done.get_future().get());
      }
    }
    store_ = std::move(*open_store(dir_ / "store"));
    bank_->use(*store_);
    return answer_;
  }
  // "n entries", or what is wrong with the copy.
  std::string check() const {
    JournalVerifier verifier;
    const Status read = read_export(path_, [&](std::string_view entry) {
      (void)verifier.feed(entry);
      return Status();
    });
    if (!read) return read.error().context;
    if (!verifier.finish()) return describe(*verifier.fault());
    return cat(verifier.sequence(), " entries");
  }

  TempDir dir_;
  const std::string path_ = dir_ / "copy.jsonl";
  std::unique_ptr<LevelDbStore> store_;
  std::unique_ptr<ToyBank> bank_;
  std::string answer_;
  int next_ = 0;
};

TEST_F(Copy, BeginsWithWhatTheStoreHasAndFollowsEveryCommit) {
  add(700);
  EXPECT_EQ(follow(50), "good");
  EXPECT_EQ(check(), "750 entries");
}

TEST_F(Copy, GoesOnWhereItEndedAfterARestart) {
  add(10);
  EXPECT_EQ(follow(5), "good");
  add(20);  // while nobody followed
  const auto before = fs::file_size(path_);
  EXPECT_EQ(follow(5), "good");
  EXPECT_EQ(check(), "40 entries");
  EXPECT_GT(fs::file_size(path_), before);
  EXPECT_FALSE(fs::exists(path_ + ".set-aside-1"));
}

TEST_F(Copy, ATornLastLineIsCutAndWrittenAnew) {
  add(30);
  ASSERT_EQ(follow(0), "good");
  const auto whole = fs::file_size(path_);
  for (const std::uintmax_t missing : {1u, 2u, 100u, 5000u}) {
    fs::resize_file(path_, whole - missing);
    ASSERT_EQ(follow(0), "good") << missing;
    EXPECT_EQ(check(), "30 entries") << missing;
    EXPECT_EQ(fs::file_size(path_), whole) << missing;
  }
  fs::resize_file(path_, 17);
  ASSERT_EQ(follow(0), "good");
  EXPECT_EQ(check(), "30 entries");
}

TEST_F(Copy, OfAnotherJournalIsSetAsideAndNeverRemoved) {
  add(3);
  std::ofstream(path_) << "something else\n";
  EXPECT_EQ(follow(2), "good");
  EXPECT_EQ(check(), "5 entries");
  EXPECT_EQ(fs::file_size(path_ + ".set-aside-1"), 15u);
}

TEST_F(Copy, OfAJournalThatWentFurtherIsSetAside) {
  add(20);
  ASSERT_EQ(follow(0), "good");
  store_.reset();
  fs::remove_all(dir_ / "store");
  ASSERT_TRUE(create_store(dir_ / "store").ok());
  store_ = std::move(*open_store(dir_ / "store"));
  bank_ = std::make_unique<ToyBank>(*store_);
  next_ = 0;
  add(7);
  EXPECT_EQ(follow(0), "good");
  EXPECT_EQ(check(), "7 entries");
  EXPECT_TRUE(fs::exists(path_ + ".set-aside-1")) << "it holds what the store lost";
}

TEST_F(Copy, ThatCannotBeWrittenIsSaidAndHoldsNobodyUp) {
  add(3);
  fs::create_directory(path_);
  EXPECT_THAT(follow(10), testing::HasSubstr("cannot open"));
  EXPECT_EQ(bank_->journal.sequence(), 13u);
  fs::remove(path_);
  EXPECT_EQ(follow(0), "good");
  EXPECT_EQ(check(), "13 entries");
}

TEST_F(Copy, AFullDiskLeavesNoHalfLineForGood) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "this system has no /dev/full";
  add(3);
  fs::create_symlink("/dev/full", path_);
  EXPECT_THAT(follow(2),
              testing::AnyOf(testing::HasSubstr("cannot write"), testing::HasSubstr("cannot cut")));
  fs::remove(path_);
  EXPECT_EQ(follow(0), "good");
  EXPECT_EQ(check(), "5 entries");
}

}  // namespace
}  // namespace cryobank::inventory
