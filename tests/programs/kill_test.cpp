// The real daemon against the simulated hardware, killed at random moments of robot work: the
// record must equal the shelf or say UNKNOWN with an alarm, and no motion may happen twice.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "tests/programs/bank.hpp"

namespace cryobank::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kKills = 200;
constexpr int kVials = 12;
constexpr std::uint64_t kSeed = 20'261'122;

using Shelf = std::map<std::string, Location>;

Shelf shelf(SimControl& sim) {
  const Json answer = sim.ask(Json::object().set("do", "vials"));
  Shelf vials;
  for (const Json& vial : answer["reply"].items()) {
    const auto& words = vial["location"].items();
    const Location location{words[0].integer(), words[1].integer(), words[2].integer()};
    EXPECT_TRUE(vials.emplace(vial["code"].string(), location).second) << "one vial in two places";
  }
  return vials;
}

bool ended(const std::string& state) {
  return state == "done" || state == "failed" || state == "unknown" || state == "cancelled";
}

class KillTest : public ::testing::Test {
 protected:
  KillTest() : bank_("kill"), prng_(kSeed) {
    mix_the_port();
    bank_.start_all();
  }

  // These people bring the next course whether the robot left something in the port or not.
  void mix_the_port() {
    const auto file = std::filesystem::path(bank_.site_file()).parent_path() / "places.toml";
    std::string text = read_text(file.string());
    const std::string_view type = "id = \"transfer-port\"\n";
    const std::size_t at = text.find(type);
    ASSERT_NE(at, std::string::npos);
    text.insert(at + type.size(), "mixed = true\n");
    std::ofstream(file) << text;
  }

  // A person brings twelve vials and registers their course, unless a job is still open.
  void bring_work() {
    if (!job_.empty() && !ended(bank_.retained("job/" + job_).string_or("state", ""))) return;
    const std::string course = cat("course-", ++courses_);
    for (int i = 1; i <= kVials; ++i) {
      const std::int64_t position = (courses_ % 2) * kVials + i;
      bank_.sim().ask(Json::object()
                          .set("do", "put_vial")
                          .set("location", Json::array().push(901).push(0).push(position))
                          .set("code", cat(course, "-d", i < 10 ? "0" : "", i, "-1")));
      positions_.push(cat(position));
    }
    Json body = Json::object();
    body.set("course", course).set("patient", "patient-1").set("doses", kVials);
    body.set("store", Json::object().set("robot", "robot-1").set("positions", positions_));
    positions_ = Json::array();
    const auto session = bank_.login("operator");
    const auto reply = session->request("course/register", Json::object().set("body", body),
                                        seconds(10), false, [](const Json&) {});
    if (reply) job_ = (*reply)["body"].string_or("job", job_);
  }

  // One life of the daemon: online or not yet, with work under way, then the plug is pulled.
  void live_and_die() {
    bank_.start_daemon();
    if (prng_.chance(3, 4) && bank_.wait_online(seconds(10))) {
      if (prng_.chance(1, 2)) bring_work();
    }
    const auto wait = milliseconds(prng_.between(1, 2200));
    eventually(wait, [] { return false; });
    bank_.kill_daemon();
  }

  Bank bank_;
  Prng prng_;
  int courses_ = 0;
  std::string job_;
  Json positions_ = Json::array();
};

std::vector<Json> aliquots_of(const std::string& course) {
  std::vector<Json> aliquots;
  const auto json = parse_json(course);
  for (const Json& dose : (*json)["doses"].items()) {
    for (const Json& aliquot : dose["aliquots"].items()) aliquots.push_back(aliquot);
  }
  return aliquots;
}

bool says_unknown(const Json& aliquot) {
  const std::string place = aliquot["place"].string();
  return place == "UNKNOWN" || place == "unknown";
}

void expect_on_shelf(const Json& aliquot, const Shelf& vials) {
  const std::string code = aliquot["code"].string();
  const std::string place = aliquot["place"].string();
  const std::string position = aliquot.string_or("position", "");
  ASSERT_TRUE(vials.contains(code)) << code << " is recorded in " << place;
  EXPECT_EQ(vials.at(code), location_of(place, position))
      << code << " is recorded in " << place << " " << position;
}

TEST_F(KillTest, RecordEqualsTheShelfOrSaysUnknownAndNoMotionHappensTwice) {
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  bring_work();
  // A new robot has nothing to show that proves its memory, and would be doubted: it moves once.
  ASSERT_TRUE(eventually(seconds(60), [&] {
    const Json made = bank_.sim().ask(Json::object().set("do", "motions"));
    return !made["reply"]["motions"].items().empty();
  }));
  bank_.kill_daemon();
  for (int i = 1; i < kKills; ++i) live_and_die();
  bank_.start_daemon();
  ASSERT_TRUE(bank_.wait_online(seconds(20)));
  ASSERT_TRUE(eventually(seconds(120), [&] {
    return ended(bank_.retained("job/" + job_).string_or("state", ""));
  })) << bank_.retained("job/" + job_).dump();

  const auto vials = shelf(bank_.sim());
  const auto session = bank_.login("viewer");
  const auto courses = session->retained("course/+");
  ASSERT_TRUE(courses.ok());
  int unknown = 0;
  int placed = 0;
  for (const auto& [topic, payload] : *courses) {
    for (const Json& aliquot : aliquots_of(payload)) {
      if (says_unknown(aliquot)) {
        ++unknown;
      } else {
        expect_on_shelf(aliquot, vials);
        ++placed;
      }
    }
  }
  EXPECT_GE(placed, kVials);
  if (unknown > 0) {
    const auto alarms = bank_.login("viewer")->retained("alarm/+");
    ASSERT_TRUE(alarms.ok());
    EXPECT_GT(alarms->size(), 1u) << unknown << " vials are UNKNOWN and no alarm says so";
  }

  std::set<std::pair<std::string, std::int64_t>> motions;
  const Json made = bank_.sim().ask(Json::object().set("do", "motions"));
  for (const Json& motion : made["reply"]["motions"].items()) {
    EXPECT_TRUE(motions.emplace(motion["robot"].string(), motion["sequence"].integer()).second)
        << "a motion happened twice: " << motion.dump();
  }
  EXPECT_GE(motions.size(), static_cast<std::size_t>(kVials)) << "the robot hardly worked";
  std::printf("%d kills, %d courses, %d vials placed, %d unknown, %zu motions\n", kKills, courses_,
              placed, unknown, motions.size());
}

}  // namespace
}  // namespace cryobank::test
