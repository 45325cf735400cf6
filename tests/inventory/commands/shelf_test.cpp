// The shelf: containers that move, boxes that are scanned, stock-takes, bulk lists, exposure and
// quality, each as a story.
#include <gtest/gtest.h>

#include "inventory/commands/list/bulk.hpp"
#include "inventory/commands/list/csv.hpp"
#include "inventory/ledger/exposure.hpp"
#include "inventory/ledger/hold.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

class Shelf : public testing::Test {
 protected:
  void SetUp() override {
    bank_.done("course/register",
               R"({"course":"c1","patient":"p1","lot":"l1","doses":12,"store":{}})");
    bank_.run_jobs();
    bank_.witness = "witness";
    bank_.reason = "because";
    box_ = bank_.aliquot("c1-d01-1").spot.place;
  }
  void TearDown() override {
    expect_sound(bank_.ledger());
    bank_.expect_rebuilds();
  }

  // The box_ as a scanner would read it, with some positions replaced.
  std::string scan(const std::map<std::string, std::string>& instead) {
    std::string csv = "Position,Code\n";
    const PlaceType& type = bank_.view().type_of(*bank_.view().place(box_));
    for (const int position : type.fill_order()) {
      const std::string label = type.label(position);
      const auto other = instead.find(label);
      const AliquotId id = bank_.view().occupant({box_, position});
      const std::string code = id.empty() ? "" : bank_.view().aliquot(id)->code;
      csv += cat(label, ",", other == instead.end() ? code : other->second, "\n");
    }
    return csv;
  }
  Json scan_body(const std::string& csv) {
    return Json::object().set("container", box_.str()).set("csv", csv);
  }
  std::string token(const std::string& csv) {
    const auto preview = bank_.tell("scan/preview", scan_body(csv));
    return preview ? preview->reply.string_or("token", "") : preview.error().context;
  }

  Bank bank_;
  PlaceId box_;
};

TEST_F(Shelf, ARackMovesWithAllThatIsInIt) {
  const std::string rack = bank_.view().place(box_)->within.place.str();
  const DeviceId before = bank_.view().freezer_of(box_);
  bank_.done("place/move", cat(R"({"place":")", rack, R"(","parent":"freezer-4","position":"4"})"));
  EXPECT_EQ(bank_.aliquot("c1-d01-1").spot.place, box_) << "no vial's own record changed";
  EXPECT_EQ(bank_.view().freezer_of(box_), DeviceId("freezer-4"));
  EXPECT_NE(before, DeviceId("freezer-4"));
  bank_.refused("place/move",
                cat(R"({"place":")", rack, R"(","parent":"freezer-3","position":"1"})"),
                ErrorCode::slot_taken);
}

TEST_F(Shelf, AReservationKeepsAPositionUntilItsTime) {
  bank_.done("course/register", R"({"course":"c2","patient":"p2","doses":1})");
  bank_.done("position/reserve",
             cat(R"({"place":"f4-r2-b2","position":"A1","course":"c1","until":")",
                 format_utc(bank_.now + hours(1)), R"("})"));
  const std::string move =
      R"({"aliquot":"c2-d01-1","code":"c2-d01-1","place":"f4-r2-b2","position":"A1"})";
  bank_.refused("aliquot/move", move, ErrorCode::slot_taken);
  bank_.now = bank_.now + hours(2);
  bank_.done("aliquot/move", move);
}

TEST_F(Shelf, WhatDoesNotNestIsRefused) {
  const std::string rack = bank_.view().place(box_)->within.place.str();
  bank_.refused("place/move",
                cat(R"({"place":")", box_.str(), R"(","parent":"freezer-4","position":"4"})"),
                ErrorCode::conflict);
  bank_.refused("place/move",
                cat(R"({"place":")", rack, R"(","parent":")", rack, R"(","position":"4"})"),
                ErrorCode::conflict);
  bank_.refused("place/make", R"({"place":"cane-1","type":"cane","parent":"freezer-1"})",
                ErrorCode::not_found);
  bank_.done("place/make",
             R"({"place":"f1-r3","type":"rack","parent":"freezer-1","position":"3"})");
  bank_.refused("place/make",
                R"({"place":"f1-r9","type":"rack","parent":"freezer-1","position":"3"})",
                ErrorCode::slot_taken);
}

