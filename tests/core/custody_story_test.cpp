// Custody as time passes and as people err, through the whole core: reservations that end, vials
// that stand too long, a vial that is asked for twice, a job that waits for approval.
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "inventory/record/journal_format.hpp"
#include "service/core/desk/alarm_desk.hpp"
#include "tests/core/world.hpp"

namespace cryobank::core {
namespace {

void adapt(config::SiteConfig& config) {
  config.orders.approval = {"store"};
  for (config::PlaceTypeConfig& type : config.place_types) {
    if (type.id == "transfer-port") type.longest_stay = minutes(30);
    if (type.id == "thaw-station") type.longest_stay = {};
  }
}

class CustodyStory : public testing::Test {
 protected:
  CustodyStory() : world_(adapt) {
    world_.start();
    world_.link(true);
    world_.run(seconds(20));
    Json body = Json::object().set("course", "c-1").set("patient", "p-1");
    EXPECT_EQ(world_.ask("operator", "course/register", body.set("protocol", "ank-12"))
                  .string_or("status", ""),
              "done");
  }

  Json two_people(const char* verb, const Json& body) {
    const std::string id = world_.send("operator", verb, body, "witness");
    world_.run(seconds(1));
    world_.ask("witness", "witness/confirm", Json::object().set("command", id));
    world_.run(seconds(1));
    return world_.reply(id);
  }
  Json move(std::string_view vial, std::string_view place, std::string_view position) {
    Json body = Json::object().set("aliquot", vial).set("code", vial);
    return two_people("aliquot/move", body.set("place", place).set("position", position));
  }
  std::size_t entries(const FactName& type) {
    std::size_t found = 0;
    for (auto row = world_.rows.lower_bound("j/"); row != world_.rows.end(); ++row) {
      if (!row->first.starts_with("j/")) break;
      const auto entry = inventory::parse_entry(row->second);
      EXPECT_TRUE(entry.ok()) << row->second;
      found += entry && entry->fact.type == type ? 1 : 0;
    }
    return found;
  }
  bool stands(const char* alarm) {
    const Json shown = world_.retained(alarm);
    return !shown.is_null() && shown.bool_or("active", true);
  }

