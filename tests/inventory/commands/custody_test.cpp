// Holds, mismatches, overrides and disposal: what stops a product, and who may let it go on.
#include <gtest/gtest.h>

#include "inventory/ledger/hold.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::string_view kRegister =
    R"({"course":"c1","patient":"p1","lot":"l1","doses":4,"store":{"robot":"robot-1"}})";

class Custody : public testing::Test {
 protected:
  void SetUp() override {
    bank_.done("course/register", kRegister);
    bank_.run_jobs();
    bank_.reason = "because";
    bank_.done("course/release", R"({"course":"c1"})");
    bank_.done("dose/plan",
               cat(R"({"course":"c1","dose":"d01","thaw_at":")", format_utc(bank_.now), R"("})"));
  }
  void TearDown() override {
    expect_sound(bank_.ledger());
    bank_.expect_rebuilds();
  }
  std::size_t holds() { return holds_on(bank_.view(), bank_.aliquot("c1-d01-1")).size(); }

  Bank bank_;
};

TEST_F(Custody, HoldsStackAndNeverUnlockEachOther) {
  const std::string box = bank_.aliquot("c1-d01-1").spot.place.str();
  const std::vector<std::string> targets = {
      R"({"aliquot":"c1-d01-1"})", R"({"course":"c1","dose":"d01"})",
      R"({"course":"c1"})",        R"({"patient":"p1"})",
      R"({"lot":"l1"})",           cat(R"({"place":")", box, R"("})")};
  for (std::size_t i = 0; i < targets.size(); ++i) {
    bank_.done("hold/place", targets[i]);
    EXPECT_EQ(holds(), i + 1) << targets[i];
  }
  for (std::size_t left = targets.size(); left > 0; --left) {
    bank_.refused("dose/thaw", R"({"course":"c1","dose":"d01"})", ErrorCode::conflict);
    bank_.done("hold/release", cat(R"({"hold":"hold-)", left, R"("})"));
    EXPECT_EQ(holds(), left - 1);
  }
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
}

TEST_F(Custody, AHoldStopsAThawThatHasNotBegun) {
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
  bank_.done("hold/place", R"({"lot":"l1","kind":"quality"})");
  EXPECT_TRUE(bank_.ledger().open_jobs().empty());
  EXPECT_EQ(bank_.aliquot("c1-d01-1").state, AliquotState::released);
}

TEST_F(Custody, AHoldPausesAThawUnderWay) {
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
  const JobId job = bank_.ledger().open_jobs().front();
  const auto sequence = next_sequence(bank_.ledger(), DeviceId("robot-1"));
  ASSERT_TRUE(bank_.commit(move_issued(job, 0, sequence, Epoch{1}, bank_.now)).ok());
  bank_.done("hold/place", R"({"patient":"p1","kind":"consent","asked_by":"patient",
                              "asked_at":"2027-01-01T00:00:00Z"})");
  EXPECT_EQ(bank_.ledger().find_job(job)->state, JobState::paused);
}

TEST_F(Custody, AHoldOnACourseReachesOnlyThatCourse) {
  bank_.done("course/register", R"({"course":"c2","patient":"p2","doses":1})");
  bank_.done("hold/place", R"({"course":"c1"})");
  EXPECT_TRUE(holds_on(bank_.view(), bank_.aliquot("c2-d01-1")).empty());
}

TEST_F(Custody, AWrongCodeLocksTheStationUntilTwoPeopleClearIt) {
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
  bank_.run_jobs();
  bank_.mismatch("dose/reculture", R"({"course":"c1","dose":"d01","codes":["c1-d02-1"]})");
  bank_.refused("dose/reculture", R"({"course":"c1","dose":"d01","codes":["c1-d01-1"]})",
                ErrorCode::conflict);
  bank_.refused("hold/release", R"({"hold":"hold-1"})", ErrorCode::witness_needed);
  bank_.witness = "witness";
  bank_.done("hold/release", R"({"hold":"hold-1"})");
  EXPECT_EQ(count_of(bank_.view().counters(), "overrides-mismatch"), 1u);
  // A trigger pressed twice is no other vial: nothing is locked.
  bank_.refused("dose/reculture",
                R"({"course":"c1","dose":"d01","codes":["c1-d01-1","c1-d01-1\r"]})",
                ErrorCode::duplicate);
  bank_.done("dose/reculture", R"({"course":"c1","dose":"d01","codes":["c1-d01-1"]})");
  EXPECT_EQ(bank_.dose_state("c1", "d01"), "re-culture");
}

TEST_F(Custody, AVialOfAnotherCourseAtTheStationIsAMismatch) {
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
  bank_.run_jobs();
  bank_.done("course/register", R"({"course":"c2","patient":"p2","doses":1})");
  bank_.witness = "witness";
  bank_.mismatch("aliquot/move",
                 R"({"aliquot":"c2-d01-1","code":"c2-d01-1","place":"station","position":"2"})");
  EXPECT_EQ(holds_on_place(bank_.view(), PlaceId("station")).size(), 1u);
  EXPECT_EQ(bank_.where("c2-d01-1"), "EXPECTED");
}

TEST_F(Custody, AnOverrideNeedsTwoPeopleAndIsCounted) {
  bank_.refused("dose/thaw", R"({"course":"c1","dose":"d02","override":true})",
                ErrorCode::witness_needed);
  bank_.witness = "operator";
  bank_.refused("dose/thaw", R"({"course":"c1","dose":"d02","override":true})",
                ErrorCode::witness_needed);
  bank_.witness = "witness";
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d02","override":true})");
  EXPECT_EQ(count_of(bank_.view().counters(), "overrides"), 1u);
}

