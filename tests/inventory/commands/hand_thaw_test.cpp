// A thaw by hand, where no robot reaches: planned with a word of it, asked before the lid is
// opened, lifted and set down by scans, and its time out of the cold counted between the two.
#include "inventory/commands/decide.hpp"
#include "inventory/ledger/exposure.hpp"
#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/job_row.hpp"
#include "tests/inventory/commands/safety.hpp"

namespace cryobank::inventory {
namespace {

constexpr const char* kDose = R"({"course":"c1","dose":"d01"})";
constexpr const char* kScanned = R"({"course":"c1","dose":"d01","codes":["c1-d01-1"]})";

class HandThaw : public Safety {
 protected:
  // The rack of the first dose stands where no robot finds it; the dose is due now.
  void SetUp() override {
    Safety::SetUp();
    bank_.done("course/release", R"({"course":"c1"})");
    move_place(bank_.view().place(box_)->within.place.str(), "freezer-4", "4");
    plan_ = bank_.done("dose/plan", cat(R"({"course":"c1","dose":"d01","thaw_at":")",
                                        format_utc(bank_.now), R"("})"));
    home_ = bank_.where("c1-d01-1");
  }
  std::string refusal(std::string_view verb, std::string_view body) {
    const auto decided = told(verb, body);
    EXPECT_FALSE(decided.ok()) << verb;
    return decided.ok() ? std::string() : decided.error().context;
  }
  const Dose& dose() { return *bank_.view().course(CourseId("c1"))->find(DoseId("d01")); }

  Json plan_;
  std::string home_;
};

TEST_F(HandThaw, ThePlanSaysAtOnceWhichDoseNoRobotFinds) {
  EXPECT_EQ(plan_["by_hand"].dump(), R"(["d01"])");
  const std::string day = format_utc(bank_.now);
  const auto both = told("dose/plan", cat(R"({"course":"c1","doses":[{"dose":"d01","thaw_at":")",
                                          day, R"("},{"dose":"d12","thaw_at":")", day, R"("}]})"));
  ASSERT_TRUE(both.ok());
  EXPECT_NE(both->message.find("1 of them are thawed by hand (dose/lift): no robot finds c1-d01-1"),
            std::string::npos)
      << both->message;
  // What a robot finds is planned without a word of it.
  EXPECT_FALSE(
      bank_.done("dose/plan", cat(R"({"course":"c1","dose":"d12","thaw_at":")", day, R"("})"))
          .has("by_hand"));
  const Json list = render_worklist(bank_.ledger(), Zone().local(bank_.now).day, Zone());
  EXPECT_EQ(list["items"].items().at(0)["by_hand"].dump(), "true") << list.dump();
}

TEST_F(HandThaw, TheDaemonsPlanLeavesItToPeople) {
  EXPECT_NE(refusal("dose/thaw", kDose).find("dose/lift"), std::string::npos);
  bank_.user = "schedule";
  const std::size_t facts = bank_.facts.size();
  EXPECT_EQ(bank_.done("dose/thaw", kDose)["by_hand"].dump(), "true");
  EXPECT_EQ(bank_.facts.size(), facts) << "nothing was refused";
  EXPECT_EQ(dose().blocked, "");
  // What forbids the thaw is told of it as ever.
  bank_.user = "operator";
  bank_.done("hold/place", R"({"course":"c1","kind":"quality"})");
  bank_.user = "schedule";
  EXPECT_EQ(bank_.done("dose/thaw", kDose)["refused"].dump(), R"("conflict")");
  EXPECT_NE(dose().blocked, "");
}

