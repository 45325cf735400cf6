// What real hands and lists did to the record, each seen once from outside, with its brothers: a
// container that moves, a vial under way, what may come into being, codes that look alike, labels
// of what may not be used.
#include "tests/inventory/commands/safety.hpp"
#include "inventory/commands/hand_over.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/paper/label.hpp"

namespace cryobank::inventory {
namespace {

TEST_F(Safety, ARobotFindsABoxWhereItStandsAndNotWhereItStood) {
  EXPECT_EQ(found_at("f1-r1-b1", "A1"), (Words{1, 1, 101}));
  // Into the empty place of a box that was taken away.
  move_place("f2-r2-b2", "f3-r1", "4");
  move_place("f1-r1-b1", "f2-r2", "2");
  EXPECT_EQ(found_at("f1-r1-b1", "A2"), (Words{2, 2, 202}));
  EXPECT_FALSE(found_at("f2-r2-b2", "A1")) << "nobody told the robot of a fourth box there";
  bank_.expect_rebuilds();
  // And back again.
  move_place("f1-r1-b1", "f1-r1", "1");
  EXPECT_EQ(found_at("f1-r1-b1", "A1"), (Words{1, 1, 101}));
}

TEST_F(Safety, ARobotFindsTheBoxesOfARackInItsNewTankOnly) {
  // Tank 2 gives its first rack away; the one of tank 1 comes in its place.
  move_place("f2-r1", "freezer-4", "4");
  move_place("f1-r1", "freezer-2", "1");
  EXPECT_EQ(found_at("f1-r1-b2", "B1"), (Words{2, 1, 210}));
  EXPECT_FALSE(found_at("f2-r1-b1", "A1"));
  const std::string source = bank_.where("c1-d12-1");
  bank_.refused("aliquot/transfer", R"({"course":"c1","aliquots":["c1-d12-1"],"place":"f2-r1-b1"})",
                ErrorCode::unsupported);
  EXPECT_EQ(bank_.where("c1-d12-1"), source);
  // An evacuation and its undo lead the robot with them.
  bank_.done("operation/undo", R"({"operation":"operation-2"})");
  EXPECT_EQ(found_at("f1-r1-b2", "B1"), (Words{1, 1, 210}));
}

TEST_F(Safety, AThawOutOfABoxThatNoRobotFindsIsRefused) {
  bank_.done("course/release", R"({"course":"c1"})");
  const std::string rack = bank_.view().place(box_)->within.place.str();
  move_place(rack, "freezer-4", "4");
  bank_.done("dose/plan",
             cat(R"({"course":"c1","dose":"d01","thaw_at":")", format_utc(bank_.now), R"("})"));
  bank_.refused("dose/thaw", R"({"course":"c1","dose":"d01"})", ErrorCode::unsupported);
}

TEST_F(Safety, NewVialsAreStoredOnlyWhereARobotFindsThem) {
  move_place("f1-r1", "freezer-3", "3");
  bank_.done("course/register", R"({"course":"c2","patient":"p2","doses":4,"store":{}})");
  bank_.run_jobs();
  for (const char* vial : {"c2-d01-1", "c2-d02-1", "c2-d03-1", "c2-d04-1"}) {
    EXPECT_TRUE(is_reached(bank_.view(), bank_.aliquot(vial).spot.place)) << vial;
  }
}

TEST_F(Safety, ARobotsPortAndStationStayWhereTheyAre) {
  for (const char* place : {"port", "station", "gripper", "freezer-1"}) {
    bank_.refused("place/move", cat(R"({"place":")", place, R"(","parent":"room"})"),
                  ErrorCode::unsupported);
  }
}

TEST_F(Safety, NothingIsDisposedOfWhileARobotCarriesIt) {
  bank_.user = "operator";
  bank_.roles = {"operator"};
  bank_.done("disposal/request", R"({"aliquots":["c1-d01-1"],"method":"autoclave"})");
  bank_.done("aliquot/transfer", R"({"course":"c1","aliquots":["c1-d01-1"],"place":"f4-r2-b2"})");
  const JobId job = bank_.ledger().open_jobs().front();
  const auto confirm = [&] {
    bank_.user = "quality";
    bank_.roles = {"quality"};
    return told("disposal/confirm", R"({"disposal":"disposal-1"})");
  };
  bank_.now = bank_.now + hours(25);
  const auto planned = confirm();
  ASSERT_FALSE(planned.ok());
  EXPECT_NE(planned.error().context.find("job/cancel"), std::string::npos);
  issue(job, 0);
  hold_it(job, 0);
  const auto carried = confirm();
  ASSERT_FALSE(carried.ok());
  EXPECT_EQ(carried.error().code, ErrorCode::conflict);
  EXPECT_EQ(bank_.where("c1-d01-1"), "gripper 1");
  ASSERT_TRUE(bank_.commit(move_done(job, 0, "c1-d01-1", bank_.now)).ok());
  ASSERT_TRUE(confirm().ok());
  EXPECT_EQ(bank_.where("c1-d01-1"), "OUTSIDE");
}

TEST_F(Safety, NoActOfAPersonMovesOrEndsAVialUnderWay) {
  bank_.done("aliquot/transfer", R"({"course":"c1","aliquots":["c1-d01-1"],"place":"f4-r2-b2"})");
  const JobId job = bank_.ledger().open_jobs().front();
  issue(job, 0);
  for (const bool holding : {false, true}) {
    if (holding) hold_it(job, 0);
    const std::pair<const char*, const char*> acts[] = {
        {"aliquot/move",
         R"({"aliquot":"c1-d01-1","code":"c1-d01-1","place":"f4-r1-b1","position":"A1"})"},
        {"shipment/pack",
         R"({"shipper":"dock","to":"x","arrives_by":"2027-04-01T00:00:00Z","codes":["c1-d01-1"]})"},
        {"dose/reject", R"({"course":"c1","dose":"d01"})"},
    };
    for (const auto& [verb, body] : acts) {
      EXPECT_FALSE(told(verb, body).ok()) << verb;
    }
    const auto listed = told("bulk/import", list("c1-d01-1,c1-d01-1,c1,p1,l1,d01,1/12,quarantined,"
                                                 "room/freezer-4/f4-r1/f4-r1-b1,A1,,\r\n"));
    EXPECT_TRUE(listed.ok() && listed->refused);
  }
  // Quality may still say what it is.
  bank_.done("course/release", R"({"course":"c1"})");
  EXPECT_EQ(bank_.aliquot("c1-d01-1").state, AliquotState::released);
  EXPECT_EQ(bank_.where("c1-d01-1"), "gripper 1");
}

TEST_F(Safety, AVialThatStayedFrozenIsNotGivenWithItsDose) {
  bank_.done("course/register", R"({"course":"c2","patient":"p2","doses":1,"aliquots_per_dose":2,
                                    "store":{}})");
  bank_.run_jobs();
  bank_.done("course/release", R"({"course":"c2"})");
  bank_.done("dose/plan",
             cat(R"({"course":"c2","dose":"d01","thaw_at":")", format_utc(bank_.now), R"("})"));
  bank_.done("dose/thaw", R"({"course":"c2","dose":"d01"})");
  const JobId job = bank_.ledger().open_jobs().front();
  const Job moves = *bank_.ledger().find_job(job);
  issue(job, 0);
  hold_it(job, 0);
  ASSERT_TRUE(bank_.commit(move_done(job, 0, moves.moves[0].code, bank_.now)).ok());
  issue(job, 1);
  ASSERT_TRUE(bank_.commit(move_failed(job, 1, false, "jam", bank_.now)).ok());
  const std::string frozen = moves.moves[1].aliquot.str();
  const std::string place = bank_.where(frozen);
  bank_.done("dose/reculture",
             cat(R"({"course":"c2","dose":"d01","codes":[")", moves.moves[0].code, R"("]})"));
  bank_.done("dose/harvest", R"({"course":"c2","dose":"d01","code":"c2/d01"})");
  bank_.done("dose/issue", R"({"course":"c2","dose":"d01","code":"c2/d01"})");
  EXPECT_EQ(bank_.where(frozen), place) << "it lies where it lay, and the record says so";
  EXPECT_EQ(bank_.aliquot(frozen).state, AliquotState::released);
}

TEST_F(Safety, AListBringsNoMoreThanARegistrationMay) {
  const std::string shelf = ",released,room/freezer-4/f4-r2/f4-r2-b1,";
  std::string whole, many, crowd;
  for (int i = 1; i <= 12; ++i) {
    whole += cat("w-", i, ",w-", i, ",w,p9,,d", i, ",1", shelf, "A", (i - 1) % 9 + 1, ",,\r\n");
  }
  for (int i = 1; i <= 61; ++i) {
    many += cat("m-", i, ",m-", i, ",m,p9,,d", i, ",1/61,expected,EXPECTED,,,\r\n");
  }
  for (int i = 1; i <= 30; ++i) {
    crowd += cat("k-", i, ",k-", i, ",k,p9,,d1,1,expected,EXPECTED,,,\r\n");
  }
  for (const std::string& lines : {whole, many, crowd}) {
    const auto reply = told("bulk/import", list(lines));
    ASSERT_TRUE(reply.ok());
    EXPECT_TRUE(reply->refused.has_value()) << lines.substr(0, 60);
  }
  EXPECT_EQ(bank_.view().course(CourseId("w")), nullptr);
}

TEST_F(Safety, NothingComesIntoBeingWhereNobodyPutsVials) {
  const char* kPlaces[] = {"room/gripper,1", "room/station,1", "OUTSIDE,", "EXPECTED,", "CULTURE,"};
  for (const char* place : kPlaces) {
    const auto reply =
        told("bulk/import", (list(cat("x-1,x-1,x,p9,,d1,1,quarantined,", place, ",,\r\n"))));
    ASSERT_TRUE(reply.ok()) << place;
    EXPECT_TRUE(reply->refused.has_value()) << place;
  }
  const auto unknown = told("bulk/import", list("x-1,x-1,x,p9,,d1,1,quarantined,UNKNOWN,,,\r\n"));
  EXPECT_TRUE(unknown.ok() && !unknown->refused) << "stock that must be searched is better told";
  bank_.done("shipment/pack", R"({"shipper":"OUTSIDE","to":"x","arrives_by":"2027-04-01T00:00:00Z",
                                  "codes":["c1-d01-1"]})");
  bank_.done("shipment/send", R"({"shipment":"shipment-1"})");
  bank_.user = "supervisor";
  for (const char* place : {"EXPECTED", "OUTSIDE", "CULTURE", "UNKNOWN"}) {
    bank_.refused("shipment/receive",
                  cat(R"({"shipment":"shipment-1","place":")", place, R"(","codes":["c1-d01-1"]})"),
                  place == std::string_view("EXPECTED")  ? ErrorCode::invalid_value
                  : place == std::string_view("OUTSIDE") ? ErrorCode::conflict  // it came in that
                                                         : ErrorCode::unsupported);
  }
}

