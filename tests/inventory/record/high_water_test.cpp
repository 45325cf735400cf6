#include "inventory/record/high_water_io.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/contracts/temp_dir.hpp"

namespace cryobank::inventory {
namespace {

HighWaterMark mark_at(std::uint64_t sequence) {
  return {sequence, sha256(std::to_string(sequence)), Epoch{3}};
}

std::unique_ptr<HighWater> open_mark(const std::string& path) {
  auto opened = HighWater::open(path);
  EXPECT_TRUE(opened.ok());
  return std::move(*opened);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

TEST(HighWater, ANewFileHoldsNoMark) {
  const TempDir dir;
  const auto file = open_mark(dir / "mark");
  EXPECT_FALSE(file->mark());
  EXPECT_FALSE(file->damaged());
}

TEST(HighWater, TheLastMarkIsReadBackEvenWhenItIsLower) {
  const TempDir dir;
  for (const std::uint64_t sequence : {5u, 6u, 7u, 2u}) {
    ASSERT_TRUE(open_mark(dir / "mark")->write(mark_at(sequence)).ok());
    const auto file = open_mark(dir / "mark");
    ASSERT_TRUE(file->mark());
    EXPECT_EQ(file->mark()->sequence, sequence);
    EXPECT_EQ(file->mark()->last_hash, mark_at(sequence).last_hash);
    EXPECT_EQ(file->mark()->epoch, Epoch{3});
  }
}

TEST(HighWater, SyncLeavesNothingDirty) {
  const TempDir dir;
  const auto file = open_mark(dir / "mark");
  ASSERT_TRUE(file->write(mark_at(1)).ok());
  EXPECT_TRUE(file->dirty());
  ASSERT_TRUE(file->sync().ok());
  EXPECT_FALSE(file->dirty());
}

TEST(HighWater, ATornOrFlippedSlotLeavesTheMarkBefore) {
  const TempDir dir;
  {
    const auto file = open_mark(dir / "mark");
    for (std::uint64_t i = 1; i <= 8; ++i) ASSERT_TRUE(file->write(mark_at(i)).ok());
  }
  const std::string good = read_file(dir / "mark");
  ASSERT_EQ(good.size(), 1024u);
  // The eighth write lies in the first slot.
  for (std::size_t at = 0; at < 512; ++at) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    write_file(dir / "mark", bytes);
    const auto file = open_mark(dir / "mark");
    ASSERT_TRUE(file->mark()) << at;
    EXPECT_EQ(file->mark()->sequence, 7u) << at;
  }
}

TEST(HighWater, AFileWithoutAWholeMarkSaysThatItIsDamaged) {
  const TempDir dir;
  for (const std::string& bytes : {std::string(1024, 'x'), std::string("short")}) {
    write_file(dir / "mark", bytes);
    const auto file = open_mark(dir / "mark");
    EXPECT_FALSE(file->mark());
    EXPECT_TRUE(file->damaged());
  }
}

TEST(HighWater, APlaceThatCannotHoldItIsSaid) {
  const Status written = open_mark("/proc/no/mark")->write(mark_at(1));
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, ErrorCode::io);
  EXPECT_THAT(written.error().context, testing::HasSubstr("/proc/no/mark"));
}

TEST(HighWater, OpeningMakesNoFileAndTheOwnersAloneCanReadIt) {
  const TempDir dir;
  const auto file = open_mark(dir / "mark");
  EXPECT_FALSE(std::filesystem::exists(dir / "mark"));
  ASSERT_TRUE(file->write(mark_at(1)).ok());
  EXPECT_EQ(std::filesystem::status(dir / "mark").permissions(), std::filesystem::perms(0600));
}

TEST(HighWater, OneProcessHoldsIt) {
  const TempDir dir;
  ASSERT_TRUE(open_mark(dir / "mark")->write(mark_at(1)).ok());
  const auto file = open_mark(dir / "mark");
  const auto second = HighWater::open(dir / "mark");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::unavailable);
  EXPECT_THAT(second.error().context, testing::HasSubstr("another process has"));
}

}  // namespace
}  // namespace cryobank::inventory
