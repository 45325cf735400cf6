// Robots through the whole core: a box that a robot reads, the order of moves, and a vial whose
// place is settled by two people.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "devices/robot/robot_report.hpp"
#include "service/core/recovery_words.hpp"
#include "tests/core/world.hpp"

namespace cryobank::core {
namespace {

constexpr int kRobotDoses = 12;

// Kana or a Chinese character: the first byte of its three in UTF-8.
bool is_japanese(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0xe3 && byte <= 0xe9;
  });
}

std::multiset<std::string> put_in(std::string_view text) {
  std::multiset<std::string> names;
  for (std::size_t open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    names.emplace(text.substr(open, text.find('}', open) - open + 1));
  }
  return names;
}

TEST(RecoveryWords, EverySentenceIsSaidInJapaneseTooAndPutsInTheSame) {
  for (const GuideSentence& one : guide::kAll) {
    EXPECT_FALSE(one.en.empty());
    EXPECT_TRUE(is_japanese(one.ja)) << one.en;
    EXPECT_EQ(put_in(one.en), put_in(one.ja)) << one.en;
  }
  for (const devices::LookReason& one : devices::look_reason::kAll) {
    EXPECT_FALSE(one.en.empty());
    EXPECT_TRUE(is_japanese(one.ja)) << one.en;
  }
  EXPECT_EQ(say(GuideTongue::japanese, guide::kGripper, {{"robot", "robot-7"}}),
            "robot-7 のグリッパー");
}

class RobotStory : public testing::Test {
 protected:
  void begin() {
    world_.start();
    ASSERT_TRUE(world_.run_until(
        [this] {
          return world_.retained("service/state").string_or("state", "") == "online" &&
                 world_.parts().bank.fleet.state({4}) == DeviceState::online;
        },
        seconds(60)));
  }
  void put_vials(std::string_view course) {
    for (int dose = 1; dose <= kRobotDoses; ++dose) {
      const std::string code = cat(course, "-d", dose < 10 ? "0" : "", dose, "-1");
      ASSERT_TRUE(
          world_.hardware().put_vial({901, 0, static_cast<std::uint16_t>(dose)}, code).ok());
    }
  }
  std::string register_course(std::string_view course) {
    put_vials(course);
    Json body = Json::object();
    body.set("course", course).set("patient", "p-1").set("protocol", "ank-12");
    body.set("store", Json::object().set("robot", "robot-1"));
    return world_.send("operator", "course/register", body);
  }
  bool ends(const std::string& command) {
    return world_.run_until(
        [&] {
          const std::string status = world_.reply(command).string_or("status", "");
          return status == "done" || status == "failed";
        },
        hours(2));
  }
  // It is held by nothing.
  bool may_park() const {
    const Bank& bank = world_.parts().bank;
    devices::RobotMotion park;
    park.sequence = UINT32_MAX;
    park.epoch = bank.epoch;
    return bank.fleet.may_move(world_.now(), {4}, park).ok();
  }
  bool sim(const Json& command) { return world_.hardware().control(command).ok(); }
  const inventory::Job& job(const char* id) {
    return *world_.parts().bank.ledger.find_job(JobId(id));
  }

  World world_;
};

TEST_F(RobotStory, a_robot_reads_a_whole_box_into_the_job_and_the_scan_is_compared) {
  begin();
  ASSERT_TRUE(ends(register_course("c1")));
  const inventory::Move& stored = job("job-1").moves.front();
  const std::string box = stored.to.str();
  const Json scan =
      Json::object().set("container", box).set("robot", "robot-1").set("at_robot", "robot-1");
  const std::string order = world_.send("operator", "scan/order", scan);
  ASSERT_TRUE(ends(order)) << world_.reply(order).dump() << world_.retained("job/job-2").dump()
                           << world_.retained("alarm/robot-1.motion-blocked").dump();
  ASSERT_EQ(world_.reply(order).string_or("status", ""), "done") << world_.reply(order).dump();
  const Json retained = world_.retained("job/job-2");
  EXPECT_EQ(retained.string_or("kind", ""), "scan");
  ASSERT_EQ(retained["codes"].items().size(), 81u) << retained.dump();
  std::size_t read = 0;
  for (const Json& code : retained["codes"].items()) read += code.string().empty() ? 0 : 1;
  std::size_t there = 0;
  for (const inventory::Move& move : job("job-1").moves) there += move.to.str() == box ? 1 : 0;
  EXPECT_EQ(read, there);

  const Json compare = Json::object().set("container", box).set("job", "job-2");
  const Json same = world_.ask("operator", "scan/preview", compare);
  ASSERT_EQ(same.string_or("status", ""), "done") << same.dump();
  EXPECT_EQ(same["body"]["same"].integer(), static_cast<std::int64_t>(there));
  EXPECT_TRUE(same["body"]["differences"].items().empty());
}