TEST_F(Safety, AListReleasesNothingThatItsTestsDoNot) {
  bank_.done("quality/plan", R"({"lot":"l1","tests":[{"test":"endotoxin","high":5}]})");
  const std::string line =
      list("x-1,x-1,x,p9,l1,d1,1,released,room/freezer-4/f4-r2/f4-r2-b1,A1,,\r\n");
  const auto early = told("bulk/import", line);
  ASSERT_TRUE(early.ok());
  EXPECT_TRUE(early->refused.has_value());
  bank_.done("quality/result", R"({"lot":"l1","test":"endotoxin","value":1})");
  bank_.done("bulk/import", line);
  EXPECT_EQ(bank_.aliquot("x-1").state, AliquotState::released);
}

TEST_F(Safety, AListDoesNotPutTwoCoursesIntoOnePort) {
  const auto reply =
      told("bulk/import", (list("x-1,x-1,x,p8,,d1,1,quarantined,room/port,1,,\r\n"
                                "y-1,y-1,y,p9,,d1,1,quarantined,room/port,2,,\r\n")));
  ASSERT_TRUE(reply.ok());
  ASSERT_TRUE(reply->refused.has_value());
  EXPECT_EQ(reply->refused->code, ErrorCode::mismatch);
  EXPECT_EQ(bank_.view().course(CourseId("x")), nullptr);
}

