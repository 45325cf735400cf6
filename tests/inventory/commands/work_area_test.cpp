// One course at a time wherever vials are handled: ports, stations, benches, carriers.
#include <gtest/gtest.h>

#include <string>

#include "inventory/commands/work_area.hpp"
#include "inventory/ledger/hold.hpp"
#include "tests/inventory/bank.hpp"
#include "tests/inventory/more_places.hpp"

namespace cryobank::inventory {
namespace {

// The small site with a bench, a cold bench that the site declared, a shelf that is no work area,
// a shipper, and a shipper for one course.
config::SiteConfig site_with_benches() {
  config::SiteConfig site = small_site();
  add_type(site, "bench", {"aliquot", "box", "shipper", "tray"});
  add_type(site, "tray", {"aliquot"});
  add_type(site, "shelf", {"aliquot"});
  add_type(site, "shipper", {"aliquot"});
  add_type(site, "cold-desk", {"aliquot"}).work_area = true;
  config::PlaceTypeConfig& single = add_type(site, "dry-shipper", {"aliquot"});
  single.work_area = true;
  single.mixed = false;
  may_stand_in_room(site, {"bench", "tray", "shelf", "shipper", "cold-desk", "dry-shipper"});
  stand(site, "bench-1", "bench", "room");
  stand(site, "desk-1", "cold-desk", "room");
  stand(site, "shelf-1", "shelf", "room");
  stand(site, "tray-1", "tray", "room");
  stand(site, "shipper-1", "shipper", "room");
  stand(site, "dry-1", "dry-shipper", "room");
  return site;
}

class WorkArea : public ::testing::Test {
 protected:
  WorkArea() {
    for (const char* course : {"c1", "c2"}) {
      bank_.done("course/register",
                 cat(R"({"course":")", course, R"(","patient":"p","doses":2,"store":{}})"));
      bank_.run_jobs();
      bank_.done("course/release", cat(R"({"course":")", course, R"("})"));
    }
    bank_.witness = "witness";
  }
  static std::string move(std::string_view vial, std::string_view place,
                          std::string_view more = "") {
    return cat(R"({"aliquot":")", vial, R"(","code":")", vial, R"(","place":")", place, "\"", more,
               "}");
  }
  std::uint64_t count(std::string_view name) { return count_of(bank_.view().counters(), name); }
  void clear(std::string_view hold) {
    bank_.reason = "looked at both vials";
    bank_.done("hold/release", cat(R"({"hold":")", hold, R"("})"));
    bank_.reason.clear();
  }

