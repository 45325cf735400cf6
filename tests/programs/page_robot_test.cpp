// A robot that a stranger built from docs/registers.md (page_robot.py, no code of ours) conforms,
// stores a course, and survives deaths of the daemon: each vial where the record says, no motion
// twice.
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <set>

#include "base/text.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kVials = 6;
constexpr int kKills = 5;

class PageRobotTest : public ::testing::Test {
 protected:
  PageRobotTest() : bank_("page"), port_(free_port()) {
    Json vials = Json::object();
    for (int i = 1; i <= kVials; ++i) vials.set(cat("901/0/", i), code(i));
    std::ofstream(shelf_file())
        << Json::object().set("vials", std::move(vials)).set("motions", Json::array()).dump();
    power_up({});
  }

  // It begins with what stands on its shelf and remembers nothing else.
  void power_up(const std::vector<std::string>& options) {
    std::vector<std::string> arguments{"/usr/bin/python3",
                                       CRYOBANK_SOURCE_DIR "/tests/programs/page_robot.py",
                                       cat(port_), shelf_file()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    robot_ = Process(arguments, (bank_.directory() / "page_robot.log").string());
    EXPECT_TRUE(wait_for_port(port_, seconds(30)));
  }

  void begin() {
    bank_.start_world();
    bank_.use_robot(port_);
    bank_.start_daemon();
    ASSERT_TRUE(bank_.wait_online(seconds(20)));
  }
  // All vials of the shelf, to be put into the freezers; gives the job.
  std::string store_course() {
    Json body = Json::object().set("course", "course-1").set("patient", "patient-1");
    body.set("doses", kVials).set("store", Json::object().set("robot", "robot-1"));
    const auto reply = bank_.login("operator")
                           ->request("course/register", Json::object().set("body", std::move(body)),
                                     seconds(20), false, [](const Json&) {});
    EXPECT_TRUE(reply.ok());
    if (!reply) return {};
    EXPECT_EQ((*reply)["status"].string(), "accepted") << reply->dump();
    return (*reply)["body"].string_or("job", "");
  }

  static std::string code(int number) { return cat("course-1-d0", number, "-1"); }
  std::string shelf_file() const { return (bank_.directory() / "shelf.json").string(); }
  std::size_t motions() const { return shelf()["motions"].items().size(); }
  Json shelf() const { return parse_json(read_text(shelf_file()), 1u << 20).value(); }

  // Where the robot's shelf has each code.
  std::map<std::string, std::string> found() const {
    std::map<std::string, std::string> places;
    const Json now = shelf();
    for (const auto& [place, vial] : now["vials"].members()) places[vial.string()] = place;
    return places;
  }

  void expect_record_equals_shelf() {
    const auto places = found();
    EXPECT_EQ(places.size(), static_cast<std::size_t>(kVials));
    const Json course = bank_.retained("course/course-1");
    for (const Json& dose : course["doses"].items()) {
      for (const Json& aliquot : dose["aliquots"].items()) {
        const std::string place = aliquot["place"].string();
        ASSERT_TRUE(place.starts_with("freezer-")) << aliquot.dump();
        const Location at = location_of(place, aliquot.string_or("position", ""));
        EXPECT_EQ(places.at(aliquot["code"].string()), cat(at[0], "/", at[1], "/", at[2]));
      }
    }
  }

  Bank bank_;
  int port_;
  Process robot_;
};

TEST_F(PageRobotTest, ConformsToTheBlock) {
  const std::string log = (bank_.directory() / "conform.log").string();
  const std::string ctl = CRYOBANK_BIN_DIR "/cryobankctl";
  const std::string profile = CRYOBANK_SOURCE_DIR "/config/devices/cryobank-robot-1.toml";
  Process conform(
      {ctl, "device", "conform", "--profile", profile, "--port", cat(port_), "--may-move"}, log);
  EXPECT_EQ(conform.wait(seconds(60)), 0) << read_text(log);
  EXPECT_NE(read_text(log).find("ok          R19"), std::string::npos);
}

TEST_F(PageRobotTest, StoresACourseThoughTheDaemonDiesAgainAndAgain) {
  begin();
  const std::string job = store_course();
  ASSERT_FALSE(job.empty());
  // A new robot has nothing to show that proves its memory: it is new no more.
  ASSERT_TRUE(eventually(seconds(20), [&] { return motions() > 0; }));
  for (int kill = 0; kill < kKills; ++kill) {
    eventually(milliseconds(300 + 170 * kill), [] { return false; });
    bank_.kill_daemon();
    bank_.start_daemon();
    ASSERT_TRUE(bank_.wait_online(seconds(20)));
  }
  ASSERT_TRUE(eventually(seconds(90), [&] {
    return bank_.retained(cat("job/", job)).string_or("state", "") == "done";
  })) << bank_.retained(cat("job/", job)).dump();
  expect_record_equals_shelf();
  std::set<std::int64_t> motions;
  const Json now = shelf();
  for (const Json& motion : now["motions"].items()) {
    EXPECT_TRUE(motions.insert(motion.integer()).second) << "motion " << motion.dump() << " twice";
  }
  EXPECT_EQ(motions.size(), static_cast<std::size_t>(kVials));
}

TEST_F(PageRobotTest, AVialWithAnotherCodeIsLeftWhereItWasAndTheAskerIsTold) {
  begin();
  // The record expects other vials than those that stand in the port.
  Json body = Json::object().set("course", "course-2").set("patient", "patient-2");
  body.set("doses", 1).set("store", Json::object().set("robot", "robot-1"));
  const Json reply = bank_.command("operator", "course/register", std::move(body));
  EXPECT_EQ(reply.string_or("status", ""), "failed") << reply.dump();
  EXPECT_EQ(found().at(code(1)), "901/0/1") << "the wrong vial stays where it was";
}

// The daemon dies between the write of a motion and its answer, and the robot, which is new, loses
// its memory meanwhile: it shows what it showed before, and has moved the vial all the same.
TEST_F(PageRobotTest, ANewRobotThatForgotWhileTheDaemonWasDeadIsDoubtedAndMovesNothingTwice) {
  robot_.stop(SIGKILL);
  power_up({"mute"});
  begin();
  const std::string job = store_course();
  ASSERT_FALSE(job.empty());
  ASSERT_TRUE(eventually(seconds(30), [&] { return motions() == 1; }));
  bank_.kill_daemon();
  robot_.stop(SIGKILL);
  power_up({});
  bank_.start_daemon();
  ASSERT_TRUE(eventually(seconds(60), [&] {
    return bank_.retained(cat("job/", job)).string_or("state", "") == "unknown";
  })) << bank_.retained(cat("job/", job)).dump();
  EXPECT_TRUE(eventually(seconds(5), [&] {
    return bank_.retained(cat("alarm/", job, ".vial-unknown")).string_or("priority", "") == "p1";
  }));
  EXPECT_EQ(motions(), 1u) << "nothing is ordered while a vial is in doubt";
}

}  // namespace
}  // namespace cryobank::test