TEST_F(Safety, BlanksAndLineEndsOfAScannerComeOff) {
  for (const char* code : {"c1-d01-1\\r", "c1-d01-1\\r\\n", " c1-d01-1", "\\tc1-d01-1 "}) {
    bank_.done("label/print", R"({"aliquot":"c1-d01-1"})");
    bank_.done("label/verify", cat(R"({"aliquot":"c1-d01-1","code":")", code, R"("})"));
    bank_.done("aliquot/find", cat(R"({"code":")", code, R"("})"));
  }
  const std::string scan = R"({"container":"f4-r2-b2","only_tubes":true,"rack":"R7\r",)"
                           R"("csv":"Rack ID: R7\nPosition,Code\n"})";
  bank_.done("scan/preview", scan);
  bank_.done("quality/plan", R"({"lot":"l1","tests":[{"test":"viability","low":70}]})");
  bank_.done("quality/result",
             R"({"lot":"l1","test":"viability","value":80,"specimen":"c1-d01-1\r\n"})");
}

TEST_F(Safety, CaseAndLookAlikesAreAskedBeforeTheyLock) {
  const std::string body = R"({"aliquot":"c1-d01-1","place":"f4-r1-b1","position":"A1","code":")";
  for (const char* code : {"C1-D01-1", "c1-dO1-1", "cI-d0l-1"}) {
    bank_.asked("aliquot/move", cat(body, code, R"("})"), "c1-d01-1");
  }
  EXPECT_TRUE(holds_on(bank_.view(), bank_.aliquot("c1-d01-1")).empty());
  bank_.mismatch("aliquot/move", cat(body, R"(c1-d02-1"})"));
  EXPECT_FALSE(holds_on(bank_.view(), bank_.aliquot("c1-d01-1")).empty());
}

