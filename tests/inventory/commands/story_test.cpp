// Stories: a course from registration to the last drip, and what happens when a step goes wrong.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "inventory/ledger/allocation.hpp"
#include "tests/inventory/bank.hpp"

namespace cryobank::inventory {
namespace {

constexpr std::string_view kRegisterBody =
    R"({"course":"c1","patient":"p1","protocol":"nk-12","lot":"l1","doses":12,
        "store":{"robot":"robot-1"}})";

constexpr std::string_view kReculture = R"({"course":"c1","dose":"d01","codes":["c1-d01-1"]})";

std::string plan_at(WallTime at, std::string_view dose = "d01", std::string_view course = "c1") {
  return cat(R"({"course":")", course, R"(","dose":")", dose, R"(","thaw_at":")", format_utc(at),
             R"("})");
}

void release(Bank& bank, std::string_view course = "c1") {
  bank.user = "qc";
  bank.done("course/release", cat(R"({"course":")", course, R"("})"));
  bank.user = "operator";
}

TEST(Story, TwelveDosesAreRegisteredAndStoredByTheRobot) {
  Bank bank;
  const auto decision = bank.tell("course/register", kRegisterBody);
  ASSERT_TRUE(decision.ok()) << decision.error().context;
  EXPECT_TRUE(decision->accepted_only);
  EXPECT_EQ(decision->reply.string_or("job", ""), "job-1");
  EXPECT_EQ(bank.where("c1-d01-1"), "port 1");
  EXPECT_EQ(bank.aliquot("c1-d01-1").state, AliquotState::quarantined);
  bank.run_jobs();
  EXPECT_EQ(bank.ledger().find_job(JobId("job-1"))->state, JobState::done);
  const auto spread = doses_by_freezer(bank.view(), *bank.view().course(CourseId("c1")));
  EXPECT_EQ(spread.size(), 4u);
  for (const auto& [freezer, doses] : spread) EXPECT_LE(doses.size(), 6u) << freezer.str();
  EXPECT_EQ(bank.dose_state("c1", "d12"), "stored");
  expect_sound(bank.ledger());
  bank.expect_rebuilds();
}

TEST(Story, WhatAScannerPutsAroundANewCodeComesOff) {
  Bank bank;
  bank.done("course/register",
            R"({"course":"c2","patient":"p","doses":2,"codes":["K-1\r\n","\tK-2 "]})");
  bank.done("course/register",
            R"({"course":"c3","patient":"p","doses":[{"aliquots":[{"code":" K-3\r"}]}]})");
  EXPECT_EQ(bank.view().owner_of_code("K-1").str(), "c2-d01-1");
  EXPECT_EQ(bank.view().owner_of_code("K-2").str(), "c2-d02-1");
  EXPECT_EQ(bank.view().owner_of_code("K-3").str(), "c3-d01-1");
}

