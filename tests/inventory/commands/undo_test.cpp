// Operations that are taken back, and positions that are kept for a vial that is out.
#include <gtest/gtest.h>

#include "inventory/commands/list/csv.hpp"
#include "inventory/commands/operation.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

class Undo : public testing::Test {
 protected:
  void SetUp() override {
    std::string csv = "aliquot,code,course,patient,lot,dose,fraction,state,path,position\r\n";
    const PlaceType& type = bank_.view().type_of(*bank_.view().place(PlaceId("f1-r1-b1")));
    for (int i = 0; i < 10; ++i) {
      append_csv(csv, {cat("a", i), cat("k", i), "c1", "p1", "", cat("d", i), "1/10", "quarantined",
                       "room/freezer-1/f1-r1/f1-r1-b1", type.label(i)});
    }
    bank_.witness = "witness";
    bank_.reason = "because";
    ASSERT_FALSE(bank_.tell("bulk/import", Json::object().set("csv", csv))->refused);
  }
  void TearDown() override {
    expect_sound(bank_.ledger());
    bank_.expect_rebuilds();
  }
  static std::string move(int vial, std::string_view place, std::string_view position,
                          std::string_view more = "") {
    return cat(R"({"aliquot":"a)", vial, R"(","code":"k)", vial, R"(","place":")", place,
               R"(","position":")", position, R"(")", more, "}");
  }
  std::string undo(const Json& reply) {
    return cat(R"({"operation":")", reply.string_or("operation", "none"), R"("})");
  }
  // Expects the refusal that lists what was touched.
  Json touched(const Json& reply) {
    const auto before = bank_.rows;
    const auto decision = bank_.tell("operation/undo", std::string_view(undo(reply)));
    EXPECT_TRUE(decision.ok() && decision->refused) << "it was undone";
    EXPECT_EQ(bank_.rows, before);
    return decision.ok() ? decision->reply["touched"] : Json::array();
  }

  Bank bank_;
};

TEST_F(Undo, TwoVialsSwapInOneCommandAndSwapBack) {
  const std::string a = bank_.where("a0"), b = bank_.where("a1");
  const Json swapped = bank_.done("aliquot/move", cat(R"({"moves":[)", move(0, "f1-r1-b1", "A2"),
                                                      ",", move(1, "f1-r1-b1", "A1"), "]}"));
  EXPECT_EQ(bank_.where("a0"), b);
  EXPECT_EQ(bank_.where("a1"), a);
  const Json undone = bank_.done("operation/undo", undo(swapped));
  EXPECT_EQ(bank_.where("a0"), a);
  EXPECT_EQ(bank_.where("a1"), b);
  bank_.refused("operation/undo", undo(swapped), ErrorCode::not_found);
  bank_.done("operation/undo", undo(undone));
  EXPECT_EQ(bank_.where("a0"), b) << "an undo is an operation too";
}

TEST_F(Undo, AListOfMovesIsDoneAsAWholeOrNotAtAll) {
  const std::string list = cat(R"({"moves":[)", move(0, "f1-r1-b2", "A1"), ",");
  bank_.refused("aliquot/move", cat(list, move(1, "f1-r1-b2", "A1"), "]}"), ErrorCode::duplicate);
  bank_.refused("aliquot/move", cat(list, move(0, "f1-r1-b2", "A2"), "]}"), ErrorCode::duplicate);
  bank_.refused("aliquot/move", cat(list, move(1, "f1-r1-b1", "A3"), "]}"), ErrorCode::slot_taken);
  bank_.refused("aliquot/move", R"({"moves":[]})", ErrorCode::malformed);
  EXPECT_EQ(bank_.where("a0"), "f1-r1-b1 A1");
}

TEST_F(Undo, WhatSomebodyTouchedSinceIsNamedAndNothingChanges) {
  const Json first = bank_.done("aliquot/move", cat(R"({"moves":[)", move(0, "f1-r1-b2", "A1"), ",",
                                                    move(1, "f1-r1-b2", "A2"), "]}"));
  bank_.user = "supervisor";
  bank_.done("aliquot/move", move(1, "f1-r1-b2", "B2"));
  const Json list = touched(first);
  ASSERT_EQ(list.items().size(), 1u);
  EXPECT_EQ(list.items()[0].string_or("id", ""), "a1");
  EXPECT_EQ(list.items()[0].string_or("by", ""), "supervisor");
  EXPECT_EQ(list.items()[0].string_or("what", ""), "operation-2 aliquot/move");
  EXPECT_EQ(list.items()[0].string_or("position", ""), "B2");
  bank_.done("aliquot/move", move(1, "f1-r1-b2", "A2"));
  EXPECT_EQ(touched(first).items().size(), 1u) << "back again is touched all the same";
}