TEST_F(Shelf, ATankIsEvacuatedRackByRack) {
  const std::string plan = R"({"from":"freezer-1","to":"freezer-2")";
  const Json dry = bank_.done("evacuation/plan", plan + "}");
  EXPECT_EQ(dry["racks"].items().size(), 2u);
  EXPECT_TRUE(bank_.view().place(PlaceId("freezer-2"))->reserved.empty()) << "a dry run";
  bank_.done("evacuation/plan", plan + R"(,"apply":true})");
  EXPECT_EQ(bank_.view().place(PlaceId("freezer-2"))->reserved.size(), 2u);
  bank_.done("evacuation/rack", R"({"evacuation":"evacuation-1","rack":"f1-r1"})");
  bank_.expect_rebuilds();
  bank_.refused("evacuation/rack", R"({"evacuation":"evacuation-1","rack":"f1-r1"})",
                ErrorCode::not_found);
  bank_.done("evacuation/rack", R"({"evacuation":"evacuation-1","rack":"f1-r2"})");
  EXPECT_TRUE(bank_.view().containers_in(PlaceId("freezer-1")).empty());
  EXPECT_TRUE(bank_.view().place(PlaceId("freezer-2"))->reserved.empty());
  bank_.refused("evacuation/plan", R"({"from":"freezer-2","to":"freezer-3"})", ErrorCode::no_space);
}

TEST_F(Shelf, ASpilledBoxIsPutInNewOrderInOneCommit) {
  Bank full;
  full.witness = "witness";
  std::string csv = "aliquot,code,course,patient,lot,dose,fraction,state,path,position\r\n";
  const PlaceType& type = full.view().type_of(*full.view().place(PlaceId("f1-r1-b1")));
  for (int i = 0; i < 81; ++i) {
    append_csv(csv, {cat("a", i), cat("k", i), cat("c", i / 24), "p1", "", cat("d", i % 24), "1/24",
                     "quarantined", "room/freezer-1/f1-r1/f1-r1-b1", type.label(i)});
  }
  full.reason = "migration";
  ASSERT_TRUE(full.tell("bulk/import", Json::object().set("csv", csv)).ok());
  std::string spilled = "Position,Code\n";
  for (int i = 0; i < 81; ++i) spilled += cat(type.label(i), ",k", (i * 7 + 5) % 81, "\n");
  Json body = Json::object().set("container", "f1-r1-b1").set("csv", spilled);
  const auto preview = full.tell("scan/preview", body);
  ASSERT_TRUE(preview.ok()) << preview.error().context;
  EXPECT_EQ(preview->reply["differences"].items().size() +
                static_cast<std::size_t>(preview->reply.integer_or("same", 0)),
            81u);
  body.set("token", preview->reply.string_or("token", ""));
  ASSERT_TRUE(full.tell("scan/accept", body).ok());
  for (int i = 0; i < 81; ++i) {
    EXPECT_EQ(full.where(cat("a", (i * 7 + 5) % 81)), cat("f1-r1-b1 ", type.label(i)));
  }
  expect_sound(full.ledger());
  full.expect_rebuilds();
}

TEST_F(Shelf, AScanIsAcceptedOnlyAsItWasPreviewed) {
  const std::string here = bank_.view().label_of(bank_.aliquot("c1-d01-1").spot);
  const std::string csv = scan({{here, ""}, {"I9", "c1-d01-1"}});
  Json body = scan_body(csv);
  EXPECT_FALSE(bank_.tell("scan/accept", body).ok()) << "without a token";
  body.set("token", token(scan({})));
  EXPECT_FALSE(bank_.tell("scan/accept", body).ok()) << "with the token of another scan";
  body.set("token", token(csv));
  ASSERT_TRUE(bank_.tell("scan/accept", body).ok());
  EXPECT_EQ(bank_.where("c1-d01-1"), cat(box_.str(), " I9"));
}

