// Mechanical freezers: set-point, door and power, as Thermo's and Watlow's registers show them.
#include "tests/devices/simulator/bank.hpp"

namespace cryobank::simulator {
namespace {

config::SiteConfig cooler_site(const std::string& name) {
  config::SiteConfig site = demo_site();
  std::ifstream file(std::string(CRYOBANK_SOURCE_DIR) + "/config/devices/" + name + ".toml");
  config::DeviceProfile profile;
  config::Faults faults;
  EXPECT_TRUE(config::parse_profile(name, std::string(std::istreambuf_iterator<char>(file), {}),
                                    profile, faults));
  site.profiles.push_back(profile);
  site.devices[0].profile = profile.id;
  return site;
}

class CoolerTest : public ::testing::TestWithParam<const char*> {
 protected:
  CoolerTest() : bank_(1, cooler_site(GetParam())), id_(demo_site().devices[0].id.str()) {}
  Milli truth(const char* quantity) const { return *bank_.hardware.truth(id_, quantity); }
  void run(Duration time) {
    for (; time > hours(1); time = time - hours(1)) bank_.hardware.advance(hours(1));
    bank_.hardware.advance(time);
  }
  bool control(Json command) { return bank_.hardware.control(command.set("device", id_)).ok(); }

  Bank bank_;
  std::string id_;
};

TEST_P(CoolerTest, HoldsItsSetPoint) {
  for (int hour = 0; hour < 24; ++hour) {
    run(hours(1));
    EXPECT_GT(truth("temperature-top"), whole(-83)) << hour;
    EXPECT_LT(truth("temperature-top"), whole(-77)) << hour;
  }
}

TEST_P(CoolerTest, WarmsThroughTheDoorAndRecovers) {
  run(hours(2));
  const Milli before = truth("temperature-top");
  ASSERT_TRUE(control(Json::object().set("do", "lid").set("open", true).set("seconds", 60)));
  run(seconds(70));
  const Milli rise = truth("temperature-top") - before;
  EXPECT_GT(rise, whole(5));
  EXPECT_LT(rise, whole(20));
  run(hours(2));
  EXPECT_LT(truth("temperature-top"), whole(-77));
}

TEST_P(CoolerTest, WarmsWithinHoursWithoutPower) {
  ASSERT_TRUE(control(Json::object().set("do", "fault").set("fault", "power-failure")));
  run(hours(5));
  EXPECT_GT(truth("temperature-top"), whole(-56));
  EXPECT_LT(truth("temperature-top"), whole(-44));
  ASSERT_TRUE(control(Json::object().set("do", "clear")));
  run(hours(6));
  EXPECT_LT(truth("temperature-top"), whole(-77));
}

TEST_P(CoolerTest, FollowsItsSetPoint) {
  const Json set = Json::object().set("do", "set").set("point", "set-point");
  ASSERT_TRUE(control(Json(set).set("value", -60)));
  run(hours(8));
  EXPECT_GT(truth("temperature-top"), whole(-63));
  EXPECT_LT(truth("temperature-top"), whole(-57));
}

TEST_P(CoolerTest, IsTheSameHoweverOftenItIsRead) {
  Bank often(1, cooler_site(GetParam()));
  run(minutes(30));
  for (int second = 0; second < 1800; ++second) often.hardware.advance(seconds(1));
  EXPECT_EQ(*often.hardware.truth(id_, "temperature-top"), truth("temperature-top"));
}

std::string test_name(const ::testing::TestParamInfo<const char*>& info) {
  std::string out;
  for (const char c : std::string_view(info.param)) out += c == '-' ? '_' : c;
  return out;
}
INSTANTIATE_TEST_SUITE_P(Profiles, CoolerTest,
                         ::testing::Values("thermo-tde", "watlow-ez-zone", "eurotherm-3200"),
                         test_name);

}  // namespace
}  // namespace cryobank::simulator