TEST(Story, ADoseGoesFromTheFreezerToThePatient) {
  Bank bank;
  bank.done("course/register", kRegisterBody);
  bank.run_jobs();
  release(bank);
  bank.done("dose/plan", plan_at(bank.now + hours(1)));
  EXPECT_EQ(next_due(bank.ledger()), bank.now + hours(1) - seconds(1));
  EXPECT_TRUE(due_doses(bank.ledger(), bank.now).empty());
  bank.now = bank.now + hours(2);
  const auto due = due_doses(bank.ledger(), bank.now);
  ASSERT_EQ(due.size(), 1u);
  bank.user = "schedule";
  bank.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
  bank.user = "operator";
  EXPECT_TRUE(due_doses(bank.ledger(), bank.now).empty());
  bank.run_jobs();
  EXPECT_EQ(bank.dose_state("c1", "d01"), "thawed");
  EXPECT_EQ(bank.where("c1-d01-1"), "station 1");
  bank.done("dose/reculture", kReculture);
  EXPECT_EQ(bank.where("c1-d01-1"), "CULTURE");
  bank.done("dose/harvest", R"({"course":"c1","dose":"d01","code":"c1/d01","cells":500000000})");
  const std::string_view issue = R"({"course":"c1","dose":"d01","code":"c1/d01","to":"clinic-1"})";
  bank.refused("dose/issue", issue, ErrorCode::witness_needed);
  bank.witness = "witness";
  bank.done("dose/issue", issue);
  bank.done("dose/infuse", R"({"course":"c1","dose":"d01","code":"c1/d01","part":"1/2"})");
  EXPECT_EQ(bank.dose_state("c1", "d01"), "issued");
  bank.refused("dose/infuse", R"({"course":"c1","dose":"d01","code":"c1/d01","part":"2/3"})",
               ErrorCode::conflict);
  bank.reason = "the patient is unwell";
  bank.refused("dose/return", R"({"course":"c1","dose":"d01","code":"c1/d01"})",
               ErrorCode::conflict);
  bank.reason.clear();
  bank.done("dose/infuse", R"({"course":"c1","dose":"d01","code":"c1/d01"})");
  EXPECT_EQ(bank.dose_state("c1", "d01"), "infused");
  EXPECT_EQ(bank.aliquot("c1-d01-1").state, AliquotState::used);
  EXPECT_EQ(bank.where("c1-d01-1"), "OUTSIDE");
  expect_sound(bank.ledger());
  bank.expect_rebuilds();
}

// The demonstration shows a dose from the freezer to the patient: its people wait for these words.
TEST(Story, ThePeopleOfTheDemonstrationKnowTheStatesOfADose) {
  std::ifstream in(CRYOBANK_SOURCE_DIR "/scripts/demo_people");
  std::stringstream text;
  text << in.rdbuf();
  for (const DoseState state :
       {DoseState::planned, DoseState::thawed, DoseState::reculture, DoseState::harvested}) {
    EXPECT_NE(text.str().find(cat('"', name_of(state), '"')), std::string::npos) << name_of(state);
  }
}

TEST(Story, AThawThatMayNotBeIsToldAndWaitsForItsCause) {
  Bank bank;
  bank.done("course/register", kRegisterBody);
  bank.run_jobs();
  bank.done("dose/plan", plan_at(bank.now + hours(1)));
  bank.now = bank.now + hours(2);
  bank.refused("dose/thaw", R"({"course":"c1","dose":"d01"})", ErrorCode::conflict);
  bank.user = "schedule";
  const Json reply = bank.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
  EXPECT_EQ(reply.string_or("refused", ""), "conflict");
  EXPECT_TRUE(due_doses(bank.ledger(), bank.now).empty()) << "it would be asked again at once";
  bank.expect_rebuilds();
  release(bank);
  EXPECT_EQ(due_doses(bank.ledger(), bank.now).size(), 1u);
}

TEST(Story, TwoCoursesNeverStandAtOneStation) {
  Bank bank;
  bank.done("course/register", kRegisterBody);
  bank.run_jobs();
  bank.done("course/register",
            R"({"course":"c2","patient":"p2","doses":2,"store":{"robot":"robot-1"}})");
  bank.run_jobs();
  release(bank, "c1");
  release(bank, "c2");
  bank.done("dose/plan", plan_at(bank.now + hours(1)));
  bank.done("dose/plan", plan_at(bank.now + hours(1), "d01", "c2"));
  bank.now = bank.now + hours(2);
  bank.done("dose/thaw", R"({"course":"c1","dose":"d01"})");
  bank.refused("dose/thaw", R"({"course":"c2","dose":"d01"})", ErrorCode::interlock);
  bank.run_jobs();
  bank.user = "schedule";
  bank.done("dose/thaw", R"({"course":"c2","dose":"d01"})");
  bank.user = "operator";
  EXPECT_TRUE(due_doses(bank.ledger(), bank.now).empty());
  bank.done("dose/reculture", kReculture);
  EXPECT_EQ(due_doses(bank.ledger(), bank.now).size(), 1u) << "the station is free again";
  bank.done("dose/thaw", R"({"course":"c2","dose":"d01"})");
  bank.run_jobs();
  EXPECT_EQ(bank.dose_state("c2", "d01"), "thawed");
}

