// Two robots that share no aisle: none is sent into what the other one reaches, vials are stored
// where the robot of their port goes, and the plan's own thaw takes the robot that finds the dose.
#include <gtest/gtest.h>

#include <algorithm>

#include "inventory/commands/decide.hpp"
#include "inventory/ledger/reach.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

// Robot 1 serves freezers 1 and 2, robot 2 has freezers 3 and 4 and places of its own.
config::SiteConfig two_aisles() {
  config::SiteConfig site = small_site();
  config::DeviceConfig second;
  for (config::DeviceConfig& device : site.devices) {
    if (device.kind != config::DeviceKind::robot) continue;
    device.reaches = {PlaceId("freezer-1"), PlaceId("freezer-2")};
    second = device;
  }
  second.id = DeviceId("robot-2");
  second.robot_address = 2;
  second.reaches = {PlaceId("freezer-3"), PlaceId("freezer-4")};
  second.transfer_port = PlaceId("port-2");
  second.thaw_station = PlaceId("station-2");
  second.gripper = PlaceId("gripper-2");
  site.devices.push_back(second);
  for (const char* id : {"port", "station", "gripper"}) {
    config::PlaceConfig made =
        *std::ranges::find(site.places, PlaceId(id), &config::PlaceConfig::id);
    made.id = PlaceId(cat(id, "-2"));
    if (!made.device.empty()) made.device = second.id;
    if (!made.robot_location.empty()) made.robot_location[0] += 10;
    site.places.push_back(made);
  }
  return site;
}

class TwoRobots : public testing::Test {
 protected:
  void SetUp() override {
    bank_.witness = "witness";
    bank_.reason = "because";
    bank_.done(
        "course/register",
        R"({"course":"c1","patient":"p1","lot":"l1","doses":4,"store":{"robot":"robot-2"}})");
    bank_.run_jobs();
  }
  void TearDown() override {
    expect_sound(bank_.ledger());
    bank_.expect_rebuilds();
  }

  std::string tank_of(std::string_view aliquot) {
    return standing_of(bank_.view(), bank_.aliquot(aliquot).spot.place).substr(0, 9);
  }
  std::string refusal(std::string_view verb, std::string_view body) {
    const auto decided = bank_.tell(verb, body);
    EXPECT_FALSE(decided.ok()) << verb;
    return decided.ok() ? std::string() : decided.error().context;
  }
  void plan(const char* dose) {
    bank_.done("dose/plan", cat(R"({"course":"c1","dose":")", dose, R"(","thaw_at":")",
                                format_utc(bank_.now), R"("})"));
  }

  const config::SiteConfig site_ = two_aisles();
  Bank bank_{site_};
};

TEST_F(TwoRobots, VialsAreStoredWhereTheRobotOfTheirPortGoes) {
  for (const char* vial : {"c1-d01-1", "c1-d02-1", "c1-d03-1", "c1-d04-1"}) {
    EXPECT_TRUE(tank_of(vial) == "freezer-3" || tank_of(vial) == "freezer-4") << tank_of(vial);
  }
}

TEST_F(TwoRobots, NoneIsSentWhereTheOtherOneGoes) {
  const std::string said =
      refusal("aliquot/transfer", R"({"course":"c1","aliquots":["c1-d01-1"],"robot":"robot-1"})");
  EXPECT_NE(said.find("reaches freezer-1, freezer-2"), std::string::npos) << said;
  EXPECT_NE(
      refusal("scan/order", cat(R"({"container":")", bank_.aliquot("c1-d01-1").spot.place.str(),
                                R"(","robot":"robot-1"})"))
          .find("robot robot-1 does not go to"),
      std::string::npos);
}

TEST_F(TwoRobots, ThePlansOwnThawTakesTheRobotThatFindsTheDose) {
  bank_.done("course/release", R"({"course":"c1"})");
  plan("d01");
  bank_.user = "schedule";
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
  bank_.run_jobs();
  EXPECT_EQ(bank_.aliquot("c1-d01-1").spot.place.str(), "station-2");
}

// Its box is carried into a tank of the other aisle: that robot fetches it, to its own station.
TEST_F(TwoRobots, ADoseThatPeopleCarriedToTheOtherAisleIsFetchedThere) {
  bank_.done("course/release", R"({"course":"c1"})");
  const PlaceId box = bank_.aliquot("c1-d01-1").spot.place;
  const PlaceId rack = bank_.view().place(box)->within.place;
  bank_.done("place/move", R"({"place":"f1-r1","parent":"freezer-1","position":"4"})");
  bank_.done("place/move",
             cat(R"({"place":")", rack.str(), R"(","parent":"freezer-1","position":"1"})"));
  plan("d01");
  bank_.user = "schedule";
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
  bank_.run_jobs();
  EXPECT_EQ(bank_.aliquot("c1-d01-1").spot.place.str(), "station");
}

}  // namespace
}  // namespace cryobank::inventory
