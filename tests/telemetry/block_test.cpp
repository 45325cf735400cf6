// Blocks: what is packed comes back, and what is damaged is refused.
#include "service/telemetry/block.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"

namespace cryobank::telemetry {
namespace {

std::vector<Sample> steady(std::size_t count) {
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < count; ++i) {
    samples.push_back(
        {{1'795'316'400'000 + static_cast<std::int64_t>(i) * 1'000}, -189'400, false});
  }
  return samples;
}

TEST(Block, SamplesComeBack) {
  std::vector<Sample> samples = steady(5);
  samples[2].value = -189'300;
  samples[3] = {samples[3].at, 0, true};
  samples[4].value = kMilliMax;
  const auto back = unpack_samples(pack(samples));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, samples);
}

TEST(Block, TheWorkedExampleOfTheFormatPage) {
  const std::vector<Sample> samples = {{{1'000}, 160'000, false},
                                       {{2'000}, 160'000, false},
                                       {{3'000}, 161'000, false},
                                       {{4'000}, 0, true}};
  std::string hex;
  for (const char c : pack(samples)) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 15];
  }
  EXPECT_EQ(hex, "010004d00f0180c413d00f01000001d00f0000");
}

TEST(Block, ASteadyReadingCostsThreeBytes) { EXPECT_LE(pack(steady(240)).size(), 3U * 240 + 16); }

TEST(Block, BucketsComeBack) {
  const std::vector<Bucket> buckets = {{{3'600'000}, -190'000, -180'000, -666'000'000, 3'600},
                                       {{7'200'000}, 5, 5, 5, 1},
                                       {{36'000'000}, -1, 1, 0, 2}};
  const auto back = unpack_buckets(Tier::hour, pack(Tier::hour, buckets));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, buckets);
}

TEST(Block, EveryCutIsRefused) {
  const std::string whole = pack(steady(20));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto back = unpack_samples(std::string_view(whole).substr(0, size));
    ASSERT_FALSE(back.ok()) << size;
    EXPECT_EQ(back.error().code, ErrorCode::corrupt);
  }
  EXPECT_FALSE(unpack_samples(whole + "x").ok());
}

TEST(Block, AnotherTierOrVersionIsRefused) {
  std::string block = pack(steady(2));
  EXPECT_FALSE(unpack_buckets(Tier::minute, block).ok());
  block[0] = 2;
  EXPECT_FALSE(unpack_samples(block).ok());
}

TEST(Block, RandomBytesNeverDoMoreThanBeRefused) {
  Prng prng(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = "\x01";
    bytes += static_cast<char>(prng.below(3));
    const std::uint64_t size = prng.below(40);
    for (std::uint64_t i = 0; i < size; ++i) bytes += static_cast<char>(prng.below(256));
    const auto samples = unpack_samples(bytes);
    if (samples.ok()) {
      EXPECT_LE(samples->size(), kBlockMax);
    }
    for (const Tier tier : {Tier::minute, Tier::hour}) {
      const auto buckets = unpack_buckets(tier, bytes);
      if (buckets.ok()) {
        EXPECT_LE(buckets->size(), kBlockMax);
      }
    }
  }
}

TEST(Block, KeysSortByTime) {
  EXPECT_LT(block_key(Tier::raw, "f/level", {255}), block_key(Tier::raw, "f/level", {256}));
  EXPECT_EQ(block_key(Tier::hour, "f/level", {256}), "hour/f/level/0000000000000100");
}

}  // namespace
}  // namespace cryobank::telemetry