TEST_F(Custody, DisposalTakesTwoPeopleTwoRolesAndADay) {
  const std::string request = R"({"aliquots":["c1-d04-1"],"method":"autoclave"})";
  bank_.refused("disposal/request", request, ErrorCode::conflict);  // a dose is still planned
  bank_.done("dose/plan", R"({"course":"c1","dose":"d01","thaw_at":null})");
  bank_.done("disposal/request", request);
  const std::string confirm = R"({"disposal":"disposal-1"})";
  const Spot spot = bank_.aliquot("c1-d04-1").spot;
  bank_.refused("disposal/confirm", confirm, ErrorCode::witness_needed);
  bank_.user = "quality";
  bank_.refused("disposal/confirm", confirm, ErrorCode::witness_needed);  // the same role
  bank_.roles = {"quality"};
  bank_.refused("disposal/confirm", confirm, ErrorCode::conflict);  // too soon
  bank_.now = bank_.now + hours(25);
  bank_.done("disposal/confirm", confirm);
  EXPECT_EQ(bank_.aliquot("c1-d04-1").state, AliquotState::disposed);
  EXPECT_EQ(bank_.where("c1-d04-1"), "OUTSIDE");
  EXPECT_TRUE(bank_.view().occupant(spot).empty()) << "the slot is free in the same commit";
  bank_.refused("disposal/confirm", confirm, ErrorCode::not_found);
}

TEST_F(Custody, ABrokenVialOfACourseUnderTreatmentIsDisposedOfUnderAnOverride) {
  const std::string request = R"({"aliquots":["c1-d04-1"],"method":"autoclave","override":true})";
  bank_.refused("disposal/request", request, ErrorCode::witness_needed);
  bank_.witness = "witness";
  bank_.done("disposal/request", request);
  EXPECT_EQ(count_of(bank_.view().counters(), "overrides-disposal"), 1u);
  bank_.now = bank_.now + hours(25);
  bank_.user = "quality";
  bank_.roles = {"quality"};
  bank_.refused("disposal/confirm", R"({"disposal":"disposal-1"})", ErrorCode::conflict);
  bank_.done("disposal/confirm", R"({"disposal":"disposal-1","override":true})");
  EXPECT_EQ(bank_.aliquot("c1-d04-1").state, AliquotState::disposed);
}

TEST_F(Custody, AWithdrawnDisposalCannotBeConfirmed) {
  bank_.done("dose/plan", R"({"course":"c1","dose":"d01","thaw_at":null})");
  bank_.done("disposal/request", R"({"aliquots":["c1-d04-1"],"method":"autoclave"})");
  bank_.done("disposal/withdraw", R"({"disposal":"disposal-1"})");
  bank_.refused("disposal/confirm", R"({"disposal":"disposal-1"})", ErrorCode::not_found);
}

TEST_F(Custody, AnExpiryHasATimeAndNothingIsThawedAfterIt) {
  const WallTime end = bank_.now + hours(2);
  bank_.done("course/register", cat(R"({"course":"c2","patient":"p2","doses":1,"store":{},)",
                                    R"("expires_at":")", format_utc(end), R"("})"));
  bank_.run_jobs();
  bank_.done("course/release", R"({"course":"c2"})");
  bank_.done("dose/plan",
             cat(R"({"course":"c2","dose":"d01","thaw_at":")", format_utc(end), R"("})"));
  bank_.now = end;
  bank_.refused("dose/thaw", R"({"course":"c2","dose":"d01"})", ErrorCode::expired);
  bank_.refused("course/register",
                R"({"course":"c3","patient":"p2","doses":1,"expires_at":"2001-01-01T00:00:00Z"})",
                ErrorCode::invalid_value);
}

TEST_F(Custody, AVialWhoseLabelMayNotBeScannedIsNotThawed) {
  const std::string_view thaw = R"({"course":"c1","dose":"d01"})";
  const std::string_view vial = R"({"aliquot":"c1-d01-1"})";
  const std::string_view scanned = R"({"aliquot":"c1-d01-1","code":"c1-d01-1"})";
  bank_.done("label/print", vial);
  bank_.done("label/verify", scanned);
  bank_.done("label/void", vial);
  bank_.refused("dose/thaw", thaw, ErrorCode::conflict);
  const std::string plan =
      cat(R"({"course":"c1","dose":"d02","thaw_at":")", format_utc(bank_.now), R"("})");
  const auto planned = bank_.tell("dose/plan", std::string_view(plan));
  ASSERT_TRUE(planned.ok());
  EXPECT_NE(planned->message.find("the label of aliquot c1-d01-1 is void"), std::string::npos)
      << planned->message;
  bank_.user = "schedule";  // the plan's own, which waits until the label scans again
  bank_.done("dose/thaw", thaw);
  bank_.user = "operator";
  EXPECT_NE(bank_.view().course(CourseId("c1"))->doses[0].blocked, "");
  bank_.done("label/print", vial);
  bank_.done("label/verify", scanned);
  EXPECT_EQ(bank_.view().course(CourseId("c1"))->doses[0].blocked, "");
  bank_.done("dose/thaw", thaw);
}

TEST_F(Custody, WhatIsToBeDestroyedIsNotThawed) {
  bank_.witness = "witness";
  bank_.done("disposal/request",
             R"({"aliquots":["c1-d01-1"],"method":"autoclave","override":true})");
  bank_.refused("dose/thaw", R"({"course":"c1","dose":"d01"})", ErrorCode::conflict);
  bank_.done("disposal/withdraw", R"({"disposal":"disposal-1"})");
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
}

}  // namespace
}  // namespace cryobank::inventory