TEST_F(Safety, TheVialInTheHandIsMovedByItsCodeAlone) {
  bank_.done("aliquot/move", R"({"code":"c1-d01-1\r","place":"f4-r2-b2","position":"A1"})");
  EXPECT_EQ(bank_.where("c1-d01-1"), "f4-r2-b2 A1");
  bank_.done("aliquot/move", R"({"moves":[
      {"code":"c1-d01-1","place":"f4-r2-b2","position":"A2"},
      {"code":"c1-d02-1","place":"f4-r2-b2","position":"A1"}]})");
  EXPECT_EQ(bank_.where("c1-d01-1"), "f4-r2-b2 A2");
  EXPECT_EQ(bank_.where("c1-d02-1"), "f4-r2-b2 A1");
  bank_.refused("aliquot/move", R"({"code":"no-such-vial","place":"f4-r2-b2","position":"A3"})",
                ErrorCode::not_found);
}

TEST_F(Safety, TheCodeOfAnotherVialThatLooksAlikeIsAMismatch) {
  const Json born =
      bank_.done("course/register",
                 R"({"course":"c2","patient":"p2","doses":2,"codes":["C1-D01-1","c2-new"]})");
  ASSERT_TRUE(born["look_alikes"].is_array()) << born.dump();
  EXPECT_EQ(born["look_alikes"].items()[0].string_or("like", ""), "c1-d01-1");
  bank_.mismatch("aliquot/move", R"({"aliquot":"c1-d01-1","place":"f4-r1-b1","position":"A1",
                                     "code":"C1-D01-1"})");
}

