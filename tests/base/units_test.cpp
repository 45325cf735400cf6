#include "base/units.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"

namespace cryobank {
namespace {

TEST(Milli, is_written_as_the_shortest_decimal) {
  const std::pair<std::int64_t, std::string_view> cases[] = {{0, "0"},
                                                             {1, "0.001"},
                                                             {10, "0.01"},
                                                             {100, "0.1"},
                                                             {1000, "1"},
                                                             {-5, "-0.005"},
                                                             {1050, "1.05"},
                                                             {-189'400, "-189.4"},
                                                             {12'000, "12"},
                                                             {-1000, "-1"},
                                                             {1001, "1.001"},
                                                             {kMilliMax, "9007199254740.991"},
                                                             {-kMilliMax, "-9007199254740.991"}};
  for (const auto& [v, text] : cases) {
    EXPECT_EQ(format_milli(Milli{v}), text);
    EXPECT_EQ(parse_milli(text)->v, v) << text;
  }
}

TEST(Milli, rounds_the_fourth_place_half_away_from_zero) {
  const std::pair<std::string_view, std::int64_t> cases[] = {
      {"0.0004", 0},      {"0.0005", 1},    {"-0.0005", -1}, {"0.00049999", 0}, {"1.9995", 2000},
      {"-1.9994", -1999}, {"0.10000", 100}, {"007.5", 7500}, {"-0", 0},         {"-0.0", 0}};
  for (const auto& [text, v] : cases) {
    ASSERT_TRUE(parse_milli(text).ok()) << text;
    EXPECT_EQ(parse_milli(text)->v, v) << text;
  }
}

TEST(Milli, refuses_what_is_no_plain_decimal_or_too_large) {
  for (const std::string_view text :
       {"", "-", ".", ".5", "5.", "+1", " 1", "1 ", "1e3", "1.2.3", "--1", "0x1", "1,5", "nan",
        "9007199254740.992", "9007199254741", "99999999999999999999", "9007199254740.9919"}) {
    const auto parsed = parse_milli(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::malformed);
  }
}

TEST(Milli, what_json_says_is_taken_as_it_is_and_never_rounded) {
  const std::pair<std::string_view, std::int64_t> exact[] = {
      {"3e9", 3'000'000'000'000}, {"-1.5E+2", -150'000},
      {"69.9990", 69'999},        {"1e-3", 1},
      {"12.0000000", 12'000},     {"0e5", 0},
      {"250e-2", 2'500},          {"-0.0", 0}};
  for (const auto& [text, v] : exact) {
    ASSERT_TRUE(parse_exact_milli(text).ok()) << text;
    EXPECT_EQ(parse_exact_milli(text)->v, v) << text;
  }
  for (const std::string_view text : {"69.9995", "5.0004", "1e-7", "1e16", "1e-4", "12345e-7", "e3",
                                      "1e", "1e999999999999", "1.2.3", "--1", ""}) {
    EXPECT_FALSE(parse_exact_milli(text).ok()) << text;
  }
  EXPECT_EQ(parse_exact_milli("69.9995").error().context,
            "expected a number with at most three decimals, came 69.9995");
}

TEST(Milli, any_value_written_reads_back_equal) {
  Prng prng(12);
  for (int i = 0; i < 10'000; ++i) {
    const Milli value{prng.between(-kMilliMax, kMilliMax) >> prng.below(50)};
    ASSERT_EQ(*parse_milli(format_milli(value)), value) << value.v;
  }
}

TEST(Milli, adds_subtracts_and_orders) {
  EXPECT_EQ(whole(3) + Milli{500}, Milli{3500});
  EXPECT_EQ(whole(3) - Milli{500}, Milli{2500});
  EXPECT_EQ(magnitude(-whole(2)), whole(2));
  EXPECT_LT(Milli{-196'000}, Milli{-150'000});
}

TEST(Fraction, is_kept_in_lowest_terms) {
  EXPECT_EQ(Fraction::make(2, 4)->str(), "1/2");
  EXPECT_EQ(Fraction::make(12, 4)->str(), "3");
  EXPECT_EQ(Fraction::make(0, 7)->str(), "0");
  EXPECT_EQ(*Fraction::make(3, 9), *Fraction::parse("1/3"));
  EXPECT_EQ(Fraction().str(), "0");
}

TEST(Fraction, refuses_what_is_none_or_out_of_bounds) {
  EXPECT_EQ(Fraction::make(1, 0).error().code, ErrorCode::invalid_value);
  EXPECT_EQ(Fraction::make(-1, 2).error().code, ErrorCode::invalid_value);
  EXPECT_EQ(Fraction::make(1, -2).error().code, ErrorCode::invalid_value);
  EXPECT_EQ(Fraction::make(1, 1'000'001).error().code, ErrorCode::too_large);
  EXPECT_TRUE(Fraction::make(2'000'000, 2'000'000).ok());
  for (const std::string_view text : {"", "/", "1/", "/2", "1/2/3", "a", "1.5", "1/0", "1 /2"}) {
    EXPECT_FALSE(Fraction::parse(text).ok()) << text;
  }
}

TEST(Fraction, sums_are_exact) {
  Fraction sum;
  for (int i = 0; i < 12; ++i) sum = *add(sum, *Fraction::make(1, 12));
  EXPECT_EQ(sum, *Fraction::make(1, 1));
  EXPECT_EQ(add(*Fraction::make(1, 3), *Fraction::make(1, 6))->str(), "1/2");
}

TEST(Fraction, a_sum_out_of_bounds_is_refused) {
  const auto sum = add(*Fraction::make(1, 999'983), *Fraction::make(1, 999'979));
  ASSERT_FALSE(sum.ok());
  EXPECT_EQ(sum.error().code, ErrorCode::too_large);
}

TEST(Fraction, orders_by_value) {
  EXPECT_LT(*Fraction::make(1, 3), *Fraction::make(1, 2));
  EXPECT_GT(*Fraction::make(999'999, 1'000'000), *Fraction::make(999'998, 999'999));
  EXPECT_LT(*Fraction::make(0, 5), *Fraction::make(1, 1'000'000));
}

}  // namespace
}  // namespace cryobank
