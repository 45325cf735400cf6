#include "inventory/record/leveldb_io.hpp"

#include <gmock/gmock.h>
#include <leveldb/db.h>

#include <fstream>
#include <thread>

#include "base/text.hpp"
#include "tests/contracts/temp_dir.hpp"

namespace cryobank::inventory {
namespace {

namespace fs = std::filesystem;

class LevelDb : public testing::Test {
 protected:
  std::unique_ptr<LevelDbStore> opened() {
    auto store = open_store(path_);
    EXPECT_TRUE(store.ok()) << store.error().context;
    return std::move(*store);
  }
  std::string open_error() {
    const auto store = open_store(path_);
    return store ? "opened" : cat(name_of(store.error().code), ": ", store.error().context);
  }
  std::string damaged(std::string_view why) {
    return cat("corrupt: the store in ", path_, " is damaged: ", why);
  }
  fs::path file_with(std::string_view part) {
    for (const auto& file : fs::directory_iterator(path_)) {
      if (file.path().filename().string().find(part) != std::string::npos) return file.path();
    }
    return {};
  }
  static void flip_byte(const fs::path& file, std::uintmax_t at) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(at));
    const int byte = stream.get();
    stream.seekp(static_cast<std::streamoff>(at));
    stream.put(static_cast<char>(byte ^ 0x40));
  }

  TempDir dir_;
  const std::string path_ = dir_ / "store";
};

TEST_F(LevelDb, IsMadeByCommandOnlyAndOnlyOnce) {
  EXPECT_EQ(open_error(),
            cat("not-found: there is no store in ", path_, "; a new one is made by command only"));
  EXPECT_FALSE(fs::exists(path_)) << "looking makes nothing";
  ASSERT_TRUE(create_store(path_).ok());
  opened();
  const Status again = create_store(path_);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::already_exists);
}

TEST_F(LevelDb, IsNotMadeWhereOtherFilesLie) {
  fs::create_directory(path_);
  std::ofstream(path_ + "/notes.txt") << "mine";
  const Status refused = create_store(path_);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().context, cat("expected an empty or absent directory for a new store, "
                                         "but ",
                                         path_, " holds files"));
}

TEST_F(LevelDb, ASecondOpeningSaysThatAnotherHoldsIt) {
  ASSERT_TRUE(create_store(path_).ok());
  const auto first = opened();
  EXPECT_THAT(open_error(), testing::StartsWith(cat(
                                "unavailable: another process has the store in ", path_, " open")));
}

TEST_F(LevelDb, ARemovedLockFileLetsNoSecondOneIn) {
  ASSERT_TRUE(create_store(path_).ok());
  const auto first = opened();
  fs::remove(fs::path(path_) / "LOCK");
  EXPECT_THAT(open_error(), testing::StartsWith(cat(
                                "unavailable: another process has the store in ", path_, " open")));
  EXPECT_TRUE(first->commit({{"a", "1"}}).ok());
}

