// What is said when racks come to stand where no machine watches, or a course comes together.
#include "tests/inventory/commands/safety.hpp"

namespace cryobank::inventory {
namespace {

class Standing : public Safety {
 protected:
  // Course c2, a dose in each of two freezers.
  void store_second() {
    bank_.done("course/register", R"({"course":"c2","patient":"p2","doses":2,"store":{}})");
    bank_.run_jobs();
    bank_.now = bank_.now + seconds(10);  // the last move has ended
  }
  std::string said(std::string_view verb, std::string_view body) {
    const auto decided = told(verb, body);
    EXPECT_TRUE(decided.ok()) << verb;
    return decided.ok() ? decided->message : std::string();
  }
};

TEST_F(Standing, ATankThatNoMachineWatchesIsNamedWhenVialsComeIntoIt) {
  bank_.done("place/make", R"({"place":"tank-d","type":"freezer","parent":"room"})");
  const std::string rack = bank_.view().place(box_)->within.place.str();
  const std::string tank = bank_.view().place(PlaceId(rack))->within.place.str();
  const std::string evacuation = cat(R"({"from":")", tank, R"(","to":"tank-d")");
  EXPECT_NE(said("evacuation/plan", evacuation + "}").find("no machine watches tank-d"),
            std::string::npos);
  EXPECT_TRUE(
      bank_.done("evacuation/plan", evacuation + R"(,"apply":true})")["unwatched"].is_bool());
  const std::string moved =
      said("evacuation/rack", cat(R"({"evacuation":"evacuation-1","rack":")", rack, R"("})"));
  EXPECT_NE(moved.find("no machine watches"), std::string::npos) << moved;
}

TEST_F(Standing, WhateverActBringsAVialToWhereNoMachineIsSaysSo) {
  EXPECT_NE(said("place/make", R"({"place":"tank-d","type":"freezer","parent":"room"})")
                .find("no machine watches room/tank-d"),
            std::string::npos);
  bank_.done("place/make", R"({"place":"rack-d","type":"rack","parent":"tank-d","position":"1"})");
  bank_.done("place/make", R"({"place":"box-d","type":"box","parent":"rack-d","position":"1"})");
  const std::string moved =
      said("aliquot/move", R"({"code":"c1-d01-1","place":"box-d","position":"A1"})");
  EXPECT_NE(moved.find("no machine watches room/tank-d"), std::string::npos) << moved;
  Json body = *parse_json(list("c1-d02-1,c1-d02-1,c1,p1,l1,d02,1/12,quarantined,box-d,A2,,\r\n"));
  const std::string trial = said("bulk/import", body.set("dry_run", true).dump());
  EXPECT_NE(trial.find("no machine watches"), std::string::npos) << trial;
  const std::string within =
      said("aliquot/move", R"({"code":"c1-d01-1","place":"box-d","position":"A3"})");
  EXPECT_EQ(within.find("no machine"), std::string::npos) << "it has been told";
}

TEST_F(Standing, ACourseThatComesToLieInFewerFreezersThanTheSiteAsksIsNamed) {
  store_second();
  const auto rack_of = [&](const char* vial) {
    return bank_.view().place(bank_.aliquot(vial).spot.place)->within.place;
  };
  const std::string second = rack_of("c2-d02-1").str();
  const std::string first = bank_.view().place(rack_of("c2-d01-1"))->within.place.str();
  ASSERT_NE(bank_.view().place(PlaceId(second))->within.place.str(), first) << "one in each";
  const std::string moved = said(
      "place/move", cat(R"({"place":")", second, R"(","parent":")", first, R"(","position":"3"})"));
  EXPECT_NE(moved.find("in fewer freezers than the site asks for: c2 (2 doses in 1)"),
            std::string::npos)
      << moved;
}

TEST_F(Standing, WhatBroughtNothingTogetherIsNotBlamedForIt) {
  store_second();
  const Spot first = bank_.aliquot("c2-d01-1").spot;
  bank_.done("aliquot/move", R"({"code":"c2-d02-1","place":"port","position":"1"})");
  const std::string by_way = said("aliquot/move", cat(R"({"code":"c2-d02-1","place":")",
                                                      first.place.str(), R"(","position":"H8"})"));
  EXPECT_NE(by_way.find("c2 (2 doses in 1)"), std::string::npos) << by_way;
  const std::string again = said("aliquot/move", cat(R"({"code":"c2-d02-1","place":")",
                                                     first.place.str(), R"(","position":"H9"})"));
  EXPECT_EQ(again.find("fewer freezers"), std::string::npos) << again;
  bank_.done("aliquot/move", R"({"code":"c2-d02-1","place":"port","position":"1"})");
  const std::string back = said("aliquot/move", cat(R"({"code":"c2-d02-1","place":")",
                                                    first.place.str(), R"(","position":"H9"})"));
  EXPECT_EQ(back.find("fewer freezers"), std::string::npos) << "it lay there before";
}

}  // namespace
}  // namespace cryobank::inventory
