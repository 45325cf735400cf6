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
  bank_.done("course/register", R"({"course":"c2","patient":"p2","doses":2,"store":{}})");
  bank_.run_jobs();
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

}  // namespace
}  // namespace cryobank::inventory
