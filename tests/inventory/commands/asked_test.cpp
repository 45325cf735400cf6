// A command that waited for its witness is decided against the shelf that its asker saw.
#include <gtest/gtest.h>

#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::string_view kElsewhere =
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

TEST_F(Asked, AMoveWithinOneBoxIsSeenToo) {
  bank_.done("aliquot/move", kElsewhere);
  const WallTime asked = bank_.now;
  bank_.now = bank_.now + seconds(5);
  bank_.done("aliquot/move",
             R"({"aliquot":"c1-d01-1","code":"c1-d01-1","place":"f3-r1-b1","position":"C3"})");
  bank_.now = bank_.now + seconds(5);
  bank_.asked_at = asked;
  constexpr std::string_view kOld =
      R"({"aliquot":"c1-d01-1","code":"c1-d01-1","place":"f4-r2-b2","position":"B2"})";
  const auto old = bank_.tell("aliquot/move", kOld);
  ASSERT_FALSE(old.ok());
  EXPECT_NE(old.error().context.find("came to f3-r1-b1 C3"), std::string::npos)
      << old.error().context;
  EXPECT_EQ(bank_.where("c1-d01-1"), "f3-r1-b1 C3");
}

// What moved before the clock was set back by two hours seems to move in two hours: nobody has
// moved it since this was asked for, and a vial in doubt must not wait until the clock is there
// again.
TEST_F(Asked, WhatMovedBeforeTheClockWasSetBackHasNotMovedSince) {
  bank_.done("aliquot/move",
             R"({"aliquot":"c1-d01-1","code":"c1-d01-1","place":"f4-r2-b2","position":"B2"})");
  bank_.now = bank_.now - hours(2);
  bank_.asked_at = bank_.now;
  bank_.now = bank_.now + seconds(8);
  bank_.done("aliquot/move", kElsewhere);
  EXPECT_EQ(bank_.where("c1-d01-1"), "f3-r1-b1 A1");
}

TEST_F(Asked, AClockThatIsSetBackMeanwhileLeavesNobodySure) {
  bank_.asked_at = bank_.now;
  bank_.now = bank_.now - hours(2);
  const auto told = bank_.tell("aliquot/move", kElsewhere);
  ASSERT_FALSE(told.ok());
  EXPECT_NE(told.error().context.find("the clock was set back"), std::string::npos)
      << told.error().context;
}

TEST_F(Asked, OfARackThatHasMovedSinceItIsRefused) {
  const WallTime asked = bank_.now;
  bank_.now = bank_.now + seconds(5);
  bank_.done("place/move", R"({"place":"f2-r2","parent":"freezer-3","position":"3"})");
  bank_.now = bank_.now + seconds(5);
  bank_.asked_at = asked;
  bank_.refused("place/move", R"({"place":"f2-r2","parent":"freezer-4","position":"4"})",
                ErrorCode::conflict);
  EXPECT_EQ(bank_.view().path_of(PlaceId("f2-r2")), "room/freezer-3/f2-r2");
  // One that nobody has touched goes where it was asked for.
  bank_.done("place/move", R"({"place":"f2-r1","parent":"freezer-4","position":"4"})");
}

TEST_F(Asked, AVialInDoubtIsMovedByNobodyUntilTwoPeopleSettleIt) {
  bank_.done("aliquot/transfer", R"({"course":"c1","aliquots":["c1-d01-1"],"place":"f4-r2-b2"})");
  const JobId job = bank_.ledger().open_jobs().front();
  const auto sequence = next_sequence(bank_.ledger(), DeviceId("robot-1"));
  ASSERT_TRUE(bank_.commit(move_issued(job, 0, sequence, Epoch{1}, bank_.now)).ok());
  ASSERT_TRUE(bank_.commit(move_unknown(job, 0, "", "jam", bank_.now)).ok());
  const auto moved = bank_.tell("aliquot/move", kElsewhere);
  ASSERT_FALSE(moved.ok());
  EXPECT_EQ(moved.error().code, ErrorCode::conflict);
  EXPECT_NE(moved.error().context.find("job/resolve"), std::string::npos) << moved.error().context;
  bank_.done("job/resolve", cat(R"({"job":")", job.str(), R"(","code":"c1-d01-1",)",
                                R"("place":"f3-r1-b1","position":"A1","at_robot":"robot-1"})"));
  EXPECT_EQ(bank_.where("c1-d01-1"), "f3-r1-b1 A1");
}

TEST_F(Asked, NobodyPutsAVialIntoAGripperByHand) {
  bank_.refused("aliquot/move",
                R"({"aliquot":"c1-d01-1","code":"c1-d01-1","place":"gripper","position":"1"})",
                ErrorCode::unsupported);
}

}  // namespace
}  // namespace cryobank::inventory
