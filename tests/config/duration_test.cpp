#include "config/duration.hpp"

#include <gtest/gtest.h>

namespace cryobank::config {
namespace {

TEST(Duration, ReadsAWholeNumberAndOneUnit) {
  const std::vector<std::pair<std::string_view, Duration>> cases{{"500ms", milliseconds(500)},
                                                                 {"10s", seconds(10)},
                                                                 {"3min", minutes(3)},
                                                                 {"2h", hours(2)},
                                                                 {"1d", days(1)},
                                                                 {"0s", Duration{}},
                                                                 {"90s", seconds(90)},
                                                                 {"3653d", days(3653)}};
  for (const auto& [text, expected] : cases) {
    const Result<Duration> parsed = parse_duration(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, expected) << text;
  }
}

TEST(Duration, RefusesEverythingElse) {
  for (const std::string_view text :
       {"", "s", "10", "10 s", "-10s", "+10s", "1.5h", "10sec", "10S", "1h30min", "0x10s", "3654d",
        "99999999999999999999s", "9223372036854775807d", " 10s", "10s "}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Duration, WritesTheLargestExactUnitAndReadsItBack) {
  EXPECT_EQ(format_duration(minutes(2)), "2min");
  EXPECT_EQ(format_duration(seconds(90)), "90s");
  EXPECT_EQ(format_duration(Duration{}), "0s");
  for (const std::int64_t ms : {1, 999, 1000, 59'000, 60'000, 3'600'000, 86'400'000, 86'400'001}) {
    EXPECT_EQ(*parse_duration(format_duration(milliseconds(ms))), milliseconds(ms));
  }
}

}  // namespace
}  // namespace cryobank::config