TEST_F(Undo, ARobotThatTouchedItIsNamedByItsJob) {
  const Json moved = bank_.done("aliquot/move", move(0, "f1-r1-b2", "A1"));
  bank_.done("aliquot/transfer", R"({"course":"c1","aliquots":["a0"]})");
  bank_.run_jobs();
  EXPECT_EQ(bank_.where("a0"), "port 1");
  const Json list = touched(moved);
  ASSERT_EQ(list.items().size(), 1u);
  EXPECT_EQ(list.items()[0].string_or("what", ""), "job-1 retrieve");
}

TEST_F(Undo, TheWayBackMustBeFree) {
  const Json moved = bank_.done("aliquot/move", move(0, "f1-r1-b2", "A1"));
  bank_.done("aliquot/move", move(5, "f1-r1-b1", "A1"));
  bank_.refused("operation/undo", undo(moved), ErrorCode::slot_taken);
  bank_.done("aliquot/move", move(5, "f1-r1-b1", "I9"));
  bank_.done("position/block", R"({"place":"f1-r1-b1","position":"A1"})");
  bank_.refused("operation/undo", undo(moved), ErrorCode::slot_taken);
  bank_.done("position/unblock", R"({"place":"f1-r1-b1","position":"A1"})");
  bank_.reason = "";
  bank_.refused("operation/undo", undo(moved), ErrorCode::invalid_value);
  bank_.reason = "wrong box";
  bank_.witness = "";
  bank_.refused("operation/undo", undo(moved), ErrorCode::witness_needed);
  bank_.witness = "witness";
  bank_.done("operation/undo", undo(moved));
  EXPECT_EQ(bank_.where("a0"), "f1-r1-b1 A1");
}

TEST_F(Undo, ASpilledBoxThatWasReadWrongGoesBackInOneCommit) {
  const PlaceType& type = bank_.view().type_of(*bank_.view().place(PlaceId("f1-r1-b1")));
  std::string csv = "Position,Code\n";
  for (int i = 0; i < 81; ++i) csv += cat(type.label(i), ",", i < 10 ? cat("k", 9 - i) : "", "\n");
  Json body = Json::object().set("container", "f1-r1-b1").set("csv", csv);
  body.set("token", bank_.tell("scan/preview", body)->reply.string_or("token", ""));
  const auto accepted = bank_.tell("scan/accept", body);
  ASSERT_TRUE(accepted.ok());
  EXPECT_EQ(bank_.where("a0"), "f1-r1-b1 B1");
  bank_.done("operation/undo", undo(accepted->reply));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(bank_.where(cat("a", i)), cat("f1-r1-b1 ", type.label(i)));
}

TEST_F(Undo, ARackAndAnEvacuatedRackGoBackWithAllThatIsInThem) {
  const Json moved =
      bank_.done("place/move", R"({"place":"f1-r1","parent":"freezer-2","position":"4"})");
  bank_.done("operation/undo", undo(moved));
  EXPECT_EQ(bank_.view().freezer_of(bank_.aliquot("a0").spot.place), DeviceId("freezer-1"));
  bank_.done("evacuation/plan", R"({"from":"freezer-1","to":"freezer-2","apply":true})");
  const Json rack =
      bank_.done("evacuation/rack", R"({"evacuation":"evacuation-1","rack":"f1-r1"})");
  EXPECT_EQ(bank_.view().freezer_of(bank_.aliquot("a0").spot.place), DeviceId("freezer-2"));
  bank_.done("operation/undo", undo(rack));
  EXPECT_EQ(bank_.view().freezer_of(bank_.aliquot("a0").spot.place), DeviceId("freezer-1"));
  bank_.done("evacuation/rack", R"({"evacuation":"evacuation-1","rack":"f1-r1"})");
}

TEST_F(Undo, AListThatMovedVialsGoesBackAndAReceiptDoesNot) {
  std::string csv = "aliquot,code,course,patient,lot,dose,fraction,state,path,position\r\n";
  csv += "a0,k0,c1,p1,,d0,1/10,quarantined,room/freezer-2/f2-r1/f2-r1-b1,A1\r\n";
  const auto moved = bank_.tell("bulk/import", Json::object().set("csv", csv));
  ASSERT_TRUE(moved.ok());
  bank_.done("operation/undo", undo(moved->reply));
  EXPECT_EQ(bank_.where("a0"), "f1-r1-b1 A1");
  bank_.done("course/register", R"({"course":"c2","patient":"p2","doses":1})");
  const Json received =
      bank_.done("aliquot/move",
                 R"({"aliquot":"c2-d01-1","code":"c2-d01-1","place":"f1-r1-b2","position":"A1"})");
  bank_.refused("operation/undo", undo(received), ErrorCode::unsupported);
}

