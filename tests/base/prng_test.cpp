#include "base/prng.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace cryobank {
namespace {

TEST(Prng, gives_the_same_draws_on_every_machine) {
  struct Case {
    std::uint64_t seed;
    std::array<std::uint64_t, 4> draws;
  };
  // Computed apart from this code, from the published definitions.
  const Case cases[] = {
      {0, {0x99EC5F36CB75F2B4, 0xBF6E1F784956452A, 0x1A5F849D4933E6E0, 0x6AA594F1262D2D2C}},
      {1, {0xB3F2AF6D0FC710C5, 0x853B559647364CEA, 0x92F89756082A4514, 0x642E1C7BC266A3A7}},
      {42, {0x15780B2E0C2EC716, 0x6104D9866D113A7E, 0xAE17533239E499A1, 0xECB8AD4703B360A1}},
      {UINT64_MAX,
       {0x8F5520D52A7EAD08, 0xC476A018CAA1802D, 0x81DE31C0D260469E, 0xBF658D7E065F3C2F}},
  };
  for (const Case& c : cases) {
    Prng prng(c.seed);
    for (const std::uint64_t draw : c.draws) EXPECT_EQ(prng.next(), draw) << "seed " << c.seed;
  }
}

TEST(Prng, throws_the_same_dice_on_every_machine) {
  Prng prng(7);
  for (const std::uint64_t face : {4, 1, 5, 5, 5, 5, 0, 0, 2, 0, 3, 4}) {
    EXPECT_EQ(prng.below(6), face);
  }
}

TEST(Prng, below_stays_below_and_reaches_every_value_about_equally) {
  Prng prng(3);
  std::array<int, 10> counts{};
  for (int i = 0; i < 10'000; ++i) ++counts.at(prng.below(10));
  for (const int count : counts) {
    EXPECT_GT(count, 850);  // expected 1000, standard deviation 30
    EXPECT_LT(count, 1150);
  }
  for (int i = 0; i < 100; ++i) EXPECT_EQ(prng.below(1), 0u);
}

TEST(Prng, between_includes_both_ends_and_takes_the_whole_range) {
  Prng prng(4);
  bool low = false;
  bool high = false;
  for (int i = 0; i < 200; ++i) {
    const std::int64_t draw = prng.between(-2, 2);
    ASSERT_GE(draw, -2);
    ASSERT_LE(draw, 2);
    low |= draw == -2;
    high |= draw == 2;
  }
  EXPECT_TRUE(low && high);
  EXPECT_EQ(prng.between(5, 5), 5);
  constexpr auto kLow = std::numeric_limits<std::int64_t>::min();
  constexpr auto kHigh = std::numeric_limits<std::int64_t>::max();
  bool negative = false;
  bool positive = false;
  for (int i = 0; i < 100; ++i) {
    const std::int64_t draw = prng.between(kLow, kHigh);
    negative |= draw < 0;
    positive |= draw > 0;
  }
  EXPECT_TRUE(negative && positive);
}

TEST(Prng, chance_of_none_never_comes_and_of_all_always_does) {
  Prng prng(5);
  int hits = 0;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(prng.chance(0, 7));
    EXPECT_TRUE(prng.chance(7, 7));
    hits += prng.chance(1, 4) ? 1 : 0;
  }
  EXPECT_GT(hits, 190);
  EXPECT_LT(hits, 310);
}

TEST(Prng, a_fork_draws_on_its_own) {
  Prng a(9);
  Prng b(9);
  Prng fork = a.fork();
  for (int i = 0; i < 100; ++i) (void)fork.next();
  (void)b.fork();
  EXPECT_EQ(a.next(), b.next());
  EXPECT_NE(a.fork().next(), a.fork().next());
}

TEST(PrngDeathTest, a_range_of_nothing_ends_the_program) {
  EXPECT_DEATH((void)Prng(1).below(0), "CHECK failed");
  EXPECT_DEATH((void)Prng(1).between(2, 1), "CHECK failed");
}

}  // namespace
}  // namespace cryobank
