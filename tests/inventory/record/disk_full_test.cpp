// A disk that is really full: a file system in memory of 40 MB. Mounting one needs root; without,
// store_contract_test shows the same with a simulated full disk.
#include <gmock/gmock.h>
#include <sys/mount.h>

#include <fstream>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "inventory/record/leveldb_io.hpp"
#include "tests/contracts/temp_dir.hpp"

namespace cryobank::inventory {
namespace {

namespace fs = std::filesystem;

class DiskFull : public testing::Test {
 public:
  DiskFull() { mounted_ = ::mount("tmpfs", dir_.path().c_str(), "tmpfs", 0, "size=40m") == 0; }
  ~DiskFull() override {
    store_.reset();
    if (mounted_) ::umount2(dir_.path().c_str(), MNT_DETACH);
  }

 protected:
  void SetUp() override {
    if (!mounted_) GTEST_SKIP() << "mounting a small file system needs root";
  }

  void open(std::uint64_t reserve) {
    LevelDbOptions options;
    options.reserve_bytes = reserve;
    options.write_buffer_bytes = 1 << 20;
    if (!fs::exists(dir_ / "store")) {
      ASSERT_TRUE(create_store(dir_ / "store", options).ok());
    }
    store_.reset();
    auto opened = open_store(dir_ / "store", options);
    ASSERT_TRUE(opened.ok()) << opened.error().context;
    store_ = std::move(*opened);
  }
  // Leaves `free` bytes.
  void fill_disk(std::uint64_t free) {
    const std::uint64_t space = fs::space(dir_.path()).available;
    ASSERT_GT(space, free);
    std::ofstream(dir_ / "filler") << std::string(space - free, 'f');
  }
  void clear_disk() { fs::remove(dir_ / "filler"); }

  // Commits until one is refused, at most `count`; remembers what was acknowledged.
  Status commit_until_refused(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string key = cat("k", next_++);
      if (Status status = store_->commit({{key, noise()}}); !status) return status;
      acknowledged_.push_back(key);
    }
    return {};
  }
  // What no compression makes smaller: the disk fills as fast as it is written to.
  std::string noise() {
    std::string text(2000, '\0');
    for (char& byte : text) byte = static_cast<char>(prng_.below(256));
    return text;
  }
  void expect_exactly_the_acknowledged() {
    std::sort(acknowledged_.begin(), acknowledged_.end());
    std::vector<std::string> found;
    ASSERT_TRUE(store_
                    ->scan("", "",
                           [&](std::string_view key, std::string_view) {
                             found.emplace_back(key);
                             return true;
                           })
                    .ok());
    EXPECT_EQ(found, acknowledged_);
  }

  TempDir dir_;
  std::unique_ptr<LevelDbStore> store_;
  std::vector<std::string> acknowledged_;
  int next_ = 0;
  Prng prng_{11};
  bool mounted_ = false;
};

TEST_F(DiskFull, WithTheReserveCommitsAreRefusedInTimeAndGoOnWithoutReopening) {
  constexpr std::uint64_t kReserve = 8 << 20;
  open(kReserve);
  for (int round = 0; round < 3; ++round) {
    fill_disk(kReserve + (1 << 20));
    const Status refused = commit_until_refused(5000);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_THAT(refused.error().context, testing::HasSubstr("is full"));
    EXPECT_TRUE(store_->get("k0").value().has_value()) << "reading goes on";
    clear_disk();
    EXPECT_TRUE(commit_until_refused(10).ok());
  }
  open(kReserve);
  expect_exactly_the_acknowledged();
}

TEST_F(DiskFull, AStartTakesItsEpochInTheReserveAndNothingElse) {
  constexpr std::uint64_t kReserve = 16 << 20;
  open(kReserve);
  ASSERT_TRUE(commit_until_refused(10).ok());
  fill_disk(kReserve / 2);
  for (int start = 0; start < 20; ++start) {
    open(kReserve);
    ASSERT_TRUE(commit_until_refused(1).ok()) << start;
    EXPECT_FALSE(commit_until_refused(1).ok()) << start;
  }
  store_.reset();
  clear_disk();
  fill_disk(kReserve / 8);
  open(kReserve);
  EXPECT_FALSE(commit_until_refused(1).ok()) << "the last quarter is LevelDB's own";
  clear_disk();
  open(kReserve);
  expect_exactly_the_acknowledged();
}

TEST_F(DiskFull, WithoutAReserveNothingAcknowledgedIsLostAndNothingRefusedComesBack) {
  open(0);
  for (int round = 0; round < 5; ++round) {
    fill_disk((64 << 10) + static_cast<std::uint64_t>(round) * 777);
    EXPECT_FALSE(commit_until_refused(5000).ok());
    EXPECT_FALSE(commit_until_refused(3).ok()) << "closed for writing";
    clear_disk();
    ASSERT_TRUE(store_->reopen().ok());
    EXPECT_TRUE(commit_until_refused(50).ok());
    open(0);
    expect_exactly_the_acknowledged();
  }
}

}  // namespace
}  // namespace cryobank::inventory