TEST_F(Undo, OnlyTheNewestOperationsAreKept) {
  for (std::size_t i = 0; i <= kOperationsKept; ++i) {
    bank_.done("aliquot/move", move(0, "f1-r1-b2", i % 2 == 0 ? "A1" : "A2"));
  }
  EXPECT_EQ(operations(bank_.view()).size(), kOperationsKept);
  bank_.refused("operation/undo", R"({"operation":"operation-1"})", ErrorCode::not_found);
  const Json list = bank_.done("operation/list", "{}");
  EXPECT_EQ(list["operations"].items().front().string_or("operation", ""),
            cat("operation-", kOperationsKept + 1));
}

TEST_F(Undo, AVialThatIsOutKeepsItsPositionUntilItsTime) {
  bank_.done("course/register", R"({"course":"c2","patient":"p2","doses":1})");
  const WallTime until = bank_.now + hours(1);
  bank_.done("aliquot/move",
             move(0, "port", "1", cat(R"(,"keep_until":")", format_utc(until), R"(")")));
  const Reservation kept = bank_.view().place(PlaceId("f1-r1-b1"))->reserved.at(0);
  EXPECT_EQ(kept, (Reservation{"c1", until, AliquotId("a0")}));
  const std::string stranger =
      R"({"aliquot":"c2-d01-1","code":"c2-d01-1","place":"f1-r1-b1","position":"A1"})";
  bank_.refused("aliquot/move", stranger, ErrorCode::slot_taken);
  bank_.done("aliquot/move", move(0, "f1-r1-b1", "A1"));
  EXPECT_TRUE(bank_.view().place(PlaceId("f1-r1-b1"))->reserved.empty()) << "it is back";
}

TEST_F(Undo, TheEndOfAReservationIsAFactOfItsOwn) {
  bank_.done("course/register", R"({"course":"c2","patient":"p2","doses":1})");
  const WallTime until = bank_.now + hours(1);
  bank_.done("aliquot/move",
             move(0, "port", "1", cat(R"(,"keep_until":")", format_utc(until), R"(")")));
  EXPECT_EQ(next_reservation_end(bank_.ledger()), until);
  bank_.user = "service";
  bank_.refused("reservation/end", "{}", ErrorCode::conflict);
  bank_.now = until;
  bank_.done("reservation/end", "{}");
  EXPECT_EQ(bank_.facts.back().type, fact::kReservationsEnded);
  EXPECT_TRUE(bank_.view().place(PlaceId("f1-r1-b1"))->reserved.empty());
  EXPECT_EQ(next_reservation_end(bank_.ledger()).ms, INT64_MAX);
  bank_.user = "operator";
  bank_.done("aliquot/move",
             R"({"aliquot":"c2-d01-1","code":"c2-d01-1","place":"f1-r1-b1","position":"A1"})");
}

TEST_F(Undo, WhatLeftTheBankOrTheColdIsNotPutBackByHandScanOrList) {
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d0","override":true})");
  bank_.run_jobs();
  bank_.refused("aliquot/move", move(0, "f1-r1-b1", "A1"), ErrorCode::conflict);
  std::string csv = "aliquot,code,course,patient,lot,dose,fraction,state,path,position\r\n";
  csv += "a0,k0,c1,p1,,d0,1/10,thawed,room/freezer-1/f1-r1/f1-r1-b1,A1\r\n";
  const auto listed = bank_.tell("bulk/import", Json::object().set("csv", csv));
  ASSERT_TRUE(listed.ok() && listed->refused);
  const PlaceType& type = bank_.view().type_of(*bank_.view().place(PlaceId("f1-r1-b1")));
  std::string scan = "Position,Code\n";
  for (int i = 0; i < 81; ++i) scan += cat(type.label(i), ",", i < 10 ? cat("k", i) : "", "\n");
  Json body = Json::object().set("container", "f1-r1-b1").set("csv", scan);
  body.set("token", bank_.tell("scan/preview", body)->reply.string_or("token", ""));
  EXPECT_FALSE(bank_.tell("scan/accept", body).ok());
  EXPECT_EQ(bank_.where("a0"), "station 1");
}

TEST_F(Undo, AListReleasesAndDisposesOfNothing) {
  for (const std::string_view state : {"released", "conditionally-released", "rejected", "lost",
                                       "disposed", "in-transit", "expected", "used"}) {
    std::string csv = "aliquot,code,course,patient,lot,dose,fraction,state,path,position\r\n";
    csv += cat("a0,k0,c1,p1,,d0,1/10,", state, ",room/freezer-1/f1-r1/f1-r1-b1,A1\r\n");
    const auto listed = bank_.tell("bulk/import", Json::object().set("csv", csv));
    EXPECT_TRUE(listed.ok() && listed->refused) << state;
    EXPECT_EQ(bank_.aliquot("a0").state, AliquotState::quarantined) << state;
  }
}

}  // namespace
}  // namespace cryobank::inventory
