#include "devices/robots.hpp"

#include <gtest/gtest.h>

#include "devices/plant/interlock.hpp"

namespace cryobank::devices {
namespace {

config::SiteConfig two_robots_one_zone() {
  config::SiteConfig site;
  config::DeviceProfile profile;
  profile.id = ProfileId("reference-robot");
  profile.exactly_once = config::ExactlyOnce::sequence;
  site.profiles = {profile};
  for (const char* id : {"robot-1", "robot-2"}) {
    config::DeviceConfig device;
    device.id = DeviceId(id);
    device.kind = config::DeviceKind::robot;
    device.profile = profile.id;
    device.zones = {"gantry"};
    site.devices.push_back(device);
  }
  return site;
}

TEST(Zones, hold_one_robot_each) {
  Zones zones;
  EXPECT_TRUE(zones.may_enter(DeviceIndex{1}, {"a", "b"}).ok());
  zones.enter(DeviceIndex{1}, "robot-1", {"a", "b"});
  EXPECT_TRUE(zones.may_enter(DeviceIndex{1}, {"a"}).ok());
  EXPECT_TRUE(zones.may_enter(DeviceIndex{2}, {"c"}).ok());
  const Status status = zones.may_enter(DeviceIndex{2}, {"c", "b"});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::interlock);
  EXPECT_NE(status.error().context.find("robot-1"), std::string::npos);
  zones.leave(DeviceIndex{1});
  EXPECT_TRUE(zones.may_enter(DeviceIndex{2}, {"b"}).ok());
}

TEST(Robots, resuming_a_motion_keeps_the_other_robot_out_of_its_zone) {
  const config::SiteConfig site = two_robots_one_zone();
  Robots robots(site, Epoch{2});
  Robots::Outputs out;
  const Now now{Instant{1}, WallTime{1}};
  robots.begin(now, out);
  EXPECT_EQ(out.requests.size(), 2u);
  EXPECT_TRUE(robots.describe(now, DeviceIndex{0})["idle"].boolean());
  robots.resume(now, DeviceIndex{0}, {1, Epoch{1}, RobotVerb::park, {}, {}, ""},
                JournaledMotion::issued, out);
  const Json about = robots.describe(now, DeviceIndex{0});
  EXPECT_FALSE(about["idle"].boolean());
  EXPECT_EQ(about["exactly_once"].string(), "sequence");
  EXPECT_FALSE(about["idle"].boolean());
}

TEST(Robots, doubt_a_motion_of_a_robot_that_has_no_driver_any_more) {
  config::SiteConfig site = two_robots_one_zone();
  site.profiles[0].exactly_once = config::ExactlyOnce::none;
  Robots robots(site, Epoch{2});
  Robots::Outputs out;
  const Now now{Instant{1}, WallTime{1}};
  robots.resume(now, DeviceIndex{1}, {1, Epoch{1}, RobotVerb::park, {}, {}, ""},
                JournaledMotion::holding, out);
  ASSERT_EQ(out.events.size(), 1u);
  EXPECT_EQ(out.events[0].kind, RobotEventKind::doubt);
  const Status status = robots.may_move(now, DeviceIndex{1}, {});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::unsupported);
}

}  // namespace
}  // namespace cryobank::devices
