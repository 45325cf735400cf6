// One aliquot, one course, for ever; nobody's name anywhere; who withdrew a consent, and what that
// leaves; what an exceptional release must name.
#include <gtest/gtest.h>

#include "inventory/ledger/hold.hpp"
#include "inventory/ledger/paper/label.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::string_view kConsentHold =
    R"({"patient":"p1","kind":"consent","asked_by":"next-of-kin",
        "asked_at":"2027-01-10T09:00:00Z"})";

class Identity : public testing::Test {
 protected:
  void SetUp() override {
    bank_.done("course/register",
               R"({"course":"c1","patient":"p1","lot":"l1","doses":4,"store":{}})");
    bank_.run_jobs();
    bank_.reason = "because";
    bank_.done("course/release", R"({"course":"c1"})");
  }
  void TearDown() override {
    expect_sound(bank_.ledger());
    bank_.expect_rebuilds();
  }
  void plan(std::string_view dose) {
    bank_.done("dose/plan", cat(R"({"course":"c1","dose":")", dose, R"(","thaw_at":")",
                                format_utc(bank_.now), R"("})"));
  }
  const Fact& last() { return bank_.facts.back(); }

  Bank bank_;
};

TEST_F(Identity, AnAliquotIsNeverLinkedToASecondCourseAndTheAttemptIsOnRecord) {
  bank_.mismatch("course/register",
                 R"({"course":"c2","patient":"p2","doses":1,"codes":["c1-d03-1"]})");
  EXPECT_EQ(last().type, fact::kSecondCourseRefused);
  EXPECT_EQ(last().data.string_or("course", ""), "c1");
  EXPECT_EQ(last().data.string_or("wanted", ""), "c2");
  EXPECT_EQ(bank_.view().course(CourseId("c2")), nullptr);
  bank_.mismatch("course/register",
                 R"({"course":"c2","patient":"p2","doses":[{"aliquots":[
                    {"aliquot":"c1-d04-1","code":"new"}]}]})");
  bank_.done("course/register", R"({"course":"c2","patient":"p2","doses":1})");
  bank_.mismatch("aliquot/store", R"({"course":"c2","aliquots":["c1-d01-1"]})");
  const std::string csv =
      "aliquot,code,course,patient,lot,dose,fraction,state,path,position\r\n"
      "c1-d01-1,c1-d01-1,c2,p2,,d01,1,released,EXPECTED,\r\n";
  const auto before = bank_.rows;
  const auto tried = bank_.tell("bulk/import", Json::object().set("csv", csv).set("dry_run", true));
  ASSERT_TRUE(tried.ok() && tried->refused) << "told";
  EXPECT_TRUE(tried->facts.empty()) << "and nothing left behind: no entry, no alarm";
  EXPECT_EQ(bank_.rows, before);
  bank_.witness = "witness";
  const auto listed = bank_.tell("bulk/import", Json::object().set("csv", csv));
  ASSERT_TRUE(listed.ok() && listed->refused);
  EXPECT_EQ(last().type, fact::kSecondCourseRefused);
  EXPECT_EQ(bank_.aliquot("c1-d01-1").course, CourseId("c1"));
  EXPECT_EQ(count_of(bank_.view().counters(), "second-courses"), 4u);
}

TEST_F(Identity, AFieldForANameIsRefusedAtAnyDepth) {
  bank_.refused("label/print", R"({"aliquot":"c1-d01-1","name":"x"})", ErrorCode::unknown_key);
  bank_.refused("label/print", R"({"aliquot":"c1-d01-1","Patient_Name":"x"})",
                ErrorCode::unknown_key);
  bank_.refused("course/register", R"({"course":"c2","patient":"p2","doses":1,"mrn":"1"})",
                ErrorCode::unknown_key);
  bank_.refused("course/register",
                R"({"course":"c2","patient":"p2","doses":[{"aliquots":[
                   {"code":"k","date_of_birth":"1960-01-01"}]}]})",
                ErrorCode::unknown_key);
}

