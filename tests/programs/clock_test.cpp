#include "service/clock_io.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cryobank::service {
namespace {

TEST(Clock, TimesThatAreNoTimesAreRefused) {
  for (const std::string_view good :
       {"1970-01-01T00:00:00.000Z", "2026-11-29T12:00:00.000Z", "2261-12-31T23:59:59.999Z"}) {
    EXPECT_TRUE(expect_plausible(*parse_utc(good)).ok()) << good;
  }
  for (const std::string_view bad :
       {"1969-12-31T23:59:59.999Z", "2262-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"}) {
    const Status refused = expect_plausible(*parse_utc(bad));
    ASSERT_FALSE(refused.ok()) << bad;
    EXPECT_THAT(refused.error().context, ::testing::HasSubstr(bad));
  }
}

TEST(Clock, GoesOnWithTheComputersClock) {
  Clock clock;
  const Now first = clock.now();
  const Now second = clock.now();
  EXPECT_GE(second.mono, first.mono);
  EXPECT_LT((wall_clock() - second.wall).seconds(), 60);
}

}  // namespace
}  // namespace cryobank::service
