#include "base/record_time.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace cryobank {
namespace {

WallTime at(std::string_view text) { return *parse_utc(text); }

TEST(RecordTime, KnowsThePastFrom2000ToNow) {
  const WallTime now = at("2026-11-30T21:00:00Z");
  for (const char* good : {"2000-01-01T00:00:00Z", "2026-11-30T21:00:00Z"}) {
    EXPECT_TRUE(expect_past("at", at(good), now).ok()) << good;
  }
  for (const char* bad : {"0001-01-01T00:00:00Z", "1999-12-31T23:59:59Z", "2026-11-30T21:00:01Z",
                          "9999-12-31T00:00:00Z"}) {
    const Status status = expect_past("at", at(bad), now);
    ASSERT_FALSE(status.ok()) << bad;
    EXPECT_EQ(status.error().code, ErrorCode::invalid_value);
    EXPECT_NE(status.error().context.find("at \"at\", from 2000-01-01"), std::string::npos)
        << status.error().context;
  }
}

TEST(RecordTime, LooksAheadAsFarAsTheKeyAllows) {
  const WallTime now = at("2026-11-30T21:00:00Z");
  EXPECT_TRUE(expect_within("until", at("2036-11-01T00:00:00Z"), now, kHoldsYearsMax).ok());
  EXPECT_FALSE(expect_within("until", at("2036-12-31T00:00:00Z"), now, kHoldsYearsMax).ok());
  EXPECT_TRUE(expect_within("expires", at("2126-11-01T00:00:00Z"), now, kExpiresYearsMax).ok());
  EXPECT_FALSE(expect_within("expires", at("9999-12-31T00:00:00Z"), now, kExpiresYearsMax).ok());
  EXPECT_FALSE(expect_within("until", at("1999-01-01T00:00:00Z"), now, kHoldsYearsMax).ok());
}

}  // namespace
}  // namespace cryobank