TEST_F(HandThaw, VialsAreLiftedAndSetDownByScansAndTheirTimeRuns) {
  bank_.done("dose/lift", R"({"course":"c1","dose":"d01","dry_run":true})");
  EXPECT_EQ(bank_.where("c1-d01-1"), home_);
  bank_.refused("dose/lift", kDose, ErrorCode::malformed);
  bank_.witness = "";
  bank_.refused("dose/lift", kScanned, ErrorCode::witness_needed);
  bank_.witness = "witness";
  const Json lifted = bank_.done("dose/lift", kScanned);
  EXPECT_EQ(lifted["placements"].items().at(0)["place"].dump(), R"("station")");
  EXPECT_EQ(bank_.where("c1-d01-1"), "HANDS");
  EXPECT_EQ(bank_.aliquot("c1-d01-1").state, AliquotState::reserved);
  EXPECT_EQ(bank_.aliquot("c1-d01-1").out_since, bank_.now);
  EXPECT_EQ(bank_.dose_state("c1", "d01"), "thawing");
  EXPECT_NE(render_job(bank_.ledger(), dose().job).dump().find(R"("state":"running")"),
            std::string::npos);
  bank_.now = bank_.now + seconds(40);
  bank_.mismatch("dose/set-down", R"({"course":"c1","dose":"d01","codes":["c1-d02-1"]})");
  EXPECT_EQ(bank_.where("c1-d01-1"), "HANDS");
  bank_.now = bank_.now + seconds(10);
  EXPECT_EQ(bank_.done("dose/set-down", kScanned)["state"].dump(), R"("thawed")");
  EXPECT_EQ(bank_.where("c1-d01-1"), "station 1");
  const Aliquot vial = bank_.aliquot("c1-d01-1");
  EXPECT_EQ(vial.state, AliquotState::thawed);
  EXPECT_EQ(vial.handling.longest_s, 52U) << "50 s, and one for each command";
  EXPECT_EQ(int{vial.thaws}, 1);
  EXPECT_EQ(dose().thawed_at, bank_.now) << "the clock of its culture begins at the station";
  EXPECT_TRUE(bank_.ledger().open_jobs().empty());
  bank_.done("dose/reculture", kScanned);
  EXPECT_EQ(bank_.where("c1-d01-1"), "CULTURE");
}

TEST_F(HandThaw, WhatIsPutBackIsFrozenStockAgainAndItsTimeCounts) {
  bank_.done("dose/lift", kScanned);
  bank_.now = bank_.now + seconds(130);
  const auto back =
      told("dose/set-down", R"({"course":"c1","dose":"d01","codes":["c1-d01-1"],"back":true})");
  ASSERT_TRUE(back.ok()) << back.error().context;
  EXPECT_NE(back->message.find("out of the cold for 131 s: over budget"), std::string::npos)
      << back->message;
  EXPECT_EQ(bank_.where("c1-d01-1"), home_);
  EXPECT_EQ(bank_.aliquot("c1-d01-1").state, AliquotState::released);
  EXPECT_EQ(bank_.aliquot("c1-d01-1").out_since.ms, 0);
  EXPECT_EQ(bank_.dose_state("c1", "d01"), "planned");
  EXPECT_EQ(dose().blocked.substr(0, 21), "its thaw was stopped:");
  bank_.refused("dose/lift", kScanned, ErrorCode::conflict);  // over its budget
}

