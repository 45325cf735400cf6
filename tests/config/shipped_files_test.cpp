// The files that ship load without a fault, and say what they should.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "config/checks/profile_lint.hpp"
#include "config/labels.hpp"
#include "tests/config/files_on_disk.hpp"

namespace cryobank::config {
namespace {

SiteConfig load(const std::string& path) {
  SiteConfig config;
  Faults faults;
  EXPECT_TRUE(load_site(path, files_under(CRYOBANK_SOURCE_DIR), config, faults))
      << all_faults(faults);
  return config;
}

const PlaceTypeConfig& type_of(const SiteConfig& config, std::string_view id) {
  return *std::ranges::find(config.place_types, id, &PlaceTypeConfig::id);
}

TEST(ShippedFiles, DemoSiteLoads) {
  const SiteConfig config = load("config/demo/site.toml");
  EXPECT_EQ(config.site.str(), "demo");
  EXPECT_EQ(config.devices.size(), 7u);
  EXPECT_EQ(config.profiles.size(), 4u);
  EXPECT_EQ(config.users.size(), 8u);
  EXPECT_EQ(config.protocols.size(), 5u);
  EXPECT_EQ(config.calendars.size(), 1u);
  EXPECT_EQ(config.plan.clock_speed, 720);
  EXPECT_EQ(config.plan.day.steps.size(), 6u);
  EXPECT_EQ(config.plan.day.people.size(), 4u);
  EXPECT_EQ(config.clinics.size(), 1u);
  EXPECT_EQ(config.allocation.share_max.str(), "1/2");
  EXPECT_EQ(type_of(config, "transfer-port").longest_stay, hours(2));
  EXPECT_EQ(type_of(config, "box").longest_stay, Duration());
  EXPECT_TRUE(config.orders.approval.empty());
  EXPECT_EQ(config.orders.at_robot.size(), 4u);  // all but storing
  EXPECT_EQ(config.revision.size(), 16u);
}

TEST(ShippedFiles, PlaceSeriesMakesEveryBoxWithItsLocation) {
  const SiteConfig config = load("config/demo/site.toml");
  EXPECT_EQ(config.places.size(), 2u + 4u + 16u + 80u + 3u);
  const PlaceConfig* box = config.find_place(PlaceId("freezer-3-rack-2-box-5"));
  ASSERT_NE(box, nullptr);
  EXPECT_EQ(box->parent.str(), "freezer-3-rack-2");
  EXPECT_EQ(box->position, "5");
  EXPECT_EQ(box->robot_location, (std::vector<std::uint16_t>{3, 2, 501}));
  EXPECT_EQ(config.find_place(PlaceId("freezer-3"))->device.str(), "freezer-3");
  EXPECT_EQ(position_labels(type_of(config, "box")).size(), 81u);
}

TEST(ShippedFiles, LevelLimitsFollowTheFillLevels) {
  const AlarmLimits limits =
      load("config/demo/site.toml").find_device(DeviceId("freezer-1"))->limits;
  EXPECT_EQ(limits.level_low_warn, whole(102));
  EXPECT_EQ(limits.level_low_critical, whole(77));
  EXPECT_EQ(limits.level_high_warn, whole(228));
  EXPECT_EQ(limits.level_high_critical, whole(253));
}

TEST(ShippedFiles, ExampleLoads) {
  const SiteConfig config = load("config/cryobankd.toml");
  EXPECT_EQ(config.devices.size(), 2u);
  EXPECT_EQ(config.places.size(), 1u + 2u + 8u + 40u);
}

TEST(ShippedFiles, ShippedProtocolsLeaveTheLaboratorysTimesUnset) {
  for (const ProtocolConfig& protocol : load("config/cryobankd.toml").protocols) {
    EXPECT_EQ(protocol.reculture_min_hours, 0) << protocol.id.str();
    EXPECT_EQ(protocol.transport_hours, 0) << protocol.id.str();
  }
  for (const ProtocolConfig& protocol : load("config/demo/site.toml").protocols) {
    EXPECT_GT(protocol.reculture_min_hours, 0) << protocol.id.str();
  }
}

TEST(ShippedFiles, EveryProfileParsesAndPassesTheLinter) {
  const std::filesystem::path folder = std::string(CRYOBANK_SOURCE_DIR) + "/config/devices";
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".toml") continue;
    const Result<std::string> text = files_under(folder.string())(entry.path().filename().string());
    ASSERT_TRUE(text);
    DeviceProfile profile;
    Faults faults;
    EXPECT_TRUE(parse_profile(entry.path().filename().string(), *text, profile, faults));
    lint_profile(profile, faults);
    EXPECT_TRUE(faults.ok()) << all_faults(faults);
    EXPECT_EQ(profile.id.str(), entry.path().stem().string());
    ++count;
  }
  EXPECT_GE(count, 4u);
}

// A shifted answer of another block can never pass for this one.
TEST(ShippedFiles, ReferenceBlocksHaveDistinctIdentitiesAndLengths) {
  std::set<std::string> identities;
  std::set<int> lengths;
  for (const DeviceProfile& profile : load("config/demo/site.toml").profiles) {
    EXPECT_TRUE(identities.insert(profile.identity_value).second) << profile.id.str();
    int end = 0;
    for (const Point& point : profile.points) {
      if (point.table == PointTable::input) end = std::max(end, point.address + point.registers);
    }
    EXPECT_TRUE(lengths.insert(end).second) << profile.id.str();
  }
}

TEST(ShippedFiles, RevisionChangesWithAnyFile) {
  const std::string before = load("config/demo/site.toml").revision;
  const ReadText disk = files_under(CRYOBANK_SOURCE_DIR);
  const ReadText changed = [&](std::string_view path) -> Result<std::string> {
    Result<std::string> text = disk(path);
    if (text && path == "config/demo/users.toml") *text += "\n# one more line\n";
    return text;
  };
  SiteConfig config;
  Faults faults;
  ASSERT_TRUE(load_site("config/demo/site.toml", changed, config, faults));
  EXPECT_NE(config.revision, before);
}

}  // namespace
}  // namespace cryobank::config