TEST_F(Shelf, AnUnreadTubeIsNeverTakenForAnEmptyPosition) {
  const std::string here = bank_.view().label_of(bank_.aliquot("c1-d01-1").spot);
  const std::string unread = scan({{here, "No Read"}});
  Json body = scan_body(unread).set("token", token(unread)).set("missing_to_unknown", true);
  ASSERT_TRUE(bank_.tell("scan/accept", body).ok()) << "nothing is missing";
  EXPECT_EQ(bank_.where("c1-d01-1"), cat(box_.str(), " ", here));
  const std::string other = bank_.view().label_of(bank_.aliquot("c1-d05-1").spot);
  const std::string doubt = scan({{here, "No Read"}, {other, ""}});
  body = scan_body(doubt).set("token", token(doubt)).set("missing_to_unknown", true);
  EXPECT_FALSE(bank_.tell("scan/accept", body).ok()) << "the unread tube may be the missing one";
  const std::string gone = scan({{here, ""}});
  body = scan_body(gone).set("token", token(gone));
  EXPECT_FALSE(bank_.tell("scan/accept", body).ok()) << "missing needs a decision";
  body.set("missing_to_unknown", true);
  ASSERT_TRUE(bank_.tell("scan/accept", body).ok());
  EXPECT_EQ(bank_.where("c1-d01-1"), "UNKNOWN");
}

TEST_F(Shelf, AStockTakeChangesNothingUntilItIsSigned) {
  const std::string here = bank_.view().label_of(bank_.aliquot("c1-d01-1").spot);
  const Json opened = bank_.done("take/open", cat(R"({"place":")", box_.str(), R"("})"));
  EXPECT_FALSE(opened["containers"].items()[0].has("expected")) << "a blind count";
  bank_.refused("take/sign", R"({"take":"take-1"})", ErrorCode::conflict);
  const std::string counted = scan({{here, ""}, {"I9", "c1-d01-1"}, {"I8", "stranger"}});
  Json body = scan_body(counted).set("take", "take-1");
  ASSERT_TRUE(bank_.tell("take/count", body).ok());
  const Json report = bank_.done("take/report", R"({"take":"take-1"})");
  EXPECT_EQ(report.integer_or("differences", 0), 2);
  EXPECT_EQ(report["accuracy"].milli(), (Milli{666}));
  EXPECT_EQ(bank_.where("c1-d01-1"), cat(box_.str(), " ", here));
  bank_.done("take/sign", R"({"take":"take-1"})");
  EXPECT_EQ(bank_.where("c1-d01-1"), cat(box_.str(), " I9"));
}

TEST_F(Shelf, TheExportImportsToTheSameRecord) {
  bank_.done("course/register",
             R"({"course":"c2","patient":"p2","doses":[{"fraction":"1/24","aliquots":[
                {"code":"K,1"},{"code":"no,id/nor,this"},
                {"code":"K\"2","expires_at":"2031-06-30T12:00:00Z"}]}]})");
  const std::string csv = export_csv(bank_.view(), PlaceId()).csv;
  Bank other;
  other.witness = "witness";
  const auto imported = other.tell("bulk/import", Json::object().set("csv", csv));
  ASSERT_TRUE(imported.ok()) << imported.error().context;
  ASSERT_FALSE(imported->refused) << imported->message;
  EXPECT_EQ(export_csv(other.view(), PlaceId()).csv, csv);
  const auto again = other.tell("bulk/import", Json::object().set("csv", csv));
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->facts.empty()) << "nothing is new";
  expect_sound(other.ledger());
}

TEST_F(Shelf, AListKeepsHowOftenAVialWasThawed) {
  const auto list = [](const char* head, const char* tail) {
    std::string csv =
        cat("aliquot,code,course,patient,lot,dose,fraction,state,path,position", head);
    return csv +
           cat("\r\nn1,k1,c9,p9,,d01,1/12,released,room/freezer-1/f1-r1/f1-r1-b1,I9", tail, "\r\n");
  };
  const auto import = [this](const std::string& csv) {
    const auto decision = bank_.tell("bulk/import", Json::object().set("csv", csv));
    return decision && !decision->refused ? std::string()
           : decision                     ? decision->refused->context
                                          : decision.error().context;
  };
  for (const char* bad : {",,256", ",,-1", ",,two"}) {
    EXPECT_NE(import(list(",expires,thaws", bad)).find("thaws: expected 0 to 255, came \""),
              std::string::npos)
        << bad;
  }
  EXPECT_NE(import(list(",colour", ",2")).find("no column is called"), std::string::npos);
  EXPECT_EQ(import(list(",expires,thaws", ",,2")), "");
  EXPECT_EQ(bank_.aliquot("n1").thaws, 2);
  for (const char* known : {",,2", ",,"}) {
    EXPECT_EQ(import(list(",expires,thaws", known)), "") << known;
  }
  EXPECT_EQ(import(list(",expires", ",")), "");
  EXPECT_EQ(import(list("", "")), "");
  EXPECT_NE(import(list(",expires,thaws", ",,1")).find("was thawed 2 times, came 1"),
            std::string::npos);
  const std::string csv = export_csv(bank_.view(), PlaceId()).csv;
  Bank other;
  other.witness = "witness";
  ASSERT_TRUE(other.tell("bulk/import", Json::object().set("csv", csv)).ok());
  EXPECT_EQ(export_csv(other.view(), PlaceId()).csv, csv);
  EXPECT_EQ(other.aliquot("n1").thaws, 2);
  bank_.expect_rebuilds();
}