TEST(Story, ADoubtMakesThePlaceUnknownUntilTwoPeopleLook) {
  Bank bank;
  bank.done("course/register", kRegisterBody);
  const JobId job("job-1");
  ASSERT_TRUE(bank.commit(move_issued(job, 0, 1, Epoch{1}, bank.now)).ok());
  ASSERT_TRUE(bank.commit(move_holding(job, 0, "c1-d01-1", bank.now)).ok());
  EXPECT_EQ(bank.where("c1-d01-1"), "gripper 1");
  ASSERT_TRUE(bank.commit(move_unknown(job, 0, "", "power lost", bank.now)).ok());
  EXPECT_EQ(bank.where("c1-d01-1"), "UNKNOWN");
  const Move move = bank.ledger().find_job(job)->moves[0];
  EXPECT_EQ(bank.ledger().find_job(job)->state, JobState::unknown);
  EXPECT_TRUE(bank.view().place(move.to)->held.contains(move.to_at));
  EXPECT_TRUE(bank.view().place(move.from)->held.contains(move.from_at));
  EXPECT_TRUE(bank.ledger().open_jobs().empty());
  bank.expect_rebuilds();

  const std::string found =
      cat(R"({"job":"job-1","code":"c1-d01-1","place":")", move.to.str(), R"(","position":")",
          move.to_position, R"(","at_robot":"robot-1"})");
  bank.refused("job/resolve", found, ErrorCode::witness_needed);
  bank.witness = "witness";
  bank.refused("job/resolve",
               R"({"job":"job-1","code":"other","place":"port","position":"1",)"
               R"("at_robot":"robot-1"})",
               ErrorCode::mismatch);
  const std::string elsewhere =
      cat(R"({"job":"job-1","code":"c1-d01-1","place":")", move.to.str(), R"(","position":")",
          move.to_position, R"(","at_robot":"robot-2"})");
  bank.refused("job/resolve", elsewhere, ErrorCode::mismatch);
  bank.done("job/resolve", found);
  EXPECT_EQ(bank.where("c1-d01-1"), cat(move.to.str(), " ", move.to_position));
  EXPECT_TRUE(bank.view().place(move.to)->held.empty());
  EXPECT_TRUE(bank.view().place(PlaceId("gripper"))->held.empty());
  EXPECT_EQ(bank.ledger().find_job(job)->state, JobState::failed);
  bank.witness.clear();
  bank.done("aliquot/store", R"({"course":"c1"})");
  bank.run_jobs();
  EXPECT_EQ(bank.view().aliquots_in(PlaceId("port")).size(), 0u);
  expect_sound(bank.ledger());
  bank.expect_rebuilds();
}

TEST(Story, AFailedMoveEndsTheJobAndFreesWhatItHadReserved) {
  Bank bank;
  bank.done("course/register", kRegisterBody);
  const JobId job("job-1");
  ASSERT_TRUE(bank.commit(move_issued(job, 0, 1, Epoch{1}, bank.now)).ok());
  ASSERT_TRUE(bank.commit(move_not_delivered(job, 0, bank.now)).ok());
  EXPECT_FALSE(bank.commit(move_issued(job, 0, 1, Epoch{1}, bank.now)).ok());
  ASSERT_TRUE(bank.commit(move_issued(job, 0, 2, Epoch{1}, bank.now)).ok());
  ASSERT_TRUE(bank.commit(move_failed(job, 0, false, "source empty", bank.now)).ok());
  EXPECT_EQ(bank.where("c1-d01-1"), "port 1");
  EXPECT_EQ(bank.ledger().find_job(job)->state, JobState::failed);
  for (const auto& [id, node] : bank.ledger().tables().places) {
    EXPECT_TRUE(node.place.reserved.empty()) << id.str();
  }
  EXPECT_EQ(next_sequence(bank.ledger(), DeviceId("robot-1")), 3u);
  bank.expect_rebuilds();
}

