// A command that waited for its witness is decided against the shelf that its asker saw.
#include <gtest/gtest.h>

#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

constexpr const char* kElsewhere =
    R"({"aliquot":"c1-d01-1","code":"c1-d01-1","place":"f3-r1-b1","position":"A1"})";

class Asked : public testing::Test {
 protected:
  Asked() {
    bank_.done("course/register", R"({"course":"c1","patient":"p","doses":1,"store":{}})");
    bank_.run_jobs();
    bank_.witness = "witness";
  }
  Bank bank_;
};

TEST_F(Asked, OfAVialThatHasMovedSinceItIsRefused) {
  const WallTime asked = bank_.now;
  bank_.done("aliquot/move",
             R"({"aliquot":"c1-d01-1","code":"c1-d01-1","place":"f4-r2-b2","position":"B2"})");
  bank_.asked_at = asked;
  bank_.refused("aliquot/move", kElsewhere, ErrorCode::conflict);
  EXPECT_EQ(bank_.where("c1-d01-1"), "f4-r2-b2 B2");
  bank_.asked_at = bank_.now;
  bank_.done("aliquot/move", kElsewhere);
  EXPECT_EQ(bank_.where("c1-d01-1"), "f3-r1-b1 A1");
}

TEST_F(Asked, NobodyPutsAVialIntoAGripperByHand) {
  bank_.refused("aliquot/move",
                R"({"aliquot":"c1-d01-1","code":"c1-d01-1","place":"gripper","position":"1"})",
                ErrorCode::unsupported);
}

}  // namespace
}  // namespace cryobank::inventory