  const config::SiteConfig site_ = site_with_benches();
  Bank bank_{site_};
};

TEST_F(WorkArea, KindsAreKnownByTheirNameTheirTableAndTheRobotsThatUseThem) {
  struct Case {
    const char* place;
    std::size_t areas;
  };
  for (const Case& one :
       {Case{"port", 1}, Case{"station", 1}, Case{"bench-1", 1}, Case{"desk-1", 1},
        Case{"dry-1", 1}, Case{"shelf-1", 0}, Case{"shipper-1", 0}, Case{"gripper", 0},
        Case{"f1-r1-b1", 0}, Case{"UNKNOWN", 0}, Case{"CULTURE", 0}}) {
    EXPECT_EQ(work_areas(bank_.view(), PlaceId(one.place)).size(), one.areas) << one.place;
  }
}

TEST_F(WorkArea, ASecondCourseInThePortIsAMismatchThatLocksItUntilTwoPeopleClearIt) {
  bank_.witness.clear();
  bank_.done("course/register", R"({"course":"c3","patient":"p","doses":2,"store":{}})");
  bank_.refused("course/register",
                R"({"course":"c4","patient":"p","doses":2,"store":{"dry_run":true}})",
                ErrorCode::mismatch);
  EXPECT_EQ(count("mismatches"), 0u) << "a dry run locks nothing";
  bank_.mismatch("course/register", R"({"course":"c4","patient":"p","doses":2,"store":{}})");
  EXPECT_EQ(bank_.view().course(CourseId("c4")), nullptr) << "nothing of it was registered";
  EXPECT_EQ(bank_.view().aliquots_in(PlaceId("port")).size(), 2u);
  const std::string fifth = R"({"course":"c5","patient":"p","doses":1,"store":{}})";
  bank_.refused("course/register", fifth, ErrorCode::conflict);
  bank_.witness = "witness";
  bank_.refused("aliquot/move", move("c3-d01-1", "bench-1"), ErrorCode::conflict);
  bank_.refused("aliquot/transfer", R"({"course":"c1","aliquots":["c1-d01-1"]})",
                ErrorCode::conflict);
  bank_.refused("hold/release", R"({"hold":"hold-1"})", ErrorCode::invalid_value);
  clear("hold-1");
  EXPECT_EQ(count("mismatches"), 1u);
  EXPECT_EQ(count("overrides-mismatch"), 1u);
  bank_.run_jobs();
  bank_.done("course/register", fifth);
  bank_.run_jobs();
  bank_.expect_rebuilds();
}

TEST_F(WorkArea, CoursesMayUseThePortOneAfterTheOther) {
  bank_.done("aliquot/transfer", R"({"course":"c1","aliquots":["c1-d01-1"]})");
  bank_.refused("aliquot/transfer", R"({"course":"c2","aliquots":["c2-d01-1"]})",
                ErrorCode::interlock);
  bank_.run_jobs();
  bank_.refused("aliquot/transfer", R"({"course":"c2","aliquots":["c2-d01-1"]})",
                ErrorCode::interlock);
  EXPECT_EQ(count("mismatches"), 0u) << "nothing has come yet";
  bank_.done("aliquot/move", move("c1-d01-1", "bench-1"));
  bank_.done("aliquot/transfer", R"({"course":"c2","aliquots":["c2-d01-1"]})");
  bank_.run_jobs();
}

TEST_F(WorkArea, ABenchTakesOneCourseAndAnOverrideIsSignedTwiceAndCounted) {
  bank_.done("aliquot/move", move("c1-d01-1", "bench-1"));
  bank_.done("aliquot/move", move("c1-d02-1", "bench-1"));
  const std::string hers = bank_.where("c2-d01-1");
  bank_.mismatch("aliquot/move", move("c2-d01-1", "bench-1"));
  EXPECT_EQ(bank_.where("c2-d01-1"), hers);
  bank_.refused("aliquot/move", move("c1-d01-1", "desk-1"), ErrorCode::conflict);
  clear("hold-1");
  const std::string over = move("c2-d01-1", "bench-1", R"(,"override":true)");
  bank_.refused("aliquot/move", over, ErrorCode::invalid_value);
  bank_.reason = "the other bench burns";
  bank_.done("aliquot/move", over);
  EXPECT_EQ(bank_.where("c2-d01-1"), "bench-1");
  EXPECT_EQ(count("overrides-work-area"), 1u);
  bank_.done("aliquot/move", move("c2-d02-1", "shelf-1", R"(,"override":true)"));
  EXPECT_EQ(count("overrides-work-area"), 1u) << "there was nothing to override";
}

TEST_F(WorkArea, AListThatBringsTwoCoursesIsAMismatchAndOneThatExchangesThemIsNot) {
  const auto both = [](std::string_view first, std::string_view second) {
    return cat(R"({"moves":[)", first, ",", second, "]}");
  };
  bank_.mismatch("aliquot/move", both(move("c1-d01-1", "desk-1"), move("c2-d01-1", "desk-1")));
  EXPECT_TRUE(bank_.view().aliquots_in(PlaceId("desk-1")).empty());
  clear("hold-1");
  bank_.done("aliquot/move", move("c1-d01-1", "desk-1"));
  bank_.done("aliquot/move", both(move("c1-d01-1", "shelf-1"), move("c2-d01-1", "desk-1")));
  EXPECT_EQ(bank_.where("c2-d01-1"), "desk-1");
}

TEST_F(WorkArea, AShipperMayBeMixedAndOneThatSaysItIsNotMayNot) {
  const auto pack = [](std::string_view shipper) {
    return cat(R"({"shipper":")", shipper,
               R"(","to":"clinic","arrives_by":"2027-04-01T00:00:00Z","codes":["c1-d01-1",)",
               R"("c2-d01-1"]})");
  };
  bank_.mismatch("shipment/pack", pack("dry-1"));
  EXPECT_TRUE(bank_.view().aliquots_in(PlaceId("dry-1")).empty());
  bank_.done("shipment/pack", pack("shipper-1"));
  EXPECT_EQ(bank_.view().aliquots_in(PlaceId("shipper-1")).size(), 2u);
}

std::string packing(std::string_view shipper, std::string_view vial) {
  return cat(R"({"shipper":")", shipper,
             R"(","to":"clinic","arrives_by":"2027-04-01T00:00:00Z","codes":[")", vial, R"("]})");
}

