// What a robot does beside its orders, through the whole core: a vial that stays in the gripper, a
// hand at the panel, a command that a gateway kept.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.hpp"
#include "tests/core/world.hpp"

namespace cryobank::core {
namespace {

constexpr const char* kWarmAlarm = "alarm/robot-1.out-of-cold";
constexpr const char* kUnorderedAlarm = "alarm/robot-1.unexplained-motion";

class WatchStory : public testing::Test {
 protected:
  void SetUp() override {
    world_.start();
    ASSERT_TRUE(world_.run_until([this] { return is_online(); }, seconds(60)));
    for (int dose = 1; dose <= 12; ++dose) {
      const std::string code = cat("c1-d", dose < 10 ? "0" : "", dose, "-1");
      ASSERT_TRUE(
          world_.hardware().put_vial({901, 0, static_cast<std::uint16_t>(dose)}, code).ok());
    }
  }
  bool is_online() {
    return world_.retained("service/state").string_or("state", "") == "online" &&
           world_.parts().bank.fleet.state({4}) == DeviceState::online;
  }
  std::string store() {
    Json body = Json::object();
    body.set("course", "c1").set("patient", "p-1").set("protocol", "ank-12");
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
  void sim(const Json& command) {
    const Result<Json> done = world_.hardware().control(command);
    ASSERT_TRUE(done.ok()) << done.error().context;
  }
  static Json fault(std::string_view name) {
    return Json::object().set("do", "fault").set("device", "robot-1").set("fault", name);
  }
  bool stands(const std::string& topic) {
    return world_.retained(topic).string_or("state", "none") != "none" ||
           !world_.retained(topic).is_null();
  }
  inventory::Aliquot aliquot(std::string_view code) const {
    return *inventory::View(world_.parts().bank.ledger).aliquot_by_code(code);
  }
  Json location(const inventory::Move& move, bool from) const {
    const auto words =
        inventory::robot_location(world_.parts().bank.ledger, from ? move.from : move.to,
                                  from ? move.from_position : move.to_position);
    return devices::location_json(*words);
  }
  const inventory::Job& job(const char* id) {
    return *world_.parts().bank.ledger.find_job(JobId(id));
  }
  // Two people bring a vial from wherever the record has it.
  Json bring(const std::string& code, const PlaceId& place, const std::string& position) {
    const inventory::Aliquot vial = aliquot(code);
    Json move = Json::object().set("aliquot", vial.id.str()).set("code", code);
    move.set("place", place.str()).set("position", position);
    const std::string moved = world_.send("operator", "aliquot/move", move, "witness");
    world_.run(seconds(1));
    world_.ask("witness", "witness/confirm", Json::object().set("command", moved));
    return world_.reply(moved);
  }

  World world_;
};

TEST_F(WatchStory, a_jam_with_the_vial_held_keeps_its_warm_clock_until_it_is_cold) {
  sim(fault("jam"));
  const std::string command = store();
  ASSERT_TRUE(ends(command));
  ASSERT_EQ(job("job-1").state, inventory::JobState::failed) << world_.reply(command).dump();
  const auto failed =
      std::ranges::find(job("job-1").moves, inventory::MoveState::failed, &inventory::Move::state);
  ASSERT_NE(failed, job("job-1").moves.end());
  const inventory::Move move = *failed;
  const std::string told = world_.reply(command).string_or("message", "");
  EXPECT_NE(told.find(move.aliquot.str()), std::string::npos) << told;
  EXPECT_NE(told.find("it is in gripper-1"), std::string::npos) << told;
  EXPECT_TRUE(world_.run_until([this] { return stands(kWarmAlarm); }, seconds(62)));
  EXPECT_NE(world_.retained(kWarmAlarm).string_or("text", "").find(move.aliquot.str()),
            std::string::npos)
      << world_.retained(kWarmAlarm).dump();
  world_.run(minutes(10));
  EXPECT_TRUE(stands(kWarmAlarm)) << "it warms on";

  const auto held = std::ranges::find_if(world_.hardware().vials(),
                                         [](const auto& vial) { return vial.first[1] == 0xFFFF; });
  ASSERT_NE(held, world_.hardware().vials().end());
  ASSERT_TRUE(world_.hardware().take_vial(devices::RobotLocation(held->first)).ok());
  const Json brought = bring(move.code, move.to, move.to_position);
  ASSERT_EQ(brought.string_or("status", ""), "done") << brought.dump();
  world_.run(seconds(3));
  const Json after = world_.retained(kWarmAlarm);
  EXPECT_TRUE(after.is_null() || after.dump().find("\"active\":true") == std::string::npos)
      << after.dump();
}

TEST_F(WatchStory, a_restart_keeps_the_warm_clock_of_a_vial_in_the_gripper) {
  sim(fault("jam"));
  ASSERT_TRUE(ends(store()));
  world_.run(seconds(20));
  world_.kill();
  world_.start();
  EXPECT_TRUE(world_.run_until([this] { return stands(kWarmAlarm); }, seconds(62)));
}

TEST_F(WatchStory, a_vial_that_a_hand_at_the_panel_moved_is_unknown_and_told_and_the_robot_stands) {
  ASSERT_TRUE(ends(store()));
  const inventory::Move stored = job("job-1").moves.front();
  sim(Json::object()
          .set("do", "panel")
          .set("device", "robot-1")
          .set("source", location(stored, false))
          .set("destination", location(stored, true)));
  ASSERT_TRUE(world_.run_until([this] { return stands(kUnorderedAlarm); }, seconds(8)));
  EXPECT_EQ(world_.retained(kUnorderedAlarm).string_or("priority", ""), "p1")
      << world_.retained(kUnorderedAlarm).dump();
  world_.run(seconds(5));
  EXPECT_EQ(aliquot(stored.code).spot.place.str(), "UNKNOWN");
  EXPECT_TRUE(stands("alarm/job-2.vial-unknown"));
  const std::string order =
      world_.send("operator", "scan/order",
                  Json::object().set("container", stored.to.str()).set("at_robot", "robot-1"));
  world_.run(minutes(3));
  EXPECT_NE(world_.reply(order).string_or("status", ""), "done") << "the robot is paused";

  Json found = Json::object().set("job", "job-2").set("aliquot", stored.aliquot.str());
  found.set("code", stored.code).set("place", stored.from.str());
  found.set("position", stored.from_position).set("finding", "somebody used the panel");
  found.set("at_robot", "robot-1");
  const std::string resolve = world_.send("operator", "job/resolve", found, "witness");
  world_.run(seconds(1));
  world_.ask("witness", "witness/confirm", Json::object().set("command", resolve));
  ASSERT_EQ(world_.reply(resolve).string_or("status", ""), "done") << world_.reply(resolve).dump();
  const Json elsewhere = Json::object().set("robot", "robot-1").set("code", "robot-2");
  const Json refused = world_.ask("supervisor", "robot/resume", elsewhere);
  EXPECT_EQ(refused.string_or("code", ""), "mismatch") << refused.dump();
  world_.ask("supervisor", "robot/resume",
             Json::object().set("robot", "robot-1").set("code", "robot-1\r\n"));
  EXPECT_TRUE(ends(order)) << world_.retained("alarm/robot-1.motion-blocked").dump();
  const Json told = world_.event("device", "robot-resumed");
  EXPECT_EQ(told["data"].string_or("at_robot", ""), "robot-1") << told.dump();
  EXPECT_EQ(told["data"].string_or("by", ""), "supervisor");
  EXPECT_TRUE(told["data"].has("at"));
}

TEST_F(WatchStory, a_command_that_a_gateway_held_and_that_was_cancelled_is_noticed) {
  sim(fault("held-back").set("ms", 40'000));
  store();
  world_.run(seconds(2));
  const Json robot = Json::object().set("robot", "robot-1");
  world_.ask("supervisor", "robot/pause", robot);
  ASSERT_TRUE(world_.run_until(
      [this] {
        const inventory::Job* open = world_.parts().bank.ledger.find_job(JobId("job-1"));
        return open && std::ranges::any_of(open->moves, [](const inventory::Move& move) {
                 return move.state == inventory::MoveState::planned && move.sequence != 0;
               });
      },
      seconds(39)))
      << "given up as never delivered: " << world_.retained("job/job-1").dump();
  const Json cancelled = world_.ask("operator", "job/cancel", Json::object().set("job", "job-1"));
  ASSERT_EQ(cancelled.string_or("status", ""), "done") << cancelled.dump();
  const Json there = Json::object().set("robot", "robot-1").set("code", "robot-1");
  world_.ask("supervisor", "robot/resume", there);
  ASSERT_TRUE(world_.run_until([this] { return stands(kUnorderedAlarm); }, seconds(60)));
  world_.run(seconds(30));
  const auto late = std::ranges::find_if(
      job("job-1").moves, [](const inventory::Move& move) { return move.sequence == 1; });
  ASSERT_NE(late, job("job-1").moves.end());
  EXPECT_EQ(aliquot(late->code).spot.place.str(), "UNKNOWN")
      << world_.retained(kUnorderedAlarm).dump();
}

TEST_F(WatchStory, a_hand_at_the_panel_while_the_service_was_down_is_noticed_at_its_start) {
  ASSERT_TRUE(ends(store()));
  world_.run(seconds(10));
  const inventory::Move stored = job("job-1").moves.front();
  const Json panel = Json::object()
                         .set("do", "panel")
                         .set("device", "robot-1")
                         .set("source", location(stored, false))
                         .set("destination", location(stored, true));
  world_.kill();
  sim(panel);
  world_.start();
  EXPECT_TRUE(world_.run_until([this] { return stands(kUnorderedAlarm); }, seconds(30)));
  world_.run(seconds(5));
  EXPECT_EQ(aliquot(stored.code).spot.place.str(), "UNKNOWN");
}

// A recovery takes what the journal has not, the memory of the robot among it, from a backup: the
// motions of the journal since then are no motions that nobody ordered.
TEST_F(WatchStory, a_memory_older_than_the_record_accuses_nobody) {
  const std::string memory = "r/device/robot-1/motions";
  const std::string command = store();
  ASSERT_TRUE(world_.run_until(
      [&] {
        const inventory::Job* found = world_.parts().bank.ledger.find_job(JobId("job-1"));
        return found != nullptr && found->moves[2].state == inventory::MoveState::done;
      },
      hours(1)));
  const std::string older = world_.rows[memory];
  ASSERT_TRUE(ends(command));
  world_.run(seconds(10));
  const inventory::Move last = job("job-1").moves.back();
  world_.kill();
  ASSERT_NE(world_.rows[memory], older);
  world_.rows[memory] = older;
  world_.start();
  world_.run(minutes(2));
  EXPECT_FALSE(stands(kUnorderedAlarm)) << world_.retained(kUnorderedAlarm).dump();
  EXPECT_EQ(aliquot(last.code).spot.place, last.to);
  // From here on it is watched as ever.
  sim(Json::object()
          .set("do", "panel")
          .set("device", "robot-1")
          .set("source", location(last, false))
          .set("destination", location(last, true)));
  EXPECT_TRUE(world_.run_until([this] { return stands(kUnorderedAlarm); }, seconds(30)));
}

TEST_F(WatchStory, power_lost_and_memory_lost_with_the_vial_held_is_a_doubt) {
  sim(fault("power-cut").set("at", "holding").set("forgets", true));
  ASSERT_TRUE(ends(store()));
  EXPECT_EQ(job("job-1").state, inventory::JobState::unknown);
  EXPECT_TRUE(stands("alarm/job-1.vial-unknown"));
}

}  // namespace
}  // namespace cryobank::core
