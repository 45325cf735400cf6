// A relay robot through the whole core: its shipped profile, the job runner, the ledger, and a
// simulated cabinet that obeys every relay.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "config/checks/profile_lint.hpp"
#include "tests/core/world.hpp"

namespace cryobank::core {
namespace {

constexpr int kDoses = 12;

void use_relay_robot(config::SiteConfig& site) {
  const std::string file = CRYOBANK_SOURCE_DIR "/config/devices/cryobank-relay-robot-1.toml";
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  config::DeviceProfile profile;
  config::Faults faults;
  ASSERT_TRUE(config::parse_profile(file, text.str(), profile, faults));
  config::lint_profile(profile, faults);
  ASSERT_TRUE(faults.ok());
  for (config::DeviceConfig& device : site.devices) {
    if (device.kind == config::DeviceKind::robot) device.profile = profile.id;
  }
  site.profiles.push_back(std::move(profile));
}

class RelayStory : public testing::Test {
 protected:
  RelayStory() : world_(use_relay_robot) {}
  void begin() {
    world_.start();
    ASSERT_TRUE(world_.run_until(
        [this] {
          return world_.retained("service/state").string_or("state", "") == "online" &&
                 world_.parts().bank.fleet.state({4}) == DeviceState::online;
        },
        seconds(60)));
    for (int dose = 1; dose <= kDoses; ++dose) {
      const std::string code = cat("c1-d", dose < 10 ? "0" : "", dose, "-1");
      ASSERT_TRUE(
          world_.hardware().put_vial({901, 0, static_cast<std::uint16_t>(dose)}, code).ok());
    }
  }
  Json register_course() {
    Json body = Json::object();
    body.set("course", "c1").set("patient", "p-1").set("protocol", "ank-12");
    body.set("store", Json::object().set("robot", "robot-1"));
    return body;
  }
  std::size_t vials_in_freezers() {
    return static_cast<std::size_t>(std::ranges::count_if(
        world_.hardware().vials(), [](const auto& vial) { return vial.first[0] < 900; }));
  }
  bool fault(std::string_view name) {
    Json command = Json::object().set("do", "fault").set("device", "robot-1").set("fault", name);
    return world_.hardware().control(command).ok();
  }

  World world_;
};

TEST_F(RelayStory, moves_every_vial_once_and_the_record_follows) {
  begin();
  const std::string id = world_.send("operator", "course/register", register_course());
  ASSERT_TRUE(world_.run_until([&] { return world_.reply(id).string_or("status", "") == "done"; },
                               hours(1)))
      << world_.reply(id).dump();
  EXPECT_EQ(vials_in_freezers(), static_cast<std::size_t>(kDoses));
  EXPECT_EQ(world_.hardware().moves(), static_cast<std::uint64_t>(kDoses));
  EXPECT_EQ(world_.retained("job/job-1").string_or("state", ""), "done");
}

TEST_F(RelayStory, a_code_that_differs_is_a_doubt_that_two_people_settle) {
  begin();
  ASSERT_TRUE(fault("wrong-code"));
  const std::string id = world_.send("operator", "course/register", register_course());
  ASSERT_TRUE(world_.run_until(
      [&] { return world_.retained("job/job-1").string_or("state", "") == "unknown"; }, hours(1)))
      << world_.reply(id).dump();
  const std::uint64_t moved = world_.hardware().moves();
  world_.run(minutes(10));
  EXPECT_EQ(world_.hardware().moves(), moved) << "nothing moves while a vial's place is not known";
}

}  // namespace
}  // namespace cryobank::core