TEST(Story, AProofWithAnotherCodeIsRefused) {
  Bank bank;
  bank.done("course/register", kRegisterBody);
  ASSERT_TRUE(bank.commit(move_issued(JobId("job-1"), 0, 1, Epoch{1}, bank.now)).ok());
  EXPECT_FALSE(bank.commit(move_holding(JobId("job-1"), 0, "another", bank.now)).ok());
  EXPECT_FALSE(bank.commit(move_done(JobId("job-1"), 0, "", bank.now)).ok());
  EXPECT_EQ(bank.where("c1-d01-1"), "port 1");
}

TEST(Story, NoHandFillsAPositionThatARobotMayComeBackTo) {
  Bank bank;
  bank.done("course/register", kRegisterBody);
  bank.done("course/register", R"({"course":"c2","patient":"p2","doses":1})");
  bank.witness = "witness";
  const JobId job("job-1");
  ASSERT_TRUE(bank.commit(move_issued(job, 0, 1, Epoch{1}, bank.now)).ok());
  const std::string to = R"({"aliquot":"c2-d01-1","code":"c2-d01-1","place":")";
  bank.refused("aliquot/move", to + R"(gripper","position":"1"})", ErrorCode::unsupported);
  ASSERT_TRUE(bank.commit(move_holding(job, 0, "c1-d01-1", bank.now)).ok());
  bank.reason = "no other place";
  bank.refused("aliquot/move", to + R"(port","position":"1","override":true})",
               ErrorCode::slot_taken);
  ASSERT_TRUE(bank.commit(move_failed(job, 0, false, "put back", bank.now)).ok());
  EXPECT_EQ(bank.where("c1-d01-1"), "port 1");
  EXPECT_TRUE(bank.view().place(PlaceId("port"))->reserved.empty());
  bank.expect_rebuilds();
}

TEST(Story, APausedJobIsNotCancelledWhileAVialHangs) {
  Bank bank;
  bank.done("course/register", kRegisterBody);
  ASSERT_TRUE(bank.commit(move_issued(JobId("job-1"), 0, 1, Epoch{1}, bank.now)).ok());
  bank.refused("job/cancel", R"({"job":"job-1"})", ErrorCode::conflict);
  bank.done("job/pause", R"({"job":"job-1"})");
  ASSERT_TRUE(bank.commit(move_done(JobId("job-1"), 0, "c1-d01-1", bank.now)).ok());
  EXPECT_EQ(bank.ledger().find_job(JobId("job-1"))->state, JobState::paused);
  bank.refused("job/resume", R"({"job":"job-1","at_robot":"robot-9"})", ErrorCode::mismatch);
  bank.done("job/resume", R"({"job":"job-1","at_robot":"robot-1"})");
  bank.done("job/cancel", R"({"job":"job-1"})");
  EXPECT_TRUE(bank.ledger().open_jobs().empty());
  bank.expect_rebuilds();
}

TEST(Story, RobotWordsCountFromTheFirstPosition) {
  Bank bank;
  const auto a1 = robot_location(bank.ledger(), PlaceId("f3-r2-b1"), "A1");
  const auto b2 = robot_location(bank.ledger(), PlaceId("f3-r2-b1"), "B2");
  ASSERT_TRUE(a1.ok() && b2.ok());
  EXPECT_EQ(*a1, (std::array<std::uint16_t, 3>{3, 2, 101}));
  EXPECT_EQ(*b2, (std::array<std::uint16_t, 3>{3, 2, 111}));
  EXPECT_FALSE(robot_location(bank.ledger(), PlaceId("f3-r2-b1"), "Z1").ok());
  EXPECT_FALSE(robot_location(bank.ledger(), PlaceId("room"), "").ok());
}