  World world_;
};

TEST_F(CustodyStory, AReservationEndsAtItsTimeByAnEventAlsoAfterARestart) {
  Json body = Json::object().set("course", "c-1").set("place", "freezer-1-rack-1-box-1");
  body.set("until", format_utc(world_.now().wall + minutes(10)));
  ASSERT_EQ(world_.ask("operator", "position/reserve", body.set("position", "A1"))
                .string_or("status", ""),
            "done");
  body.set("until", format_utc(world_.now().wall + minutes(20)));
  world_.ask("operator", "position/reserve", body.set("position", "A2"));
  const auto reserved = [this] {
    return world_.retained("container/freezer-1-rack-1-box-1")["counts"].integer_or("reserved", -1);
  };
  world_.run(minutes(9));
  EXPECT_EQ(reserved(), 2);
  EXPECT_EQ(entries(fact::kReservationsEnded), 0u);
  world_.run(seconds(65));
  EXPECT_EQ(reserved(), 1) << "within seconds of its time";
  EXPECT_EQ(entries(fact::kReservationsEnded), 1u);
  world_.kill();
  world_.start();
  world_.link(true);
  world_.run(minutes(12));
  EXPECT_EQ(reserved(), 0);
  EXPECT_EQ(entries(fact::kReservationsEnded), 2u);
}

TEST_F(CustodyStory, AVialThatStandsTooLongIsAnAlarmUntilItLeaves) {
  constexpr const char* kAlarm = "alarm/transfer-port-1.stay-too-long";
  ASSERT_EQ(move("c-1-d01-1", "transfer-port-1", "1").string_or("status", ""), "done");
  world_.run(minutes(29));
  EXPECT_FALSE(stands(kAlarm));
  world_.run(minutes(3));
  ASSERT_TRUE(stands(kAlarm));
  EXPECT_NE(world_.retained(kAlarm).string_or("text", "").find("c-1-d01-1"), std::string::npos);
  ASSERT_EQ(move("c-1-d01-1", "freezer-1-rack-1-box-1", "A1").string_or("status", ""), "done");
  world_.run(minutes(2));
  EXPECT_FALSE(stands(kAlarm));
}

TEST_F(CustodyStory, VialsInATankThatNoMachineWatchesAreAnAlarmUntilTheyLeave) {
  constexpr const char* kAlarm = "alarm/tank-d.vials-unwatched";
  const auto make = [this](const char* place, const char* type, const char* parent,
                           const char* position) {
    Json body = Json::object().set("place", place).set("type", type).set("parent", parent);
    if (*position != 0) body.set("position", position);
    const Json made = world_.ask("supervisor", "place/make", body);
    ASSERT_EQ(made.string_or("status", ""), "done") << made.dump();
  };
  make("tank-d", "freezer", "room-1", "");
  make("rack-d", "rack", "tank-d", "1");
  make("box-d", "box", "rack-d", "1");
  world_.run(seconds(5));
  EXPECT_FALSE(stands(kAlarm)) << "nothing lies in it";
  ASSERT_EQ(move("c-1-d01-1", "box-d", "A1").string_or("status", ""), "done");
  world_.run(seconds(5));
  ASSERT_TRUE(stands(kAlarm));
  world_.kill();
  world_.start();
  world_.link(true);
  world_.run(seconds(30));
  EXPECT_TRUE(stands(kAlarm));
  ASSERT_EQ(move("c-1-d01-1", "freezer-1-rack-1-box-1", "A1").string_or("status", ""), "done");
  world_.run(seconds(5));
  EXPECT_FALSE(stands(kAlarm));
}

TEST_F(CustodyStory, AVialOverItsBudgetIsAnAlarmWhereItStandsUntilQualityWaivesIt) {
  constexpr const char* kAlarm = "alarm/c-1.d01.exposure-over-budget";
  ASSERT_EQ(move("c-1-d01-1", "freezer-1-rack-1-box-1", "A1").string_or("status", ""), "done");
  ASSERT_EQ(move("c-1-d01-1", "transfer-port-1", "2").string_or("status", ""), "done");
  world_.run(seconds(100));
  EXPECT_FALSE(stands(kAlarm));
  world_.run(seconds(40));
  ASSERT_TRUE(stands(kAlarm)) << "the hard budget is 120 s";
  EXPECT_NE(world_.retained(kAlarm).string_or("text", "").find("c-1-d01-1 (out since"),
            std::string::npos)
      << world_.retained(kAlarm).dump();
  ASSERT_EQ(move("c-1-d01-1", "freezer-1-rack-1-box-1", "A1").string_or("status", ""), "done");
  world_.run(minutes(5));
  EXPECT_TRUE(stands(kAlarm)) << "it is back in the cold, held and not waived";
  world_.kill();
  world_.start();
  world_.run(minutes(1));
  EXPECT_TRUE(stands(kAlarm));
  const std::string id = world_.send("quality", "exposure/waive",
                                     Json::object().set("aliquot", "c-1-d01-1"), "witness");
  world_.run(seconds(1));
  world_.ask("witness", "witness/confirm", Json::object().set("command", id));
  world_.run(seconds(5));
  EXPECT_EQ(world_.reply(id).string_or("status", ""), "done") << world_.reply(id).dump();
  EXPECT_FALSE(stands(kAlarm));
}

TEST_F(CustodyStory, AVialThatSomebodyLiftedAndDoesNotSetDownIsAP1) {
  constexpr const char* kAlarm = "alarm/c-1.d01.exposure-over-budget";
  ASSERT_EQ(move("c-1-d01-1", "freezer-1-rack-1-box-1", "A1").string_or("status", ""), "done");
  Json body = Json::object().set("course", "c-1").set("dose", "d01").set("override", true);
  body.set("codes", Json::array().push("c-1-d01-1"));
  const Json lifted = two_people("dose/lift", body);
  ASSERT_EQ(lifted.string_or("status", ""), "done") << lifted.dump();
  world_.run(seconds(100));
  EXPECT_FALSE(stands(kAlarm));
  world_.run(seconds(40));
  ASSERT_TRUE(stands(kAlarm)) << "the hard budget is 120 s";
  EXPECT_EQ(world_.retained(kAlarm).string_or("priority", ""), "p1");
  EXPECT_NE(world_.retained(kAlarm).string_or("text", "").find("Lifted and not set down"),
            std::string::npos);
}

TEST_F(CustodyStory, AVialThatIsAskedForByASecondCourseIsAnAlarm) {
  Json body = Json::object().set("course", "c-2").set("patient", "p-2").set("doses", 1);
  const Json reply =
      world_.ask("operator", "course/register", body.set("codes", Json::array().push("c-1-d01-1")));
  EXPECT_EQ(reply.string_or("status", ""), "rejected");
  EXPECT_EQ(reply.string_or("code", ""), "mismatch");
  EXPECT_EQ(entries(fact::kSecondCourseRefused), 1u);
  EXPECT_TRUE(world_.broker.contains("alarm/c-1-d01-1.second-course"));
}

TEST_F(CustodyStory, AJobThatWaitsForApprovalMovesNothingUntilAnotherPersonGivesIt) {
  for (int dose = 1; dose <= 12; ++dose) {
    const std::string code = cat("c-1-d", dose < 10 ? "0" : "", dose, "-1");
    const auto put = world_.hardware().put_vial({901, 0, static_cast<std::uint16_t>(dose)}, code);
    ASSERT_TRUE(put.ok()) << put.error().context;
  }
  const std::string id =
      world_.send("operator", "aliquot/store", Json::object().set("course", "c-1"));
  world_.run(minutes(5));
  EXPECT_EQ(world_.reply(id).string_or("status", ""), "accepted");
  EXPECT_EQ(world_.retained("job/job-1").string_or("state", ""), "created");
  EXPECT_EQ(entries(fact::kMoveIssued), 0u);
  const Json approved = world_.ask("supervisor", "job/approve",
                                   Json::object().set("job", "job-1").set("at_robot", "robot-1"));
  EXPECT_EQ(approved.string_or("status", ""), "done") << approved.dump();
  EXPECT_TRUE(world_.run_until([&] { return world_.reply(id).string_or("status", "") == "done"; },
                               minutes(30)));
  EXPECT_EQ(world_.retained("job/job-1").string_or("approved_by", ""), "supervisor");
}

TEST_F(CustodyStory, APositiveAfterTheHandOverIsARecallThatNamesTheDoseWithinSeconds) {
  ASSERT_TRUE(world_.hardware().put_vial({901, 0, 1}, "v-1").ok());
  Json body = Json::object().set("course", "c-3").set("patient", "p-3").set("lot", "l-3");
  body.set("doses", 1).set("codes", Json::array().push("v-1")).set("store", Json::object());
  const std::string stored = world_.send("operator", "course/register", body);
  world_.run(seconds(2));
  world_.ask("supervisor", "job/approve",
             Json::object().set("job", "job-1").set("at_robot", "robot-1"));
  ASSERT_TRUE(world_.run_until(
      [&] { return world_.reply(stored).string_or("status", "") == "done"; }, minutes(30)));
  const Json tests = *parse_json(R"([{"test":"viability","low":70},
                                     {"test":"sterility-14d","passes":"negative","late":true}])");
  const Json lot = Json::object().set("lot", "l-3");
  Json plan = lot, viability = lot, sterility = lot;
  world_.ask("quality", "quality/plan", plan.set("tests", tests));
  world_.ask("quality", "quality/result", viability.set("test", "viability").set("value", 91));
  const Json dose = Json::object().set("course", "c-3").set("dose", "d01");
  Json release = Json::object().set("course", "c-3").set("conditional", true);
  ASSERT_EQ(world_.ask("quality", "course/release", release).string_or("status", ""), "done");
  Json due = dose;
  world_.ask("operator", "dose/plan", due.set("thaw_at", format_utc(world_.now().wall)));
  ASSERT_TRUE(world_.run_until(
      [&] { return world_.retained("job/job-2").string_or("state", "") == "done"; }, minutes(30)));
  Json vials = dose, label = dose;
  label.set("code", "c-3/d01");
  world_.ask("operator", "dose/reculture", vials.set("codes", Json::array().push("v-1")));
  world_.ask("operator", "dose/harvest", label);
  ASSERT_EQ(two_people("dose/issue", label).string_or("status", ""), "done");
  sterility.set("test", "sterility-14d").set("finding", "positive");
  world_.send("quality", "quality/result", sterility);
  ASSERT_TRUE(world_.run_until(
      [&] { return world_.broker.contains("alarm/hold-1.doses-to-recall"); }, seconds(1)));
  const std::string text = world_.retained("alarm/hold-1.doses-to-recall").string_or("text", "");
  EXPECT_NE(text.find("c-3/d01"), std::string::npos) << text;
  EXPECT_EQ(text.find("p-3"), std::string::npos) << "who stands beside a pager reads it: " << text;
  EXPECT_EQ(two_people("dose/infuse", label).string_or("status", ""), "rejected");
}

TEST_F(CustodyStory, TwoCoursesInThePortAreToldWithinASecondAndNothingMoreIsPutThere) {
  const auto bring = [this](const char* course) {
    Json body = Json::object().set("course", course).set("patient", "p-1");
    body.set("protocol", "single").set("store", Json::object());
    return world_.ask("operator", "course/register", body);
  };
  ASSERT_EQ(move("c-1-d01-1", "transfer-port-1", "1").string_or("status", ""), "done");
  const Json reply = bring("c-2");
  EXPECT_EQ(reply.string_or("code", ""), "mismatch") << reply.dump();
  ASSERT_TRUE(world_.run_until([this] { return stands("alarm/hold-1.mismatch"); }, seconds(1)));
  EXPECT_EQ(bring("c-2").string_or("code", ""), "conflict");
  Json release = Json::object().set("hold", "hold-1");
  EXPECT_EQ(two_people("hold/release", release).string_or("code", ""), "not-authorised");
  const std::string id = world_.send("supervisor", "hold/release", release, "witness");
  world_.run(seconds(1));
  world_.ask("witness", "witness/confirm", Json::object().set("command", id));
  world_.run(seconds(2));
  EXPECT_EQ(world_.reply(id).string_or("status", ""), "done") << world_.reply(id).dump();
  EXPECT_FALSE(stands("alarm/hold-1.mismatch"));
  ASSERT_EQ(move("c-1-d01-1", "freezer-1-rack-1-box-1", "A1").string_or("status", ""), "done");
  EXPECT_EQ(bring("c-2").string_or("status", ""), "accepted") << "it waits for approval";
}

// A person scans the card of the patient instead of the vial: the pages of that mismatch lie beside
// every pager.
TEST_F(CustodyStory, APseudonymThatWasScannedStandsInNoAlarmAndInNoPage) {
  const Json vial = Json::object().set("aliquot", "c-1-d01-1");
  ASSERT_EQ(world_.ask("operator", "label/print", vial).string_or("status", ""), "done");
  world_.send("operator", "label/verify", Json(vial).set("code", "p-1"));
  ASSERT_TRUE(world_.run_until([this] { return stands("alarm/hold-1.mismatch"); }, seconds(2)));
  const std::string text = world_.retained("alarm/hold-1.mismatch").string_or("text", "");
  EXPECT_NE(text.find("scanned a patient"), std::string::npos) << text;
  world_.run(seconds(5));
  int pages = 0;
  for (const Publish& one : world_.published) {
    if (one.topic.find("/page/") == std::string::npos) continue;
    ++pages;
    EXPECT_EQ(one.payload.find("p-1 "), std::string::npos) << one.payload;
    EXPECT_EQ(one.payload.find("p-1\""), std::string::npos) << one.payload;
  }
  EXPECT_GT(pages, 0);
  const inventory::Ledger& ledger = world_.parts().bank.ledger;
  EXPECT_EQ(without_patients(ledger, "patient:p-1 (p-1), p-1. p-10 c-1-d01-1"),
            "patient:a patient (a patient), a patient. p-10 c-1-d01-1");
}

}  // namespace
}  // namespace cryobank::core