TEST_F(LevelDb, AFolderThatWasReplacedIsNotWrittenTo) {
  ASSERT_TRUE(create_store(path_).ok());
  const auto store = opened();
  ASSERT_TRUE(store->commit({{"a", "1"}}).ok());
  fs::rename(path_, dir_ / "moved");
  fs::copy(dir_ / "moved", path_);
  const Status refused = store->commit({{"b", "1"}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_FALSE(store->reopen().ok()) << "it is not taken over by opening it anew";
  const auto other = open_store(path_ + "/.");  // LevelDB itself goes by the name
  ASSERT_TRUE(other.ok()) << other.error().context;
  EXPECT_EQ(*(*other)->get("a").value(), "1");
  EXPECT_FALSE((*other)->get("b").value());
}

TEST_F(LevelDb, WhoeverOpenedItWithoutAskingIsNoticedAtTheNextCommit) {
  ASSERT_TRUE(create_store(path_).ok());
  const auto store = opened();
  ASSERT_TRUE(store->commit({{"a", "1"}}).ok());
  fs::remove(fs::path(path_) / "LOCK");
  leveldb::DB* foreign = nullptr;
  ASSERT_TRUE(leveldb::DB::Open({}, path_ + "/.", &foreign).ok());  // by another name of it
  delete foreign;
  const Status refused = store->commit({{"b", "1"}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
}

TEST_F(LevelDb, AMissingCurrentIsDamageAndNotANewStore) {
  ASSERT_TRUE(create_store(path_).ok());
  ASSERT_TRUE(opened()->commit({{"a", "1"}}).ok());
  const std::string current = path_ + "/CURRENT";
  fs::rename(current, dir_ / "CURRENT");
  EXPECT_EQ(open_error(), damaged("its file CURRENT is missing"));
  fs::rename(dir_ / "CURRENT", current);
  EXPECT_EQ(*opened()->get("a").value(), "1") << "nothing was thrown away";
}

TEST_F(LevelDb, AFlippedByteInTheLogIsRefusedAtStart) {
  ASSERT_TRUE(create_store(path_).ok());
  {
    const auto store = opened();
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(store->commit({{cat("k", i), "value"}}).ok());
  }
  const fs::path log = file_with(".log");
  std::ifstream stream(log, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(stream), {});
  flip_byte(log, bytes.find("value", bytes.size() / 2));
  EXPECT_THAT(open_error(), testing::StartsWith(damaged("Corruption: ")));
}

TEST_F(LevelDb, AMissingTableIsRefusedAtStart) {
  ASSERT_TRUE(create_store(path_).ok());
  ASSERT_TRUE(opened()->commit({{"a", "1"}}).ok());
  opened();  // turns the log into a table
  fs::remove(file_with(".ldb"));
  EXPECT_THAT(open_error(), testing::StartsWith(damaged("Corruption: ")));
}

TEST_F(LevelDb, TheReserveRefusesCommitsAndLetsThemGoOnWhenThereIsSpaceAgain) {
  ASSERT_TRUE(create_store(path_).ok());
  LevelDbOptions options;
  options.reserve_bytes = std::uint64_t{1} << 60;
  const auto store = std::move(*open_store(path_, options));
  const Status refused = store->commit({{"a", "1"}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_THAT(refused.error().context,
              testing::HasSubstr(cat(options.reserve_bytes, " are kept in reserve")))
      << "a first commit takes a quarter of it; what is named is enough for all that follow";
  EXPECT_FALSE(store->reopen().ok());
  EXPECT_FALSE(store->get("a").value().has_value()) << "reads go on";
}

TEST_F(LevelDb, ASnapshotIsReadByAnotherThreadWhileCommitsGoOn) {
  ASSERT_TRUE(create_store(path_).ok());
  const auto store = opened();
  std::vector<RowChange> rows;
  rows.reserve(5000);
  for (int i = 0; i < 5000; ++i) rows.push_back({cat("k", 10000 + i), "old"});
  ASSERT_TRUE(store->commit(rows).ok());
  const auto snapshot = store->snapshot();
  ASSERT_TRUE(snapshot.ok());
  std::size_t seen = 0;
  std::jthread reader([&] {
    const Status scanned = (*snapshot)->scan("", "", [&](std::string_view, std::string_view value) {
      EXPECT_EQ(value, "old");
      ++seen;
      return true;
    });
    EXPECT_TRUE(scanned.ok());
  });
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(store->commit({{cat("k", 10000 + i), "new"}, {cat("n", i), "new"}}).ok());
  }
  reader.join();
  EXPECT_EQ(seen, 5000u);
}

TEST_F(LevelDb, AnUnsyncedStoreForTelemetryKeepsTheSameSeam) {
  LevelDbOptions options;
  options.sync = false;
  ASSERT_TRUE(create_store(path_, options).ok());
  ASSERT_TRUE((*open_store(path_, options))->commit({{"a", "1"}}).ok());
  EXPECT_EQ(*(*open_store(path_, options))->get("a").value(), "1");
}

}  // namespace
}  // namespace cryobank::inventory