TEST_F(Shelf, OneBadLineStopsTheImportAndEveryOneIsTold) {
  std::string csv = "aliquot,code,course,patient,lot,dose,fraction,state,path,position\r\n";
  csv += "n1,k1,c9,p9,,d01,1/12,released,room/freezer-1/f1-r1/f1-r1-b1,I9\r\n";
  csv += "n2,k1,c9,p9,,d01,1/12,released,room/freezer-1/f1-r1/f1-r1-b1,I8\r\n";
  csv += "n3,k3,c9,p9,,d01,1/12,thawed,room/freezer-1/f1-r1/f1-r1-b1,I7\r\n";
  csv += "n4,k4,c9,p8,,d01,1/12,released,room/freezer-1/f1-r1/f1-r1-b1,I6\r\n";
  csv += "n5,k5,c9,p9,,d01,1/12,released,room/freezer-9/box,I5\r\n";
  csv += "n6,k6,c9,p9,,d01,1/12,released,room/freezer-1/f1-r1/f1-r1-b1,I9\r\n";
  csv += "n7,k7,c9,p9,,d01\r\n";
  const auto before = bank_.rows;
  const auto decision = bank_.tell("bulk/import", Json::object().set("csv", csv));
  ASSERT_TRUE(decision.ok());
  ASSERT_TRUE(decision->refused.has_value());
  const Json& bad = decision->reply["bad_lines"];
  ASSERT_EQ(bad.items().size(), 6u) << decision->reply.dump();
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(bad.items()[i].integer_or("line", 0), static_cast<std::int64_t>(i) + 3);
  }
  EXPECT_EQ(bank_.rows, before);
}

TEST_F(Shelf, AnExcursionFollowsTheVialsToAnotherTank) {
  const WallTime start = bank_.now;
  const DeviceId tank = bank_.view().freezer_of(box_);
  const std::string rack = bank_.view().place(box_)->within.place.str();
  bank_.now = bank_.now + minutes(10);
  bank_.done("place/move", cat(R"({"place":")", rack, R"(","parent":"freezer-4","position":"4"})"));
  bank_.now = bank_.now + hours(1);
  bank_.user = "quality";
  bank_.done("excursion/record",
             cat(R"({"place":")", tank.str(), R"(","from":")", format_utc(start), R"(","until":")",
                 format_utc(start + hours(1)),
                 R"(","peak_cel":-131.5,"above_s":{"-150":3000,"-135":2000}})"));
  const ExposureBook book(bank_.view());
  const Exposure moved = book.of(bank_.aliquot("c1-d01-1"), bank_.now);
  EXPECT_EQ(moved.excursions, 1u);
  EXPECT_LE(moved.above[0], 602) << "it was there for ten minutes only";
  EXPECT_GE(moved.above[0], 600);
  EXPECT_EQ(moved.peak, Milli{-131500});
  bank_.user = "service";  // the daemon's own, which goes on through a clock that is set back
  bank_.done(
      "excursion/record",
      cat(R"({"place":")", tank.str(), R"(","from":")", format_utc(bank_.now), R"(","until":")",
          format_utc(bank_.now + hours(1)), R"(","above_s":{"-150":60}})"));
  bank_.now = bank_.now + hours(2);
  EXPECT_EQ(ExposureBook(bank_.view()).of(bank_.aliquot("c1-d01-1"), bank_.now).excursions, 1u);
}