TEST(Story, ContentsOfAFreezerNameTheNextThaw) {
  Bank bank;
  bank.done("course/register", kRegisterBody);
  bank.run_jobs();
  bank.done("dose/plan", plan_at(bank.now + hours(5)));
  std::size_t doses = 0;
  for (int f = 1; f <= 4; ++f) {
    const auto contents = contents_of_device(bank.ledger(), DeviceId(cat("freezer-", f)));
    EXPECT_EQ(contents.aliquots, 3u);
    EXPECT_EQ(contents.courses, 1u);
    doses += contents.doses;
  }
  EXPECT_EQ(doses, 12u);
  const Json day = render_worklist(bank.ledger(), day_of(bank.now + hours(5), 0), Zone());
  ASSERT_TRUE(day["items"].is_array());
  EXPECT_EQ(day["items"].items()[0].string_or("dose", ""), "d01");
}

struct BadCommand {
  const char* name;
  const char* verb;
  const char* body;
  ErrorCode code;
};

class Refused : public testing::TestWithParam<BadCommand> {};

TEST_P(Refused, IsToldAndChangesNothing) {
  Bank bank;
  bank.done("course/register", kRegisterBody);
  if (std::string_view(GetParam().body).find("override\":true}}") != std::string_view::npos) {
    bank.witness = "witness";
    bank.reason = "two courses in the port";
  }
  bank.refused(GetParam().verb, GetParam().body, GetParam().code);
}

