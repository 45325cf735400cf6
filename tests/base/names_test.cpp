// The names of codes and qualities stand in journals and on the wire, so they may never change.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/error.hpp"
#include "base/quality.hpp"

namespace cryobank {
namespace {

TEST(Names, of_error_codes_are_as_published) {
  constexpr std::string_view kPublished[] = {
      "malformed", "invalid-value", "unknown-key", "not-found",      "already-exists",
      "conflict",  "slot-taken",    "no-space",    "not-authorised", "witness-needed",
      "mismatch",  "interlock",     "unavailable", "too-large",      "expired",
      "duplicate", "corrupt",       "io",          "unsupported"};
  for (std::size_t i = 0; i < std::size(kPublished); ++i) {
    EXPECT_EQ(name_of(static_cast<ErrorCode>(i)), kPublished[i]);
  }
  EXPECT_EQ(static_cast<std::size_t>(ErrorCode::unsupported) + 1, std::size(kPublished));
}

TEST(Names, of_qualities_are_as_published) {
  constexpr std::string_view kPublished[] = {
      "good",   "stale",     "sensor-broken",   "out-of-range", "implausible-step",
      "frozen", "comm-lost", "profile-mismatch"};
  for (std::size_t i = 0; i < std::size(kPublished); ++i) {
    EXPECT_EQ(name_of(static_cast<Quality>(i)), kPublished[i]);
  }
  EXPECT_EQ(static_cast<std::size_t>(Quality::profile_mismatch) + 1, std::size(kPublished));
}

TEST(NamesDeathTest, a_value_outside_the_list_ends_the_program) {
  EXPECT_DEATH((void)name_of(static_cast<Quality>(200)), "CHECK failed");
  EXPECT_DEATH((void)name_of(static_cast<ErrorCode>(200)), "CHECK failed");
}

}  // namespace
}  // namespace cryobank
