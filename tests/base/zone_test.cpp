#include "base/zone.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "base/text.hpp"

namespace cryobank {
namespace {

Zone load(const std::string& name) {
  std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  const Result<Zone> zone = Zone::parse(bytes);
  EXPECT_TRUE(zone) << name;
  return zone ? *zone : Zone();
}

std::string shown(const Zone& zone, const char* utc) {
  const LocalTime local = zone.local(*parse_utc(utc));
  return cat(format_day(local.day), " ", format_minute(local.minute));
}

TEST(Zone, ShowsTheClockOnTheWallOverSummerTime) {
  const struct {
    const char* zone;
    const char* utc;
    const char* local;
  } cases[] = {
      {"Europe/Berlin", "2026-03-29T00:59:00Z", "2026-03-29 01:59"},
      {"Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29 03:00"},
      {"Europe/Berlin", "2026-10-25T00:59:00Z", "2026-10-25 02:59"},
      {"Europe/Berlin", "2026-10-25T01:00:00Z", "2026-10-25 02:00"},
      {"Europe/Berlin", "2060-07-01T12:00:00Z", "2060-07-01 14:00"},  // past the table: the footer
      {"Europe/Berlin", "2060-12-01T12:00:00Z", "2060-12-01 13:00"},
      {"Asia/Tokyo", "2026-07-01T15:30:00Z", "2026-07-02 00:30"},
      {"America/New_York", "2026-03-08T06:59:00Z", "2026-03-08 01:59"},
      {"America/New_York", "2026-03-08T07:00:00Z", "2026-03-08 03:00"},
      {"Australia/Sydney", "2050-01-01T00:00:00Z", "2050-01-01 11:00"},  // summer over New Year
      {"Australia/Sydney", "2050-07-01T00:00:00Z", "2050-07-01 10:00"},
      {"Asia/Kathmandu", "2026-01-01T00:00:00Z", "2026-01-01 05:45"},
      {"UTC", "1969-12-31T23:59:00Z", "1969-12-31 23:59"},
  };
  for (const auto& one : cases) EXPECT_EQ(shown(load(one.zone), one.utc), one.local) << one.zone;
}

TEST(Zone, FindsTheMomentThatAWallClockShows) {
  const Zone berlin = load("Europe/Berlin");
  EXPECT_EQ(format_utc(berlin.at(*parse_day("2026-07-01"), 8 * 60)), "2026-07-01T06:00:00.000Z");
  EXPECT_EQ(format_utc(berlin.at(*parse_day("2026-12-01"), 8 * 60)), "2026-12-01T07:00:00.000Z");
  // 02:30 does not happen that night; 02:30 happens twice in October, and the first counts.
  EXPECT_EQ(format_utc(berlin.at(*parse_day("2026-03-29"), 150)), "2026-03-29T01:30:00.000Z");
  EXPECT_EQ(format_utc(berlin.at(*parse_day("2026-10-25"), 150)), "2026-10-25T00:30:00.000Z");
}

TEST(Zone, RefusesWhatIsNoTzif) {
  std::ifstream file("/usr/share/zoneinfo/Europe/Berlin", std::ios::binary);
  const std::string good(std::istreambuf_iterator<char>(file), {});
  EXPECT_FALSE(Zone::parse(""));
  EXPECT_FALSE(Zone::parse("TZif2"));
  for (std::size_t size = 0; size < good.size(); size += 7) {
    const Result<Zone> cut = Zone::parse(good.substr(0, size));
    EXPECT_TRUE(!cut || size > good.size() - 40) << "only the footer may be missing";
  }
  for (const std::string_view bad : {"", "/etc/passwd", "../x", "Europe//Berlin", "Asia/", "a b"}) {
    EXPECT_FALSE(is_zone_name(bad)) << bad;
  }
  EXPECT_TRUE(is_zone_name("America/Argentina/Buenos_Aires"));
}

}  // namespace
}  // namespace cryobank
