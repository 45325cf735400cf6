// What is said when racks come to stand where no machine watches, or a course comes together.
#include "tests/inventory/commands/safety.hpp"

namespace cryobank::inventory {
namespace {

class Standing : public Safety {
 protected:
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

TEST_F(Standing, ACourseThatComesToLieInFewerFreezersThanTheSiteAsksIsNamed) {
  std::set<std::string> racks;
  for (const Dose& dose : bank_.view().course(CourseId("c1"))->doses) {
    const PlaceId box = bank_.aliquot(dose.aliquots.front().str()).spot.place;
    racks.insert(bank_.view().place(box)->within.place.str());
  }
  ASSERT_EQ(racks.size(), 2U) << "six doses in each of two freezers";
  const std::string second = *racks.rbegin();
  const std::string first = bank_.view().place(PlaceId(*racks.begin()))->within.place.str();
  const std::string moved = said(
      "place/move", cat(R"({"place":")", second, R"(","parent":")", first, R"(","position":"3"})"));
  EXPECT_NE(moved.find("in fewer freezers than the site asks for: c1 (12 doses in 1)"),
            std::string::npos)
      << moved;
  // Away again, and nothing is said.
  const std::string back =
      said("place/move", cat(R"({"place":")", second, R"(","parent":"freezer-4","position":"3"})"));
  EXPECT_EQ(back.find("fewer"), std::string::npos) << back;
}

}  // namespace
}  // namespace cryobank::inventory