TEST_F(WorkArea, AShipperIsKnownByItsType) {
  for (const char* place : {"bench-1", "shelf-1", "tray-1", "dock", "room", "UNKNOWN"}) {
    SCOPED_TRACE(place);
    bank_.refused("shipment/pack", packing(place, "c1-d01-1"), ErrorCode::unsupported);
  }
  bank_.done("shipment/pack", packing("dry-1", "c1-d01-1"));
}

TEST_F(WorkArea, AShipperMakesOneJourneyAtATimeAndIsNotHereWhileItIsAway) {
  bank_.done("shipment/pack", packing("shipper-1", "c1-d01-1"));
  bank_.refused("shipment/pack", packing("shipper-1", "c2-d01-1"), ErrorCode::conflict);
  // What is on no list does not leave with it.
  bank_.done("aliquot/move", move("c1-d02-1", "shipper-1"));
  bank_.refused("shipment/send", R"({"shipment":"shipment-1"})", ErrorCode::conflict);
  bank_.done("aliquot/move", move("c1-d02-1", "shelf-1"));
  bank_.done("shipment/send", R"({"shipment":"shipment-1"})");
  bank_.refused("aliquot/move", move("c1-d02-1", "shipper-1"), ErrorCode::conflict);
  bank_.refused("shipment/pack", packing("shipper-1", "c1-d02-1"), ErrorCode::conflict);
  bank_.refused("place/move", R"({"place":"shipper-1","parent":"bench-1"})", ErrorCode::conflict);
  bank_.user = "receiver";
  const auto receive = [](std::string_view place) {
    return cat(R"({"shipment":"shipment-1","codes":["c1-d01-1"],"place":")", place, R"("})");
  };
  bank_.refused("shipment/receive", receive("shipper-1"), ErrorCode::conflict);
  bank_.done("shipment/receive", receive("shelf-1"));
  bank_.done("shipment/pack", packing("shipper-1", "c1-d02-1"));
  // A carrier's box stands for many.
  bank_.done("shipment/pack", packing("OUTSIDE", "c2-d01-1"));
  bank_.done("shipment/pack", packing("OUTSIDE", "c2-d02-1"));
  expect_sound(bank_.ledger());
}

TEST_F(WorkArea, AContainerBringsItsVialsToTheBench) {
  bank_.done("aliquot/move", move("c1-d01-1", "tray-1"));
  bank_.done("place/move", R"({"place":"tray-1","parent":"bench-1"})");
  bank_.mismatch("aliquot/move", move("c2-d01-1", "bench-1"));
  clear("hold-1");
  bank_.mismatch("aliquot/move", move("c2-d01-1", "tray-1"));
  clear("hold-2");
  bank_.done("place/move", R"({"place":"tray-1","parent":"room"})");
  bank_.done("aliquot/move", move("c2-d01-1", "bench-1"));
  bank_.mismatch("place/move", R"({"place":"tray-1","parent":"bench-1"})");
  bank_.refused("place/move", R"({"place":"tray-1","parent":"bench-1"})", ErrorCode::conflict);
  clear("hold-3");
  // What is mixed may stand beside them, for its vials are packed.
  bank_.done("aliquot/move", move("c1-d02-1", "shipper-1"));
  bank_.done("place/move", R"({"place":"shipper-1","parent":"bench-1"})");
  expect_sound(bank_.ledger());
}

TEST_F(WorkArea, WhereAVialWasFoundIsRecordedAndLocksWhatItMixes) {
  bank_.done("aliquot/transfer", R"({"course":"c1","aliquots":["c1-d01-1"]})");
  bank_.run_jobs();
  const JobId job(
      bank_
          .done("aliquot/transfer", R"({"course":"c2","aliquots":["c2-d01-1"],"place":"f3-r1-b1"})")
          .string_or("job", ""));
  ASSERT_TRUE(bank_.commit(move_issued(job, 0, 77, Epoch{1}, bank_.now)).ok());
  ASSERT_TRUE(bank_.commit(move_unknown(job, 0, "", "no answer", bank_.now)).ok());
  bank_.done("job/resolve", cat(R"({"job":")", job.str(),
                                R"(","code":"c2-d01-1","place":"port","position":"9",)"
                                R"("at_robot":"robot-1"})"));
  EXPECT_EQ(bank_.where("c2-d01-1"), "port 9");
  EXPECT_EQ(count("mismatches"), 1u);
  EXPECT_FALSE(check_not_locked(bank_.view(), PlaceId("port")).ok());
  bank_.expect_rebuilds();
}

}  // namespace
}  // namespace cryobank::inventory