TEST_F(Shelf, AnExposureOverBudgetHoldsUntilQualityWaivesIt) {
  bank_.done("course/release", R"({"course":"c1"})");
  const std::string slot = bank_.view().label_of(bank_.aliquot("c1-d01-1").spot);
  bank_.done("aliquot/move", cat(R"({"aliquot":"c1-d01-1","code":"c1-d01-1","place":")", box_.str(),
                                 R"(","position":"I9","out_seconds":121})"));
  bank_.done("dose/plan",
             cat(R"({"course":"c1","dose":"d01","thaw_at":")", format_utc(bank_.now), R"("})"));
  bank_.refused("dose/thaw", R"({"course":"c1","dose":"d01"})", ErrorCode::conflict);
  bank_.done("exposure/waive", R"({"aliquot":"c1-d01-1"})");
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
}

TEST_F(Shelf, AProbeCountsForThePlaceItWasMappedToAtTheTime) {
  bank_.user = "service";  // the daemon tells it by its own clock
  const DeviceId tank = bank_.view().freezer_of(box_);
  const std::string probe = R"("device":"freezer-1","point":"temperature-top")";
  bank_.refused("excursion/record",
                cat(R"({"probe":"freezer-1.temperature-top","from":")", format_utc(bank_.now),
                    R"(","until":")", format_utc(bank_.now + hours(1)), R"("})"),
                ErrorCode::not_found);
  bank_.done("probe/map", cat("{", probe, R"(,"place":")", tank.str(), R"("})"));
  bank_.done("probe/challenge", cat("{", probe, R"(,"passed":true})"));
  const WallTime during = bank_.now + seconds(10);
  bank_.done("probe/map", cat("{", probe, R"(,"place":"freezer-4","from":")",
                              format_utc(bank_.now + hours(5)), R"("})"));
  bank_.done("excursion/record",
             cat(R"({"probe":"freezer-1.temperature-top","from":")", format_utc(during),
                 R"(","until":")", format_utc(during + hours(1)), R"(","above_s":{"-150":90}})"));
  bank_.now = bank_.now + hours(9);
  const Exposure exposure = ExposureBook(bank_.view()).of(bank_.aliquot("c1-d01-1"), bank_.now);
  EXPECT_EQ(exposure.above[0], 90);
}

TEST_F(Shelf, AMappingThatWasWrongFromTheStartIsCorrectedForThePastToo) {
  bank_.user = "service";  // the daemon tells it by its own clock
  const std::string tank = bank_.view().freezer_of(box_).str();
  const std::string probe = R"("device":"freezer-1","point":"temperature-top")";
  const std::string since = format_utc(bank_.now);
  const auto map = [&](std::string_view place, std::string_view from) {
    return cat("{", probe, R"(,"place":")", place, R"(","from":")", from, R"("})");
  };
  bank_.done("probe/map", map("freezer-4", since));
  const WallTime start = bank_.now + minutes(1);
  bank_.done("excursion/record",
             cat(R"({"probe":"freezer-1.temperature-top","from":")", format_utc(start),
                 R"(","until":")", format_utc(start + hours(2)), R"(","above_s":{"-150":5000}})"));
  bank_.now = bank_.now + hours(9);
  const auto seen = [&] {
    return ExposureBook(bank_.view()).of(bank_.aliquot("c1-d01-1"), bank_.now).above[0];
  };
  EXPECT_EQ(seen(), 0);
  bank_.reason.clear();
  bank_.refused("probe/map", map(tank, since), ErrorCode::invalid_value);
  bank_.reason = "the challenge showed it in the other tank";
  bank_.done("probe/map", map(tank, format_utc(start + hours(1))));
  EXPECT_EQ(seen(), 3600) << "each part counts for the place of its time";
  bank_.done("probe/map", map(tank, since));
  EXPECT_EQ(seen(), 5000);
}

TEST_F(Shelf, TwoProbesOfATankCountTheSameTimeOnce) {
  bank_.user = "service";  // the daemon tells it by its own clock
  const std::string tank = bank_.view().freezer_of(box_).str();
  const WallTime start = bank_.now;
  for (const int offset : {0, 10}) {
    bank_.done("excursion/record",
               cat(R"({"place":")", tank, R"(","from":")", format_utc(start + seconds(offset)),
                   R"(","until":")", format_utc(start + seconds(offset + 100)),
                   R"(","above_s":{"-150":100,"-135":30}})"));
  }
  bank_.now = bank_.now + hours(1);
  const Exposure exposure = ExposureBook(bank_.view()).of(bank_.aliquot("c1-d01-1"), bank_.now);
  EXPECT_EQ(exposure.excursions, 1u);
  EXPECT_EQ(exposure.above[0], 110);
  EXPECT_EQ(exposure.above[1], 60);
}