TEST_F(HandThaw, OfTwoVialsOneIsThawedAndOneIsLost) {
  bank_.done("course/register", R"({"course":"c2","patient":"p2","doses":1,"aliquots_per_dose":2,
                                    "store":{}})");
  bank_.run_jobs();
  bank_.done("course/release", R"({"course":"c2"})");
  bank_.done("dose/plan",
             cat(R"({"course":"c2","dose":"d01","thaw_at":")", format_utc(bank_.now), R"("})"));
  // A robot finds them; by hand goes all the same, as when it is broken.
  bank_.refused("dose/lift", R"({"course":"c2","dose":"d01","codes":["c2-d01-1"]})",
                ErrorCode::invalid_value);
  bank_.done("dose/lift", R"({"course":"c2","dose":"d01","codes":["c2-d01-2","c2-d01-1"]})");
  const Json first =
      bank_.done("dose/set-down", R"({"course":"c2","dose":"d01","codes":["c2-d01-2"]})");
  EXPECT_EQ(first["left"].dump(), "1");
  EXPECT_EQ(first["state"].dump(), R"("thawing")");
  bank_.witness = "";
  EXPECT_FALSE(told("dose/set-down", R"({"course":"c2","dose":"d01","lost":true})").ok());
  bank_.witness = "witness";
  const Json last = bank_.done("dose/set-down", R"({"course":"c2","dose":"d01","lost":true})");
  EXPECT_EQ(last["state"].dump(), R"("thawed")");
  EXPECT_EQ(bank_.aliquot("c2-d01-1").state, AliquotState::lost);
  EXPECT_EQ(bank_.where("c2-d01-1"), "UNKNOWN");
  EXPECT_EQ(bank_.where("c2-d01-2"), "station 2");
  EXPECT_FALSE(bank_.view().course(CourseId("c2"))->find(DoseId("d01"))->thawed_at.ms == 0);
}

TEST_F(HandThaw, WhatForbidsARobotsThawForbidsThatOfPeople) {
  bank_.refused("dose/lift", R"({"course":"c1","dose":"d02","codes":["c1-d02-1"]})",
                ErrorCode::conflict);  // not planned
  bank_.refused("dose/lift", R"({"course":"c1","dose":"d01","codes":["c1-d01-1"],"place":"dock"})",
                ErrorCode::invalid_value);
  bank_.done("label/print", R"({"aliquot":"c1-d01-1"})");
  bank_.done("label/void", R"({"aliquot":"c1-d01-1"})");
  bank_.refused("dose/lift", kScanned, ErrorCode::conflict);
  bank_.done("label/print", R"({"aliquot":"c1-d01-1"})");
  bank_.refused("dose/lift", kScanned, ErrorCode::conflict);  // not scanned back
  bank_.done("label/verify", R"({"aliquot":"c1-d01-1","code":"c1-d01-1"})");
  bank_.mismatch("dose/lift", R"({"course":"c1","dose":"d01","codes":["c1-d02-1"]})");
  bank_.done("hold/place", R"({"course":"c1","kind":"quality"})");
  bank_.refused("dose/lift", kScanned, ErrorCode::conflict);
  EXPECT_EQ(bank_.where("c1-d01-1"), home_);
}

TEST_F(HandThaw, NoOtherActTakesAVialOutOfHands) {
  bank_.done("dose/lift", kScanned);
  const std::string job = dose().job.str();
  EXPECT_NE(refusal("job/cancel", cat(R"({"job":")", job, R"("})")).find("dose/set-down"),
            std::string::npos);
  EXPECT_NE(refusal("aliquot/move", R"({"aliquot":"c1-d01-1","code":"c1-d01-1","place":"dock"})")
                .find("open job"),
            std::string::npos);
  bank_.refused("dose/lift", kScanned, ErrorCode::conflict);
  bank_.refused("dose/reject", kDose, ErrorCode::conflict);
  // A hold that comes now keeps nobody from saying where it stands.
  bank_.done("hold/place", R"({"course":"c1","kind":"quality"})");
  bank_.done("dose/set-down", kScanned);
  EXPECT_EQ(bank_.where("c1-d01-1"), "station 1");
}

TEST_F(HandThaw, AHandMoveOntoAThawStationIsPointedToIt) {
  EXPECT_NE(refusal("aliquot/move",
                    R"({"aliquot":"c1-d12-1","code":"c1-d12-1","place":"station","position":"1"})")
                .find("dose/lift"),
            std::string::npos);
  EXPECT_NE(refusal("aliquot/move",
                    R"({"aliquot":"c1-d12-1","code":"c1-d12-1","place":"gripper","position":"1"})")
                .find("dose/lift"),
            std::string::npos);
}

}  // namespace
}  // namespace cryobank::inventory
