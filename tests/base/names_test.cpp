// The names of codes and qualities stand in journals and on the wire, so they may never change.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/device_state.hpp"
#include "base/error.hpp"
#include "base/quality.hpp"
#include "base/shelf_finding.hpp"

namespace cryobank {
namespace {

TEST(Names, of_error_codes_are_as_published) {
  constexpr std::string_view kPublished[] = {
      "malformed",   "invalid-value", "unknown-key", "not-found",      "already-exists",
      "conflict",    "slot-taken",    "no-space",    "not-authorised", "witness-needed",
      "mismatch",    "interlock",     "unavailable", "too-large",      "expired",
      "duplicate",   "corrupt",       "io",          "unsupported",    "signature-needed",
      "did-you-mean"};
  for (std::size_t i = 0; i < std::size(kPublished); ++i) {
    EXPECT_EQ(name_of(static_cast<ErrorCode>(i)), kPublished[i]);
  }
  EXPECT_EQ(static_cast<std::size_t>(ErrorCode::did_you_mean) + 1, std::size(kPublished));
}

TEST(Names, of_error_codes_are_read_back) {
  for (int i = 0; i <= static_cast<int>(ErrorCode::did_you_mean); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    EXPECT_EQ(parse_error_code(name_of(code)), code);
  }
  EXPECT_FALSE(parse_error_code("ok").has_value());
  EXPECT_FALSE(parse_error_code("Corrupt").has_value());
}

TEST(Names, of_device_states_are_as_published) {
  constexpr std::string_view kPublished[] = {"online", "degraded", "stale", "lost", "maintenance"};
  for (std::size_t i = 0; i < std::size(kPublished); ++i) {
    EXPECT_EQ(name_of(static_cast<DeviceState>(i)), kPublished[i]);
  }
  EXPECT_EQ(static_cast<std::size_t>(DeviceState::maintenance) + 1, std::size(kPublished));
}

TEST(Names, of_shelf_findings_are_as_published) {
  constexpr std::string_view kPublished[] = {"missing",      "moved",  "arrived",
                                             "misplaced",    "unread", "unreadable",
                                             "unknown-code", "extra",  "doubled"};
  for (std::size_t i = 0; i < std::size(kPublished); ++i) {
    EXPECT_EQ(name_of(static_cast<ShelfFinding>(i)), kPublished[i]);
  }
  EXPECT_EQ(static_cast<std::size_t>(ShelfFinding::doubled) + 1, std::size(kPublished));
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