TEST_F(Identity, AWithdrawnConsentSaysWhoAskedAndWhen) {
  bank_.refused("hold/place", R"({"patient":"p1","kind":"consent"})", ErrorCode::invalid_value);
  bank_.refused("hold/place",
                R"({"patient":"p1","kind":"consent","asked_by":"the neighbour",
                   "asked_at":"2027-01-10T09:00:00Z"})",
                ErrorCode::invalid_value);
  bank_.refused("hold/place", R"({"patient":"p1","kind":"consent","asked_by":"donor"})",
                ErrorCode::malformed);
  bank_.refused("hold/place",
                R"({"patient":"p1","kind":"recall","asked_by":"donor",
                   "asked_at":"2027-01-10T09:00:00Z"})",
                ErrorCode::invalid_value);
  bank_.refused("hold/place",
                R"({"patient":"p1","kind":"consent","asked_by":"donor",
                   "asked_at":"2027-02-10T09:00:00Z"})",
                ErrorCode::invalid_value);
  bank_.done("hold/place", kConsentHold);
  const Json hold = bank_.done("hold/list", "{}")["holds"].items()[0];
  EXPECT_EQ(hold.string_or("asked_by", ""), "next-of-kin");
  EXPECT_EQ(hold.string_or("asked_at", ""), "2027-01-10T09:00:00.000Z");
}

TEST_F(Identity, AWithdrawnConsentLeavesStorageASafetyTestAndDisposal) {
  plan("d01");
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
  bank_.run_jobs();
  bank_.done("hold/place", kConsentHold);
  const std::string codes = R"({"course":"c1","dose":"d01","codes":["c1-d01-1"]})";
  bank_.refused("dose/reculture", codes, ErrorCode::conflict);
  bank_.refused("dose/plan",
                cat(R"({"course":"c1","dose":"d02","thaw_at":")", format_utc(bank_.now), R"("})"),
                ErrorCode::conflict);
  bank_.witness = "witness";
  bank_.refused("dose/thaw", R"({"course":"c1","dose":"d02","override":true})",
                ErrorCode::conflict);
  bank_.refused("shipment/pack",
                R"({"shipper":"OUTSIDE","to":"x","arrives_by":"2027-02-01T00:00:00Z",
                   "codes":["c1-d02-1"]})",
                ErrorCode::conflict);
  bank_.done("aliquot/move",
             R"({"aliquot":"c1-d02-1","code":"c1-d02-1","place":"f4-r2-b2","position":"A1"})");
  bank_.refused("dose/thaw", R"({"course":"c1","dose":"d03","purpose":"curiosity"})",
                ErrorCode::invalid_value);
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d03","purpose":"safety-test"})");
  bank_.run_jobs();
  EXPECT_EQ(bank_.dose_state("c1", "d03"), "thawed");
  bank_.done("disposal/request", R"({"aliquots":["c1-d04-1"],"method":"autoclave"})");
}

TEST_F(Identity, WhatWasThawedForATestReachesNobodyAlsoWhenTheConsentIsGivenAgain) {
  bank_.done("hold/place", kConsentHold);
  bank_.refused("dose/thaw", R"({"course":"c1","dose":"d03","purpose":"safety-test"})",
                ErrorCode::witness_needed);
  bank_.witness = "witness";
  bank_.done("dose/thaw", R"({"course":"c1","dose":"d03","purpose":"safety-test"})");
  bank_.run_jobs();
  bank_.done("hold/release", R"({"hold":"hold-1"})");
  bank_.done("dose/reculture", R"({"course":"c1","dose":"d03","codes":["c1-d03-1"]})");
  bank_.done("dose/harvest", R"({"course":"c1","dose":"d03","code":"c1/d03"})");
  bank_.refused("dose/issue", R"({"course":"c1","dose":"d03","code":"c1/d03"})",
                ErrorCode::conflict);
  bank_.refused("dose/infuse", R"({"course":"c1","dose":"d03","code":"c1/d03"})",
                ErrorCode::conflict);
}

TEST_F(Identity, AHoldReachesACourseThatIsRegisteredLater) {
  bank_.done("hold/place", kConsentHold);
  bank_.done("course/register",
             R"({"course":"c9","patient":"p1","lot":"l9","doses":1,"store":{}})");
  bank_.run_jobs();
  EXPECT_EQ(holds_on(bank_.view(), bank_.aliquot("c9-d01-1")).size(), 1u);
  bank_.refused("course/release", R"({"course":"c9"})", ErrorCode::conflict);
}