TEST_F(RobotStory, a_scan_finds_the_vial_that_somebody_took_and_accepts_it_as_missing) {
  begin();
  ASSERT_TRUE(ends(register_course("c1")));
  const inventory::Move stored = job("job-1").moves.front();
  const auto at =
      inventory::robot_location(world_.parts().bank.ledger, stored.to, stored.to_position);
  ASSERT_TRUE(at.ok());
  ASSERT_TRUE(world_.hardware().take_vial(*at).ok());
  const std::string order =
      world_.send("operator", "scan/order",
                  Json::object().set("container", stored.to.str()).set("at_robot", "robot-1"));
  ASSERT_TRUE(ends(order));
  Json compare = Json::object().set("container", stored.to.str()).set("job", "job-2");
  const Json preview = world_.ask("operator", "scan/preview", compare);
  ASSERT_EQ(preview["body"]["differences"].items().size(), 1u) << preview.dump();
  EXPECT_EQ(preview["body"]["differences"].items()[0].string_or("kind", ""), "missing");
  compare.set("token", preview["body"].string_or("token", "")).set("missing_to_unknown", true);
  const Json accepted = world_.ask("operator", "scan/accept", compare);
  EXPECT_EQ(accepted.string_or("status", ""), "done") << accepted.dump();
  const Json box = world_.retained(cat("container/", stored.to.str()));

  EXPECT_EQ(box.dump().find(stored.aliquot.str()), std::string::npos) << box.dump();
}

TEST_F(RobotStory, a_scan_from_before_a_vial_was_moved_is_not_accepted) {
  begin();
  ASSERT_TRUE(ends(register_course("c1")));
  const inventory::Move stored = job("job-1").moves.front();
  const std::string order =
      world_.send("operator", "scan/order",
                  Json::object().set("container", stored.to.str()).set("at_robot", "robot-1"));
  ASSERT_TRUE(ends(order));
  Json move = Json::object().set("aliquot", stored.aliquot.str()).set("code", stored.code);
  move.set("place", "transfer-port-1").set("position", "1");
  const std::string moved = world_.send("operator", "aliquot/move", move, "witness");
  world_.run(seconds(1));
  world_.ask("witness", "witness/confirm", Json::object().set("command", moved));
  ASSERT_EQ(world_.reply(moved).string_or("status", ""), "done") << world_.reply(moved).dump();
  const Json compare = Json::object().set("container", stored.to.str()).set("job", "job-2");
  const Json preview = world_.ask("operator", "scan/preview", compare);
  EXPECT_EQ(preview.string_or("code", ""), "conflict") << preview.dump();
}

TEST_F(RobotStory, a_job_opens_each_rack_once) {
  begin();
  ASSERT_TRUE(ends(register_course("c1")));
  std::vector<std::pair<std::uint32_t, std::string>> racks;
  for (const inventory::Move& move : job("job-1").moves) {
    const auto at =
        inventory::robot_location(world_.parts().bank.ledger, move.to, move.to_position);
    ASSERT_TRUE(at.ok());
    racks.emplace_back(move.sequence, cat((*at)[0], "/", (*at)[1]));
  }
  std::sort(racks.begin(), racks.end());
  std::map<std::string, std::size_t> vials, openings;
  std::string open;
  for (const auto& [sequence, rack] : racks) {
    ++vials[rack];
    if (rack != open) ++openings[rack];
    open = rack;
  }
  for (const auto& [rack, count] : vials) {
    EXPECT_EQ(openings[rack], (count + 7) / 8) << rack << " holds " << count << " vials of the job";
  }
}