TEST_F(Safety, LookAlikesOfOneListAreTold) {
  const Json born =
      bank_.done("bulk/import", list("x-1,VIAL-0,x,p9,,d1,1/2,expected,EXPECTED,,,\r\n"
                                     "x-2,VIAL-O,x,p9,,d2,1/2,expected,EXPECTED,,,\r\n"));
  ASSERT_TRUE(born["look_alikes"].is_array());
  EXPECT_EQ(born["look_alikes"].items()[0].string_or("code", ""), "VIAL-O");
}

TEST_F(Safety, TheLabelOfADoseIsAskedAboutAsWell) {
  bank_.done("course/release", R"({"course":"c1"})");
  bank_.done("dose/plan",
             cat(R"({"course":"c1","dose":"d01","thaw_at":")", format_utc(bank_.now), R"("})"));
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
  bank_.run_jobs();
  bank_.asked("dose/reculture", R"({"course":"c1","dose":"d01","codes":["C1-D01-1"]})", "c1-d01-1");
  bank_.done("dose/reculture", R"({"course":"c1","dose":"d01","codes":["c1-d01-1\r"]})");
  bank_.asked("dose/harvest", R"({"course":"c1","dose":"d01","code":"C1/D01"})", "c1/d01");
  bank_.mismatch("dose/harvest", R"({"course":"c1","dose":"d01","code":"c1/d02"})");
}

TEST_F(Safety, HalfADoseIsToldAsHalf) {
  bank_.done("course/release", R"({"course":"c1"})");
  bank_.done("dose/plan",
             cat(R"({"course":"c1","dose":"d01","thaw_at":")", format_utc(bank_.now), R"("})"));
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
  bank_.run_jobs();
  bank_.done("dose/reculture", R"({"course":"c1","dose":"d01","codes":["c1-d01-1"]})");
  bank_.done("dose/harvest", R"({"course":"c1","dose":"d01","code":"c1/d01"})");
  const auto half =
      told("dose/infuse", R"({"course":"c1","dose":"d01","code":"c1/d01","part":"1/2"})");
  ASSERT_TRUE(half.ok());
  EXPECT_EQ(half->reply.string_or("state", ""), "issued");
  EXPECT_EQ(half->reply.string_or("given", ""), "1/2");
  EXPECT_EQ(half->reply.string_or("left", ""), "1/2");
  EXPECT_EQ(half->message.find("infused"), std::string::npos) << half->message;
  const auto rest = told("dose/infuse", R"({"course":"c1","dose":"d01","code":"c1/d01"})");
  ASSERT_TRUE(rest.ok());
  EXPECT_EQ(rest->reply.string_or("state", ""), "infused");
  EXPECT_NE(rest->message.find("infused"), std::string::npos);
}

TEST_F(Safety, TheLabelOfWhatMayNotBeUsedSaysSo) {
  const auto says = [&](const char* aliquot, std::string_view words) {
    const Json label = bank_.done("label/print", cat(R"({"aliquot":")", aliquot, R"("})"));
    const std::string text = label["lines"].dump();
    EXPECT_NE(text.find(words), std::string::npos) << aliquot << ": " << text;
    EXPECT_NE(label.string_or("zpl", "").find(words.substr(0, 6)), std::string::npos);
  };
  says("c1-d01-1", kQuarantineText);
  bank_.done("course/release", R"({"course":"c1","conditional":true})");
  says("c1-d01-1", kConditionalText);
  bank_.done("course/release", R"({"course":"c1"})");
  const Json released = bank_.done("label/print", R"({"aliquot":"c1-d01-1"})");
  EXPECT_EQ(released["lines"].dump().find("NOT"), released["lines"].dump().find("NOT EVALUATED"));
  bank_.done("hold/place", R"({"aliquot":"c1-d02-1"})");
  says("c1-d02-1", kHeldText);
  bank_.done("dose/reject", R"({"course":"c1","dose":"d03"})");
  says("c1-d03-1", kRejectedText);
  bank_.done("shipment/pack", R"({"shipper":"OUTSIDE","to":"x","arrives_by":"2027-04-01T00:00:00Z",
                                  "codes":["c1-d04-1"]})");
  bank_.refused("label/print", R"({"aliquot":"c1-d04-1"})", ErrorCode::conflict);
}