const BadCommand kBadCommands[] = {
    {"a_verb_nobody_knows", "course/paint", "{}", ErrorCode::unknown_key},
    {"a_body_that_is_no_object", "course/register", "[1]", ErrorCode::malformed},
    {"a_course_twice", "course/register", R"({"course":"c1","patient":"p","doses":1})",
     ErrorCode::already_exists},
    {"a_name_as_course_id", "course/register", R"({"course":"Jane Doe","patient":"p","doses":1})",
     ErrorCode::malformed},
    {"no_patient", "course/register", R"({"course":"c2","doses":1})", ErrorCode::malformed},
    {"no_doses", "course/register", R"({"course":"c2","patient":"p"})", ErrorCode::malformed},
    {"too_many_doses", "course/register", R"({"course":"c2","patient":"p","doses":61})",
     ErrorCode::invalid_value},
    {"codes_that_do_not_divide", "course/register",
     R"({"course":"c2","patient":"p","doses":2,"codes":["x","y","z"]})", ErrorCode::invalid_value},
    {"a_code_twice", "course/register",
     R"({"course":"c2","patient":"p","doses":2,"codes":["x","x"]})", ErrorCode::already_exists},
    {"a_code_with_a_blank", "course/register",
     R"({"course":"c2","patient":"p","doses":1,"codes":["a b"]})", ErrorCode::malformed},
    {"fractions_above_one_course", "course/register",
     R"({"course":"c2","patient":"p","doses":[{"fraction":"2/3","aliquots":[{"code":"n"}]},
         {"fraction":"1/2","aliquots":[{"code":"m"}]}]})",
     ErrorCode::invalid_value},
    {"a_dose_of_nothing", "course/register",
     R"({"course":"c2","patient":"p","doses":[{"fraction":"0/12","aliquots":[{"code":"n"}]},
         {"fraction":"1/2","aliquots":[{"code":"m"}]}]})",
     ErrorCode::invalid_value},
    {"a_code_that_a_spreadsheet_made", "course/register",
     R"({"course":"c2","patient":"p","doses":1,"codes":["1.2E+05"]})", ErrorCode::invalid_value},
    {"the_same_in_a_list_of_doses", "course/register",
     R"({"course":"c2","patient":"p","doses":[{"aliquots":[{"code":"3,4E+09"}]}]})",
     ErrorCode::invalid_value},
    {"a_code_twice_but_for_a_line_end", "course/register",
     R"({"course":"c2","patient":"p","doses":2,"codes":["x","x\r\n"]})", ErrorCode::already_exists},
    {"a_protocol_nobody_declared", "course/register",
     R"({"course":"c2","patient":"p","protocol":"x"})", ErrorCode::not_found},
    {"a_robot_that_does_not_exist", "course/register",
     R"({"course":"c2","patient":"p","doses":1,"store":{"robot":"r9"}})", ErrorCode::not_found},
    {"a_port_position_that_is_taken", "course/register",
     R"({"course":"c2","patient":"p","doses":1,"store":{"positions":["3"],"override":true}})",
     ErrorCode::slot_taken},
    {"more_vials_than_the_port_holds", "course/register",
     R"({"course":"c2","patient":"p","doses":13,"store":{"override":true}})", ErrorCode::no_space},
    {"storing_twice", "aliquot/store", R"({"course":"c1"})", ErrorCode::conflict},
    {"storing_a_strangers_vial", "aliquot/store", R"({"course":"c1","aliquots":["nobody"]})",
     ErrorCode::not_found},
    {"a_dose_that_does_not_exist", "dose/plan", R"({"course":"c1","dose":"d99","thaw_at":null})",
     ErrorCode::not_found},
    {"times_in_the_wrong_order", "dose/plan",
     R"({"course":"c1","dose":"d01","thaw_at":"2027-01-02T00:00:00Z",
         "infusion_at":"2027-01-01T00:00:00Z"})",
     ErrorCode::invalid_value},
    {"a_time_that_is_none", "dose/plan", R"({"course":"c1","dose":"d01","thaw_at":"soon"})",
     ErrorCode::malformed},
    {"thawing_what_is_not_planned", "dose/thaw", R"({"course":"c1","dose":"d01"})",
     ErrorCode::conflict},
    {"an_override_by_one_person", "dose/thaw", R"({"course":"c1","dose":"d01","override":true})",
     ErrorCode::invalid_value},
    {"infusing_alone", "dose/infuse", R"({"course":"c1","dose":"d01","code":"c1/d01"})",
     ErrorCode::witness_needed},
    {"harvesting_what_is_frozen", "dose/harvest", R"({"course":"c1","dose":"d01","code":"c1/d01"})",
     ErrorCode::conflict},
    {"rejecting_alone", "dose/reject", R"({"course":"c1","dose":"d01"})",
     ErrorCode::witness_needed},
    {"a_hold_without_a_reason", "hold/place", R"({"course":"c1"})", ErrorCode::invalid_value},
    {"a_hold_on_nothing", "hold/place", R"({"course":"c9"})", ErrorCode::not_found},
    {"a_release_of_no_hold", "hold/release", R"({"hold":"hold-9"})", ErrorCode::not_found},
    {"a_disposal_without_method", "disposal/request", R"({"aliquots":["c1-d01-1"]})",
     ErrorCode::malformed},
    {"releasing_twice_what_is_not_there", "course/release", R"({"course":"c9"})",
     ErrorCode::not_found},
    {"resolving_what_is_known", "job/resolve", R"({"job":"job-1","lost":true})",
     ErrorCode::witness_needed},
    {"moving_a_vial_alone", "aliquot/move",
     R"({"aliquot":"c1-d01-1","code":"c1-d01-1","place":"f1-r1-b1","position":"A1"})",
     ErrorCode::witness_needed},
};

INSTANTIATE_TEST_SUITE_P(BadInput, Refused, testing::ValuesIn(kBadCommands),
                         [](const auto& entry) { return std::string(entry.param.name); });

}  // namespace
}  // namespace cryobank::inventory