TEST_F(Shelf, AnExcursionThatGoesOnStaysOneRecordAndIsWaivedForTheWholeTank) {
  bank_.user = "service";  // the daemon tells it by its own clock
  const std::string tank = bank_.view().freezer_of(box_).str();
  const std::string from = format_utc(bank_.now);
  const auto told = [&](int minutes_on, bool open) {
    const int s = minutes_on * 60;
    return cat(R"({"probe":"f.top","place":")", tank, R"(","from":")", from, R"(","until":")",
               format_utc(bank_.now + minutes(minutes_on)), R"(","above_s":{"-150":)", s,
               R"(,"-135":)", s, R"(},"open":)", open ? "true" : "false", "}");
  };
  EXPECT_EQ(bank_.done("excursion/record", told(1, true)).integer_or("over_budget", -1), 0);
  bank_.refused("excursion/record",
                cat(R"({"probe":"f.top","place":")", tank, R"(","from":")",
                    format_utc(bank_.now + seconds(5)), R"(","until":")",
                    format_utc(bank_.now + minutes(5)), R"(","open":true})"),
                ErrorCode::conflict);
  const WallTime begun = bank_.now;
  bank_.now = begun + hours(1);
  Json reply =
      bank_.done("excursion/record",
                 cat(R"({"probe":"f.top","place":")", tank, R"(","from":")", from, R"(","until":")",
                     format_utc(begun + minutes(5)), R"(","above_s":{"-150":300,"-135":300}})"));
  EXPECT_EQ(reply.string_or("excursion", ""), "excursion-1");
  const std::int64_t over = reply.integer_or("over_budget", 0);
  EXPECT_GT(over, 0);
  EXPECT_TRUE(open_excursion(bank_.view(), "f.top").empty());
  reply = bank_.done("exposure/waive", cat(R"({"place":")", tank, R"("})"));
  EXPECT_EQ(reply.integer_or("waived", 0), over);
  bank_.refused("exposure/waive", cat(R"({"place":")", tank, R"("})"), ErrorCode::not_found);
}

TEST_F(Shelf, ALatePositiveHoldsEverySiblingAndNamesTheDosesGiven) {
  bank_.done("quality/plan",
             R"({"lot":"l1","tests":[{"test":"viability","low":70},
                {"test":"sterility-14d","passes":"negative","late":true}]})");
  bank_.refused("course/release", R"({"course":"c1"})", ErrorCode::conflict);
  bank_.done("quality/result", R"({"lot":"l1","test":"viability","value":92.5})");
  bank_.refused("course/release", R"({"course":"c1"})", ErrorCode::conflict);
  bank_.done("course/release", R"({"course":"c1","conditional":true})");
  bank_.done("dose/plan",
             cat(R"({"course":"c1","dose":"d01","thaw_at":")", format_utc(bank_.now), R"("})"));
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
  bank_.run_jobs();
  bank_.done("dose/reculture", R"({"course":"c1","dose":"d01","codes":["c1-d01-1"]})");
  bank_.done("dose/harvest", R"({"course":"c1","dose":"d01","code":"c1/d01"})");
  bank_.done("dose/infuse", R"({"course":"c1","dose":"d01","code":"c1/d01"})");
  bank_.done("dose/plan",
             cat(R"({"course":"c1","dose":"d02","thaw_at":")", format_utc(bank_.now), R"("})"));
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d02"})");
  const Json reply =
      bank_.done("quality/result", R"({"lot":"l1","test":"sterility-14d","finding":"positive"})");
  EXPECT_EQ(reply.integer_or("aliquots_held", 0), 12);
  ASSERT_EQ(reply["doses_given"].items().size(), 1u);
  EXPECT_EQ(reply["doses_given"].items()[0].string_or("patient", ""), "p1");
  EXPECT_TRUE(bank_.ledger().open_jobs().empty()) << "the thaw is stopped";
  EXPECT_EQ(holds_on(bank_.view(), bank_.aliquot("c1-d12-1")).size(), 1u);
}