TEST_F(Safety, RejectedDosesAreNotAtRisk) {
  bank_.done("course/release", R"({"course":"c1"})");
  bank_.done("dose/reject", R"({"course":"c1","dose":"d03"})");
  bank_.done("hold/place", R"({"aliquot":"c1-d02-1"})");
  const Json risk = bank_.done("report/risk", R"({"course":"c1"})");
  EXPECT_EQ(risk.integer_or("doses_stored", 0), 11);
  EXPECT_EQ(risk.integer_or("doses_usable", 0), 10);
  std::int64_t sum = 0;
  for (const Json& row : risk["freezers"].items()) sum += row.integer_or("doses_at_risk", 0);
  EXPECT_EQ(sum, 11);
}

TEST_F(Safety, AnExcursionOfTheFutureIsRefused) {
  bank_.refused("excursion/record",
                cat(R"({"place":"freezer-1","from":")", format_utc(bank_.now), R"(","until":")",
                    format_utc(bank_.now + hours(1)), R"("})"),
                ErrorCode::invalid_value);
}

TEST_F(Safety, AnExcursionSaysWhatExposureCounts) {
  const auto told = [&](std::string_view rest) {
    return cat(R"({"place":"freezer-1","from":")", format_utc(bank_.now - hours(1)),
               R"(","until":")", format_utc(bank_.now), R"(")", rest, "}");
  };
  for (const char* rest :
       {"", R"(,"peak_cel":-100)", R"(,"above_s":{})", R"(,"above_s":{"-135":60})",
        R"(,"above_s":{"-150":60,"-120":60})", R"(,"peak_cel":-190,"above_s":{"-150":60})",
        R"(,"peak_cel":-136,"above_s":{"-150":60,"-135":1})",
        R"(,"above_s":{"-150":60,"-135":61})"}) {
    bank_.refused("excursion/record", told(rest), ErrorCode::invalid_value);
  }
  bank_.done("excursion/record",
             told(R"(,"peak_cel":-110,"above_s":{"-150":60,"-135":40,"-120":40})"));
}

TEST_F(Safety, WhatIsHeldAfterItWasPackedIsNotSent) {
  bank_.done("course/release", R"({"course":"c1"})");
  bank_.done("shipment/pack",
             cat(R"({"shipper":"OUTSIDE","to":"clinic-2","arrives_by":")",
                 format_utc(bank_.now + days(3)), R"(","codes":["c1-d01-1\r\n","c1-d02-1"]})"));
  bank_.done("hold/place", R"({"lot":"l1","kind":"recall"})");
  bank_.refused("shipment/send", R"({"shipment":"shipment-1"})", ErrorCode::conflict);
  bank_.done("hold/release", R"({"hold":"hold-1"})");
  bank_.done("shipment/send", R"({"shipment":"shipment-1"})");
}

