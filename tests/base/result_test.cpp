#include "base/result.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace cryobank {
namespace {

Result<int> half_of(int n) {
  if (n % 2 != 0) return make_error(ErrorCode::invalid_value, "expected an even number");
  return n / 2;
}

Status even(int n) {
  const auto half = half_of(n);
  if (!half) return half.error();
  return {};
}

TEST(Result, holds_the_value) {
  const auto half = half_of(8);
  ASSERT_TRUE(half.ok());
  EXPECT_TRUE(static_cast<bool>(half));
  EXPECT_EQ(*half, 4);
  EXPECT_EQ(half.value(), 4);
}

TEST(Result, holds_the_error) {
  const auto half = half_of(7);
  ASSERT_FALSE(half.ok());
  EXPECT_EQ(half.error().code, ErrorCode::invalid_value);
  EXPECT_EQ(half.error().context, "expected an even number");
}

TEST(Result, gives_up_a_value_that_can_only_move) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(5));
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 5);
}

TEST(Result, reaches_into_its_value) {
  Result<std::string> text(std::string("vial"));
  text->push_back('s');
  EXPECT_EQ(text->size(), 5u);
  EXPECT_EQ(*text, "vials");
}

TEST(Status, is_ok_or_carries_the_error) {
  EXPECT_TRUE(even(2).ok());
  EXPECT_EQ(even(3).error().code, ErrorCode::invalid_value);
}

TEST(ResultDeathTest, reading_the_wrong_side_ends_the_program) {
  EXPECT_DEATH((void)*half_of(7), "CHECK failed: ok\\(\\)");
  EXPECT_DEATH((void)half_of(8).error(), "CHECK failed: !ok\\(\\)");
  EXPECT_DEATH((void)even(2).error(), "CHECK failed: !ok\\(\\)");
}

TEST(CheckDeathTest, prints_the_condition_and_the_place) {
  EXPECT_DEATH(CHECK(1 + 1 == 3), "CHECK failed: 1 \\+ 1 == 3 at .*result_test.cpp:[0-9]+");
  CHECK(1 + 1 == 2);
}

}  // namespace
}  // namespace cryobank
