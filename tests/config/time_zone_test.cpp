#include "config/time_zone.hpp"

#include <gtest/gtest.h>

#include "tests/config/files_on_disk.hpp"

namespace cryobank::config {
namespace {

struct RuleCase {
  std::string_view rule;
  int standard;
  std::optional<int> daylight;
};

TEST(TimeZone, RulesTellTheirOffsets) {
  const RuleCase cases[] = {
      {"UTC0", 0, {}},
      {"JST-9", 540, {}},
      {"CET-1CEST,M3.5.0,M10.5.0/3", 60, 120},
      {"EST5EDT,M3.2.0,M11.1.0", -300, -240},
      {"<+0545>-5:45", 345, {}},
      {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 630, 660},
      {"IST-1GMT0,M10.5.0,M3.5.0/1", 60, 0},
  };
  for (const RuleCase& one : cases) {
    const auto offsets = parse_zone_rule(one.rule);
    ASSERT_TRUE(offsets.ok()) << one.rule << offsets.error().context;
    EXPECT_EQ(offsets->standard, one.standard) << one.rule;
    EXPECT_EQ(offsets->daylight, one.daylight) << one.rule;
  }
}

TEST(TimeZone, OtherTextsAreRefused) {
  for (const std::string_view rule : {"", "9", "JST", "<+09-9", "CET-1CEST;x", "C-1", "CET-x"}) {
    EXPECT_FALSE(parse_zone_rule(rule).ok()) << rule;
  }
  for (const std::string_view file : {"", "TZif", "TZif\n", "no zone\nJST-9\n", "TZif\nJST-9"}) {
    EXPECT_FALSE(parse_zone(file).ok()) << file;
  }
}

TEST(TimeZone, TheSystemsDataAreRead) {
  const ReadText disk = files_under("/");
  const auto offsets = [&](std::string_view zone) {
    const auto data = disk(zone_path(zone));
    EXPECT_TRUE(data.ok()) << zone;
    return data ? parse_zone(*data) : Result<ZoneOffsets>(data.error());
  };
  EXPECT_EQ(offsets("Asia/Tokyo")->standard, 540);
  EXPECT_EQ(offsets("Europe/Berlin")->daylight, 120);
  EXPECT_EQ(offsets("America/New_York")->standard, -300);
  EXPECT_EQ(offsets("Asia/Kathmandu")->standard, 345);
}

TEST(TimeZone, ANameLeadsNowhereElse) {
  for (const std::string_view name : {"", "/etc/passwd", "../../etc/passwd", "Asia\nTokyo"}) {
    EXPECT_EQ(zone_path(name), "") << name;
  }
}

}  // namespace
}  // namespace cryobank::config