TEST_F(Safety, WhatWasScannedTwiceIsNoSecondVial) {
  bank_.done("course/release", R"({"course":"c1"})");
  const auto pack = [&](Duration way, std::string_view codes) {
    return cat(R"({"shipper":"OUTSIDE","to":"clinic-2","arrives_by":")",
               format_utc(bank_.now + way), R"(","codes":[)", codes, "]}");
  };
  bank_.refused("shipment/pack", pack(days(3), R"("c1-d01-1","c1-d01-1\r")"), ErrorCode::duplicate);
  bank_.refused("shipment/pack", pack(days(91), R"("c1-d01-1")"), ErrorCode::invalid_value);
  bank_.done("shipment/pack", pack(days(89), R"("c1-d01-1","c1-d02-1")"));
  bank_.refused("disposal/request", R"({"aliquots":["c1-d04-1","c1-d04-1"],"method":"autoclave"})",
                ErrorCode::duplicate);
  bank_.done("disposal/request", R"({"aliquots":["c1-d04-1"],"method":"autoclave"})");
  bank_.refused("disposal/request", R"({"aliquots":["c1-d05-1","c1-d04-1"],"method":"oven"})",
                ErrorCode::conflict);
  bank_.done("disposal/withdraw", R"({"disposal":"disposal-1"})");
  bank_.done("disposal/request", R"({"aliquots":["c1-d05-1","c1-d04-1"],"method":"oven"})");
}

TEST_F(Safety, ATrialOfAListNeedsNoSecondPerson) {
  const std::string lines = "e-1,E-1,e,p9,,d1,1/2,quarantined,f4-r2-b2,A1,,\r\n";
  bank_.witness.clear();
  bank_.refused("bulk/import", list(lines), ErrorCode::witness_needed);
  auto trial = parse_json(list(lines));
  ASSERT_TRUE(trial.ok());
  const auto facts = bank_.facts.size();
  const Json reply = bank_.done("bulk/import", trial->set("dry_run", true).dump());
  EXPECT_EQ(reply.integer_or("new", -1), 1);
  EXPECT_EQ(bank_.facts.size(), facts);
}

TEST_F(Safety, AListCountsAsNewWhatIsStillToCome) {
  const Json reply =
      bank_.done("bulk/import", list("e-1,E-1,e,p9,,d1,1/2,expected,EXPECTED,,,\r\n"
                                     "e-2,E-2,e,p9,,d2,1/2,quarantined,f4-r2-b2,A1,,\r\n"));
  EXPECT_EQ(reply.integer_or("new", -1), 2);
  EXPECT_EQ(reply.integer_or("moved", -1), 0);
}

TEST_F(Safety, AHoldHasOneTarget) {
  for (const char* body :
       {R"({"aliquot":"c1-d01-1","lot":"l1"})", R"({"course":"c1","patient":"p1"})",
        R"({"course":"c1","dose":"d01","aliquot":"c1-d02-1"})",
        R"({"place":"freezer-1","course":"c1"})"}) {
    bank_.refused("hold/place", body, ErrorCode::invalid_value);
  }
  bank_.done("hold/place", R"({"course":"c1","dose":"d01"})");
}

TEST_F(Safety, APositionIsFreedByItsOwnerOnly) {
  bank_.done("course/register", R"({"course":"c2","patient":"p2","doses":1})");
  bank_.done("position/reserve", R"({"place":"f4-r2-b2","position":"A1","course":"c1"})");
  bank_.refused("position/free", R"({"place":"f4-r2-b2","position":"A1","course":"c2"})",
                ErrorCode::conflict);
  bank_.refused("position/free", R"({"place":"f4-r2-b2","position":"A2","course":"c1"})",
                ErrorCode::conflict);
  bank_.refused("position/unblock", R"({"place":"f4-r2-b2","position":"A1"})", ErrorCode::conflict);
  bank_.done("position/free", R"({"place":"f4-r2-b2","position":"A1","course":"c1"})");
}

class Shipments : public Safety {
 protected:
  std::string pack(std::string_view codes, std::string_view arrives = "2027-04-01T00:00:00Z") {
    return cat(R"({"shipper":"OUTSIDE","to":"x","arrives_by":")", arrives, R"(","codes":[)", codes,
               "]}");
  }
};