TEST_F(RobotStory, two_people_are_guided_to_a_lost_vial_and_the_robot_is_released) {
  begin();
  ASSERT_TRUE(sim(Json::object().set("do", "fault").set("device", "robot-1").set("fault", "drop")));
  ASSERT_TRUE(ends(register_course("c1")));
  ASSERT_EQ(job("job-1").state, inventory::JobState::unknown);
  const Json inspected =
      world_.ask("operator", "device/inspect", Json::object().set("device", "robot-1"));
  const std::vector<Json> steps = inspected["body"]["steps"].items();
  ASSERT_GE(steps.size(), 6u) << inspected.dump();
  const auto move =
      std::ranges::find(job("job-1").moves, inventory::MoveState::unknown, &inventory::Move::state);
  ASSERT_NE(move, job("job-1").moves.end());
  const std::string all = inspected["body"]["steps"].dump();
  for (const std::string& word : {move->code, move->from.str(), move->to.str(),
                                  std::string("the floor"), std::string("job/resolve")}) {
    EXPECT_NE(all.find(word), std::string::npos) << word << " in " << all;
  }
  const std::vector<Json> japanese = inspected["body"]["texts"]["ja"]["steps"].items();
  ASSERT_EQ(japanese.size(), steps.size()) << inspected.dump();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    EXPECT_TRUE(is_japanese(japanese[i].string())) << japanese[i].string();
    for (const std::string& word :
         {move->code, move->from.str(), move->to.str(), std::string("robot-1")}) {
      EXPECT_EQ(steps[i].string().find(word) == std::string::npos,
                japanese[i].string().find(word) == std::string::npos)
          << word << " in " << steps[i].string() << " and " << japanese[i].string();
    }
  }
  const Json alarm = world_.retained("alarm/job-1.vial-unknown");
  EXPECT_NE(alarm.string_or("action", "").find("job/resolve job-1"), std::string::npos)
      << alarm.dump();
  EXPECT_NE(alarm.string_or("action", "").find(move->code), std::string::npos);

  Json found = Json::object().set("job", "job-1").set("aliquot", move->aliquot.str());
  found.set("code", move->code).set("place", move->from.str());
  found.set("position", move->from_position).set("finding", "lay on the floor");
  found.set("at_robot", "robot-1");
  const std::string resolve = world_.send("operator", "job/resolve", found, "witness");
  world_.run(seconds(1));
  const Json confirmed =
      world_.ask("witness", "witness/confirm", Json::object().set("command", resolve));
  ASSERT_EQ(confirmed.string_or("status", ""), "done") << confirmed.dump();
  ASSERT_TRUE(world_.run_until(
      [&] { return world_.reply(resolve).string_or("status", "") == "done"; }, seconds(30)))
      << world_.reply(resolve).dump();
  EXPECT_TRUE(world_.run_until([this] { return may_park(); }, seconds(60)))
      << "released without another command";
  const Json after =
      world_.ask("operator", "device/inspect", Json::object().set("device", "robot-1"));
  EXPECT_FALSE(after["body"].has("steps")) << after.dump();
  EXPECT_FALSE(after["body"].has("texts")) << after.dump();
  const Json told = world_.event("job", "move-resolved");
  EXPECT_EQ(told["data"].string_or("at_robot", ""), "robot-1") << "the journal: " << told.dump();
  EXPECT_EQ(told["data"].string_or("by", ""), "operator");
  EXPECT_EQ(told["data"].string_or("witness", ""), "witness");
}

// The first motion of a robot's life, and the power of house and robot goes in the midst of it.
TEST_F(RobotStory, a_new_robot_that_forgets_while_the_daemon_is_dead_is_doubted) {
  begin();
  register_course("c1");
  const auto issued = [this]() -> const inventory::Move* {
    const inventory::Job* first = world_.parts().bank.ledger.find_job(JobId("job-1"));
    if (first == nullptr) return nullptr;
    const auto move =
        std::ranges::find(first->moves, inventory::MoveState::issued, &inventory::Move::state);
    return move == first->moves.end() ? nullptr : &*move;
  };
  ASSERT_TRUE(world_.run_until([&] { return issued() != nullptr; }, minutes(2)));
  const std::uint32_t sequence = issued()->sequence;
  const Result<Json> memory = parse_json(world_.rows["r/device/robot-1/motions"]);
  ASSERT_TRUE(memory.ok()) << "on disk before it was written";
  EXPECT_EQ((*memory)["sequence"].integer(), sequence);
  EXPECT_EQ((*memory)["completed"].integer(), 0);
  EXPECT_EQ((*memory)["seen"]["epoch"].integer(), 0);

  world_.run(seconds(1));
  world_.kill();
  world_.rest(minutes(1));  // the robot puts the vial where it was told to
  Json cut = Json::object().set("do", "fault").set("device", "robot-1").set("fault", "power-cut");
  ASSERT_TRUE(sim(cut.set("off_ms", 5000).set("forgets", true)));
  world_.rest(seconds(30));
  world_.start();
  ASSERT_TRUE(world_.run_until(
      [this] { return job("job-1").state == inventory::JobState::unknown; }, minutes(5)))
      << world_.retained("job/job-1").dump();
  EXPECT_EQ(world_.retained("alarm/job-1.vial-unknown").string_or("priority", ""), "p1");
}

}  // namespace
}  // namespace cryobank::core