TEST_F(Identity, AHoldDuringAPickStopsTheRestAndTheHandOver) {
  bank_.done("course/register",
             R"({"course":"c2","patient":"p2","doses":1,"aliquots_per_dose":3,"store":{}})");
  bank_.run_jobs();
  bank_.done("course/release", R"({"course":"c2"})");
  bank_.done("dose/plan",
             cat(R"({"course":"c2","dose":"d01","thaw_at":")", format_utc(bank_.now), R"("})"));
  const Json thaw = bank_.done("dose/thaw", R"({"course":"c2","dose":"d01"})");
  const JobId job(thaw.string_or("job", ""));
  const std::string code = bank_.ledger().find_job(job)->moves[0].code;
  const auto sequence = next_sequence(bank_.ledger(), DeviceId("robot-1"));
  ASSERT_TRUE(bank_.commit(move_issued(job, 0, sequence, Epoch{1}, bank_.now)).ok());
  bank_.done("hold/place", R"({"course":"c2","kind":"quality"})");
  EXPECT_EQ(bank_.ledger().find_job(job)->state, JobState::paused);
  ASSERT_TRUE(bank_.commit(move_done(job, 0, code, bank_.now)).ok());
  bank_.done("job/resume", cat(R"({"job":")", job.str(), R"(","at_robot":"robot-1"})"));
  EXPECT_FALSE(may_issue(bank_.ledger(), job, 1).ok()) << "a hold is no pause that anyone lifts";
  bank_.witness = "witness";
  bank_.refused("dose/issue", R"({"course":"c2","dose":"d01","code":"c2/d01"})",
                ErrorCode::conflict);
  bank_.done("hold/release", R"({"hold":"hold-1"})");
  EXPECT_TRUE(may_issue(bank_.ledger(), job, 1).ok());
}

TEST_F(Identity, AStationThatAMismatchLockedTakesNoFurtherVial) {
  bank_.done("course/register",
             R"({"course":"c2","patient":"p2","doses":1,"aliquots_per_dose":2,"store":{}})");
  bank_.run_jobs();
  bank_.done("course/release", R"({"course":"c2"})");
  bank_.done("dose/plan",
             cat(R"({"course":"c2","dose":"d01","thaw_at":")", format_utc(bank_.now), R"("})"));
  const JobId job(bank_.done("dose/thaw", R"({"course":"c2","dose":"d01"})").string_or("job", ""));
  bank_.done("hold/place", R"({"place":"station"})");
  EXPECT_FALSE(may_issue(bank_.ledger(), job, 0).ok());
  bank_.done("hold/release", R"({"hold":"hold-1"})");
  bank_.run_jobs();
  EXPECT_EQ(bank_.dose_state("c2", "d01"), "thawed");
}

struct MissingField {
  const char* name;
  const char* body;
  ErrorCode code;
};

class Exception : public testing::TestWithParam<MissingField> {};

TEST_P(Exception, IsRefusedWithoutIt) {
  Bank bank;
  bank.done("course/register", R"({"course":"c1","patient":"p1","doses":1,"store":{}})");
  bank.run_jobs();
  bank.reason = "because";
  bank.witness = "witness";
  bank.refused("quality/exception", GetParam().body, GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    EveryMandatoryField, Exception,
    testing::Values(
        MissingField{"no_criterion", R"({"course":"c1","investigation":"i","clinician":"k"})",
                     ErrorCode::malformed},
        MissingField{"a_blank_criterion",
                     R"({"course":"c1","criterion":"  ","investigation":"i","clinician":"k"})",
                     ErrorCode::malformed},
        MissingField{"no_investigation", R"({"course":"c1","criterion":"v","clinician":"k"})",
                     ErrorCode::malformed},
        MissingField{"no_clinician", R"({"course":"c1","criterion":"v","investigation":"i"})",
                     ErrorCode::malformed}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(ExceptionalRelease, NeedsTwoPeopleAReasonAndNoOpenHoldAndEveryLabelShowsIt) {
  constexpr std::string_view kBody =
      R"({"course":"c1","criterion":"viability 68 %","investigation":"dev-12","clinician":"k"})";
  Bank bank;
  bank.done("course/register", R"({"course":"c1","patient":"p1","doses":1,"store":{}})");
  bank.run_jobs();
  bank.reason = "because";
  bank.refused("quality/exception", kBody, ErrorCode::witness_needed);
  bank.witness = "witness";
  bank.reason = "";
  bank.refused("quality/exception", kBody, ErrorCode::invalid_value);
  bank.reason = "because";
  bank.done("hold/place", R"({"course":"c1","kind":"quality"})");
  bank.refused("quality/exception", kBody, ErrorCode::conflict);
  bank.done("hold/release", R"({"hold":"hold-1"})");
  bank.done("quality/exception", kBody);
  const Json label = bank.done("label/print", R"({"aliquot":"c1-d01-1"})");
  EXPECT_NE(label["lines"].dump().find(cat(kExceptionText, "viability 68 %")), std::string::npos);
  const Json course = render_course(bank.ledger(), CourseId("c1"));
  EXPECT_EQ(course["exception"].string_or("investigation", ""), "dev-12");
  EXPECT_EQ(course["exception"].string_or("witness", ""), "witness");
  bank.expect_rebuilds();
}

}  // namespace
}  // namespace cryobank::inventory