TEST_F(Shelf, AnExceptionalReleaseNamesEverything) {
  bank_.refused("quality/exception", R"({"course":"c1","criterion":"viability 68 %"})",
                ErrorCode::malformed);
  bank_.done("quality/exception",
             R"({"course":"c1","criterion":"viability 68 %","investigation":"i-4",
                "clinician":"clinic-1"})");
  EXPECT_EQ(bank_.aliquot("c1-d01-1").state, AliquotState::released);
  EXPECT_EQ(count_of(bank_.view().counters(), "overrides-release"), 1u);
}

TEST_F(Shelf, AShipmentIsReceivedByAnotherPersonAndItsShortageStaysOpen) {
  bank_.done("course/release", R"({"course":"c1"})");
  const std::string pack =
      R"({"shipper":"OUTSIDE","to":"clinic-2","arrives_by":"2027-02-01T00:00:00Z",
          "codes":["c1-d01-1","c1-d02-1"]})";
  bank_.done("shipment/pack", pack);
  bank_.done("shipment/send", R"({"shipment":"shipment-1"})");
  const std::string receive =
      R"({"shipment":"shipment-1","place":"dock","codes":["c1-d01-1","c1-d03-1"]})";
  bank_.refused("shipment/receive", receive, ErrorCode::witness_needed);
  bank_.user = "supervisor";
  const Json reply = bank_.done("shipment/receive", receive);
  EXPECT_EQ(reply["short"].items().size(), 1u);
  EXPECT_EQ(reply["over"].items().size(), 1u);
  EXPECT_EQ(bank_.aliquot("c1-d01-1").state, AliquotState::released);
  EXPECT_EQ(bank_.aliquot("c1-d02-1").state, AliquotState::in_transit);
}

TEST_F(Shelf, ALabelIsScannedBackAndAVoidOneIsRefused) {
  bank_.done("label/print", R"({"aliquot":"c1-d01-1"})");
  bank_.mismatch("label/verify", R"({"aliquot":"c1-d01-1","code":"c1-d02-1"})");
  bank_.done("label/verify", R"({"aliquot":"c1-d01-1","code":"c1-d01-1"})");
  bank_.done("label/void", R"({"aliquot":"c1-d01-1"})");
  bank_.refused("label/verify", R"({"aliquot":"c1-d01-1","code":"c1-d01-1"})", ErrorCode::conflict);
  const std::string move = cat(R"({"aliquot":"c1-d01-1","code":"c1-d01-1","place":")", box_.str(),
                               R"(","position":"I9"})");
  bank_.refused("aliquot/move", move, ErrorCode::conflict);
  bank_.done("label/print", R"({"aliquot":"c1-d01-1"})");
  bank_.refused("aliquot/move", move, ErrorCode::conflict);  // not scanned back yet
  bank_.done("label/verify", R"({"aliquot":"c1-d01-1","code":"c1-d01-1"})");
  bank_.done("aliquot/move", move);
}

TEST_F(Shelf, AShipmentTellsStrangeCodesAndWhatNeverCameIsLost) {
  bank_.done("course/release", R"({"course":"c1"})");
  const auto pack = [&](int hold_hours) {
    return cat(R"({"shipper":"OUTSIDE","to":"clinic-2","arrives_by":")",
               format_utc(bank_.now + days(3)), R"(","hold_hours":)", hold_hours,
               R"(,"codes":["c1-d01-1","c1-d02-1"]})");
  };
  bank_.refused("shipment/pack", pack(48), ErrorCode::conflict);
  bank_.done("shipment/pack", pack(200));
  bank_.done("shipment/send", R"({"shipment":"shipment-1"})");
  bank_.user = "supervisor";
  const std::string hash(64, 'a');
  const auto receive = [&](std::string_view logger) {
    return cat(R"({"shipment":"shipment-1","place":"dock","codes":["c1-d01-1","STRANGE"],)",
               R"("logger_sha256":")", logger, R"("})");
  };
  bank_.refused("shipment/receive", receive("none"), ErrorCode::malformed);
  const Json reply = bank_.done("shipment/receive", receive(hash));
  EXPECT_EQ(reply["over"].items().size(), 1u);
  EXPECT_EQ(bank_.done("shipment/close", R"({"shipment":"shipment-1"})").integer_or("lost", 0), 1);
  EXPECT_EQ(bank_.aliquot("c1-d02-1").state, AliquotState::lost);
  bank_.refused("shipment/close", R"({"shipment":"shipment-1"})", ErrorCode::not_found);
}