TEST_F(Shipments, WhatWasNeverReceivedIsNotSentOn) {
  bank_.done("course/register", R"({"course":"c2","patient":"p2","doses":1})");
  bank_.refused("shipment/pack", pack(R"("c2-d01-1")"), ErrorCode::conflict);
  bank_.refused("shipment/pack", pack(R"("c1-d01-1")", "2020-01-01T00:00:00Z"),
                ErrorCode::invalid_value);
}

TEST_F(Shipments, OneThatWasRejectedOnTheWayIsReceivedAsRejected) {
  bank_.done("course/release", R"({"course":"c1"})");
  bank_.done("shipment/pack", pack(R"("c1-d01-1","c1-d02-1")"));
  bank_.done("shipment/send", R"({"shipment":"shipment-1"})");
  bank_.done("dose/reject", R"({"course":"c1","dose":"d01"})");
  bank_.user = "supervisor";
  bank_.done("shipment/receive",
             R"({"shipment":"shipment-1","place":"dock","codes":["c1-d01-1","c1-d02-1\r"]})");
  EXPECT_EQ(bank_.aliquot("c1-d01-1").state, AliquotState::rejected);
  EXPECT_EQ(bank_.where("c1-d01-1"), "dock");
  EXPECT_EQ(bank_.aliquot("c1-d02-1").state, AliquotState::released);
}

TEST_F(Shipments, APackedShipmentIsTakenBack) {
  bank_.done("course/release", R"({"course":"c1"})");
  bank_.done("shipment/pack", pack(R"("c1-d01-1","c1-d02-1")"));
  const Json open = bank_.done("shipment/list", "{}");
  ASSERT_EQ(open["open"].items().size(), 1u);
  EXPECT_EQ(open["open"].items()[0].string_or("state", ""), "packed");
  EXPECT_EQ(open["open"].items()[0].integer_or("aliquots", 0), 2);
  bank_.refused("shipment/unpack",
                R"({"shipment":"shipment-1","place":"dock","codes":["c1-d03-1"]})",
                ErrorCode::mismatch);
  bank_.done("shipment/unpack", R"({"shipment":"shipment-1","place":"dock","codes":["c1-d01-1"]})");
  EXPECT_EQ(bank_.aliquot("c1-d01-1").state, AliquotState::released);
  EXPECT_EQ(bank_.where("c1-d01-1"), "dock");
  bank_.done("shipment/unpack", R"({"shipment":"shipment-1","place":"dock","codes":["c1-d02-1"]})");
  EXPECT_EQ(bank_.done("shipment/list", "{}").integer_or("count", -1), 0);
}

TEST_F(Safety, ADisposalKeepsItsVialsHereUntilItEnds) {
  bank_.done("disposal/request", R"({"aliquots":["c1-d01-1","c1-d02-1"],"method":"autoclave"})");
  EXPECT_EQ(bank_.done("disposal/list", "{}").integer_or("count", 0), 1);
  bank_.refused("shipment/pack",
                R"({"shipper":"OUTSIDE","to":"x","arrives_by":"2027-04-01T00:00:00Z",
                    "codes":["c1-d01-1"]})",
                ErrorCode::conflict);
  bank_.now = bank_.now + hours(25);
  bank_.user = "quality";
  bank_.roles = {"quality"};
  const Json reply = bank_.done("disposal/confirm", R"({"disposal":"disposal-1"})");
  EXPECT_EQ(
      reply.integer_or("aliquots", -1) + static_cast<std::int64_t>(reply["gone"].items().size()),
      2);
  EXPECT_EQ(bank_.aliquot("c1-d01-1").state, AliquotState::disposed);
  EXPECT_EQ(bank_.aliquot("c1-d02-1").state, AliquotState::disposed);
  EXPECT_EQ(bank_.done("disposal/list", "{}").integer_or("count", -1), 0);
}

}  // namespace
}  // namespace cryobank::inventory
