#include "config/device_profile.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "tests/config/files_on_disk.hpp"

namespace cryobank::config {
namespace {

constexpr std::string_view kHead =
    "id = \"x\"\ntitle = \"X\"\nkind = \"freezer\"\ntrust = \"derived\"\nsource = \"s\"\n"
    "[[point]]\nid = \"p\"\ntable = \"holding\"\naddress = 5\nunit = \"1\"\n";

std::string faults_of(std::string_view text) {
  DeviceProfile profile;
  Faults faults;
  const bool ok = parse_profile("x.toml", text, profile, faults);
  EXPECT_EQ(ok, faults.ok());
  return all_faults(faults);
}

Point point_of(std::string_view rest) {
  DeviceProfile profile;
  Faults faults;
  EXPECT_TRUE(parse_profile("x.toml", cat(kHead, rest), profile, faults)) << all_faults(faults);
  EXPECT_EQ(profile.points.size(), 1u);
  return profile.points.empty() ? Point{} : profile.points[0];
}

TEST(Profile, ReadsEveryKeyOfAPoint) {
  const Point point = point_of(
      "title = \"T\"\nprinted = \"5\"\ntype = \"int32\"\norder = \"cdab\"\nscale = \"-2/20\"\n"
      "offset = -17.5\nrange = [-200, 50.5]\nstep_max = 2\nfrozen_after = \"1h\"\n"
      "sentinels = [0xFFFF, \"0x80000000\"]\nvalues = { b = 2, a = 1 }\nread = \"slow\"\n"
      "write = { class = \"setpoint\", range = [1, 2], interval = \"1min\", confirm_within = "
      "\"3s\", "
      "lifetime_budget = 7, two_people = true, confirm_point = \"p\" }\n");
  EXPECT_EQ(point.type, PointType::int32);
  EXPECT_EQ(point.registers, 2);
  EXPECT_EQ(point.order, WordOrder::cdab);
  EXPECT_EQ(point.scale_num, -1);
  EXPECT_EQ(point.scale_den, 10);
  EXPECT_EQ(point.offset, Milli{-17'500});
  EXPECT_EQ(point.range_max, Milli{50'500});
  EXPECT_EQ(point.frozen_after, hours(1));
  EXPECT_EQ(point.sentinels, (std::vector<std::uint64_t>{0xFFFF, 0x80000000}));
  EXPECT_EQ(point.values[0].name, "a");
  EXPECT_EQ(point.read_class, ReadClass::slow);
  EXPECT_EQ(point.write.write_class, WriteClass::setpoint);
  EXPECT_EQ(point.write.maximum, whole(2));
  EXPECT_EQ(point.write.interval_min, minutes(1));
  EXPECT_TRUE(point.write.two_people);
  EXPECT_EQ(point.line, 6);
}

TEST(Profile, ScaleIsANumberOrARatio) {
  EXPECT_EQ(point_of("type = \"int16\"\nscale = 10\n").scale_num, 10);
  EXPECT_EQ(point_of("type = \"int16\"\nscale = 0.1\n").scale_den, 10);
  EXPECT_EQ(point_of("type = \"int16\"\nscale = \"5/9\"\n").scale_den, 9);
  for (const std::string_view scale :
       {"\"1/0\"", "\"1/2/3\"", "\"x\"", "true", "\"1/-2\"", "\"\""}) {
    EXPECT_NE(faults_of(cat(kHead, "type = \"int16\"\nscale = ", scale, "\n")), "") << scale;
  }
}

TEST(Profile, EveryFaultIsToldAtOnce) {
  const std::string faults = faults_of(
      "id = \"no id\"\ntitel = \"X\"\nkind = \"frezer\"\ntrust = \"derived\"\nsource = \"\"\n"
      "[[point]]\nid = \"p\"\ntable = \"holding\"\naddress = 70000\ntype = \"int16\"\n"
      "registers = 2\nunit = \"1\"\n[quirks]\nregisters_max = 200\n");
  EXPECT_EQ(faults,
            "x.toml:1: profile id: expected the id of a profile (1 to 64 characters of A-Z a-z 0-9 "
            ". _ -), came \"no id\"\n"
            "x.toml:1: profile: expected the key \"title\", it is missing\n"
            "x.toml:3: profile kind: expected one of \"freezer\", \"robot\", \"room\", "
            "\"supply\", came \"frezer\", did you mean \"freezer\"?\n"
            "x.toml:5: profile source: expected a text that is not empty, came \"\"\n"
            "x.toml:14: [quirks] registers_max: expected a whole number from 1 to 125, came 200\n"
            "x.toml:9: [[point]] \"p\" address: expected a whole number from 0 to 65535, came "
            "70000\n"
            "x.toml:11: [[point]] \"p\" registers: expected 1 for type int16, came 2\n"
            "x.toml:2: profile: unknown key \"titel\", did you mean \"title\"?\n");
}

TEST(Profile, WidthFollowsTheType) {
  EXPECT_EQ(point_of("type = \"float64\"\n").registers, 4);
  EXPECT_EQ(point_of("type = \"bits\"\nregisters = 2\n").registers, 2);
  EXPECT_NE(faults_of(cat(kHead, "type = \"bits\"\nregisters = 3\n")), "");
  EXPECT_NE(faults_of(cat(kHead, "type = \"ascii\"\n")), "");
}

}  // namespace
}  // namespace cryobank::config