TEST_F(Shelf, ADefragmentationIsAListOfMovesThatCanBeGiven) {
  EXPECT_TRUE(bank_.done("report/defragment", R"({"place":"room"})")["moves"].items().empty());
  bank_.witness = "witness";
  const std::string tank = bank_.view().freezer_of(box_).str();
  const std::string other = cat("f", tank.substr(tank.size() - 1), "-r2-b2");
  bank_.done("aliquot/move", cat(R"({"aliquot":"c1-d01-1","code":"c1-d01-1","place":")", other,
                                 R"(","position":"C3"})"));
  std::uint64_t before = 0;
  const Json plan = bank_.done("report/defragment", R"({"place":"room"})");
  for (const Json& freed : plan["freed"].items()) {
    before += bank_.view().aliquots_in(PlaceId(freed.string_or("place", ""))).size();
  }
  EXPECT_EQ(before, plan["moves"].items().size());
  ASSERT_EQ(plan["freed"].items().size(), 1u) << plan.dump();
  EXPECT_EQ(plan["freed"].items()[0].string_or("place", ""), other);
  for (const Json& move : plan["moves"].items()) {
    const AliquotId id(move.string_or("aliquot", ""));
    const DeviceId freezer = bank_.view().freezer_of(bank_.view().aliquot(id)->spot.place);
    Json body = Json::object().set("aliquot", move["aliquot"]).set("code", move["code"]);
    body.set("place", move["place"]).set("position", move["position"]);
    const auto moved = bank_.tell("aliquot/move", body);
    ASSERT_TRUE(moved.ok()) << moved.error().context;
    EXPECT_EQ(bank_.view().freezer_of(bank_.view().aliquot(id)->spot.place), freezer);
  }
  for (const Json& freed : plan["freed"].items()) {
    EXPECT_TRUE(bank_.view().aliquots_in(PlaceId(freed.string_or("place", ""))).empty());
  }
}

TEST_F(Shelf, WhatExpiresWithinAWindowIsListedWithItsPathTheFirstFirst) {
  for (const int day : {30, 10, 20}) {
    bank_.done("course/register",
               cat(R"({"course":"e)", day, R"(","patient":"p1","doses":1,"expires_at":")",
                   format_utc(bank_.now + days(day)), R"("})"));
  }
  const auto window = [&](int from, int until) {
    return bank_.done("report/expiring",
                      cat(R"({"from":")", format_utc(bank_.now + days(from)), R"(","until":")",
                          format_utc(bank_.now + days(until)), R"("})"));
  };
  const Json found = window(5, 25);
  ASSERT_EQ(found["rows"].items().size(), 2u);
  EXPECT_EQ(found["rows"].items()[0].string_or("course", ""), "e10");
  EXPECT_EQ(found["rows"].items()[0].string_or("path", ""), "EXPECTED");
  EXPECT_EQ(found["rows"].items()[1].string_or("course", ""), "e20");
  EXPECT_EQ(window(11, 19).integer_or("aliquots", -1), 0);
}

TEST_F(Shelf, ReportsSayWhatIsAtRisk) {
  const Json risk = bank_.done("report/risk", R"({"course":"c1"})");
  for (const Json& row : risk["freezers"].items()) {
    EXPECT_GE(row.integer_or("doses_left", 0), 6) << row.dump();
  }
  const Json affected = bank_.done("report/affected", R"({"place":"freezer-1"})");
  EXPECT_EQ(affected.integer_or("aliquots", 0), 3);
  const Json used = bank_.done("report/occupancy", R"({"place":"freezer-1"})");
  EXPECT_EQ(used.integer_or("positions", 0), 4 * 81);
  EXPECT_EQ(used.integer_or("used", 0), 3);
  const Json found = bank_.done("aliquot/find", R"({"code":"c1-d01-1"})");
  EXPECT_EQ(found.string_or("path", ""), bank_.view().path_of(box_));
  bank_.asked("aliquot/find", R"({"code":"C1-DO1-l"})", "c1-d01-1");
}

}  // namespace
}  // namespace cryobank::inventory
