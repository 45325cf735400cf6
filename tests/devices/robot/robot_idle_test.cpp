// What a robot shows while nothing of ours is under way, and what a robot that forgot cannot unsay.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "devices/robot/robot.hpp"
#include "devices/robot/robot_command.hpp"
#include "tests/devices/robot/robot_bench.hpp"

namespace cryobank::devices {
namespace {

using testing::RobotBench;
using testing::RobotMachine;
using WriteFault = RobotBench::WriteFault;

constexpr RobotLocation kStored = {1, 2, 3};
constexpr RobotLocation kHandOver = {901, 0, 1};
constexpr const char* kMoved = "NK-0001-A";

RobotMotion idle_transfer(std::uint32_t sequence, Epoch epoch = Epoch{5}) {
  return {sequence, epoch, RobotVerb::transfer, kStored, kHandOver, kMoved};
}

struct IdleRobot : ::testing::Test {
  RobotBench bench;
  RobotMachine& machine = bench.machine;

  void SetUp() override {
    machine.vials[kStored] = kMoved;
    machine.status.completed = 12;
    machine.status.epoch = 5;
    bench.begin();
    bench.robot.expect_gripper(false);
  }
  void start(std::uint32_t sequence) {
    bench.robot.expect_gripper({});
    const Status status = bench.robot.start(bench.now, idle_transfer(sequence), bench.out);
    ASSERT_TRUE(status.ok()) << status.error().context;
  }
  std::string why_not(std::uint32_t sequence) {
    const Status status = bench.robot.may_move(bench.now, idle_transfer(sequence));
    return status.ok() ? "" : status.error().context;
  }
  std::vector<RobotEvent> unexplained() const {
    std::vector<RobotEvent> list;
    for (const RobotEvent& event : bench.events) {
      if (event.kind == RobotEventKind::unexplained) list.push_back(event);
    }
    return list;
  }
};

TEST_F(IdleRobot, is_told_and_held_when_a_panel_moved_a_vial) {
  machine.panel_move(kStored, kHandOver);
  bench.run(milliseconds(1200));
  EXPECT_NE(why_not(1), "") << "one status is enough to move nothing";
  bench.run(seconds(4));
  ASSERT_EQ(unexplained().size(), 1u) << bench.told();
  const RobotEvent event = unexplained().front();
  EXPECT_EQ(event.observed_code, kMoved);
  EXPECT_NE(event.reason.find("went from 12 to 13"), std::string::npos) << event.reason;
  EXPECT_TRUE(bench.robot.held());
  EXPECT_FALSE(bench.robot.idle());
  bench.run(seconds(60));
  EXPECT_EQ(unexplained().size(), 1u) << "told once";
  machine.panel_move(kHandOver, kStored);
  bench.run(seconds(6));
  EXPECT_EQ(unexplained().size(), 2u) << "and again when it goes on";
}

TEST_F(IdleRobot, is_free_again_once_a_person_releases_it) {
  machine.panel_move(kStored, kHandOver);
  bench.run(seconds(6));
  bench.robot.pause(true);
  bench.robot.pause(false);
  bench.run(seconds(6));
  EXPECT_FALSE(bench.robot.held());
  EXPECT_EQ(unexplained().size(), 1u);
  EXPECT_EQ(why_not(1), "");
}

TEST_F(IdleRobot, obeys_a_command_that_a_gateway_held_and_the_event_names_its_vial_and_ends) {
  bench.write_fault = WriteFault::held;
  start(1);
  const auto end = bench.finish();
  ASSERT_TRUE(end.has_value());
  ASSERT_EQ(end->kind, RobotEventKind::not_delivered);
  bench.robot.expect_gripper(false);
  bench.run(seconds(20));
  EXPECT_TRUE(unexplained().empty());
  machine.answer(bench.held);
  bench.run(seconds(5));
  ASSERT_FALSE(unexplained().empty()) << bench.told();
  const RobotEvent event = unexplained().front();
  EXPECT_EQ(event.sequence, 1u);
  EXPECT_EQ(event.expected_code, kMoved);
  EXPECT_EQ(event.source, kStored);
  EXPECT_EQ(event.destination, kHandOver);
  EXPECT_TRUE(bench.robot.held());
  bench.run(seconds(20));
  EXPECT_EQ(machine.moves, 1);
}

TEST_F(IdleRobot, is_compared_with_what_the_last_run_saw) {
  bench.run(seconds(5));
  const Json memory = bench.robot.memory();
  machine.panel_move(kStored, kHandOver);
  bench.restart(memory);
  bench.robot.expect_gripper(false);
  bench.run(seconds(8));
  ASSERT_EQ(unexplained().size(), 1u) << memory.dump();
  EXPECT_EQ(unexplained().front().observed_code, kMoved);
}

TEST_F(IdleRobot, tells_again_after_a_restart_what_nobody_released) {
  machine.panel_move(kStored, kHandOver);
  bench.run(seconds(6));
  const Json memory = bench.robot.memory();
  bench.restart(memory);
  bench.run(seconds(6));
  ASSERT_EQ(unexplained().size(), 1u) << memory.dump();
  EXPECT_EQ(unexplained().front().observed_code, kMoved);
  EXPECT_TRUE(bench.robot.held());
}

TEST_F(IdleRobot, another_masters_command_is_told_with_its_ends) {
  RobotMotion foreign = idle_transfer(40, Epoch{5});
  foreign.expected_code = "X-1";
  machine.vials[kStored] = "X-1";
  machine.answer(write_motion(1, foreign));
  bench.run(seconds(6));
  ASSERT_FALSE(unexplained().empty());
  EXPECT_EQ(unexplained().front().sequence, 40u);
  EXPECT_EQ(unexplained().front().source, kStored);
  EXPECT_EQ(unexplained().front().destination, kHandOver);
}

struct Shown {
  const char* name;
  std::function<void(RobotMachine&)> change;
};
class IdleShows : public IdleRobot, public ::testing::WithParamInterface<Shown> {};

TEST_P(IdleShows, nothing_that_nobody_ordered_passes) {
  GetParam().change(machine);
  bench.run(seconds(8));
  EXPECT_FALSE(unexplained().empty());
  EXPECT_TRUE(bench.robot.held());
}

INSTANTIATE_TEST_SUITE_P(
    Of, IdleShows,
    ::testing::Values(Shown{"count_up", [](RobotMachine& m) { ++m.status.completed; }},
                      Shown{"count_down", [](RobotMachine& m) { m.status.completed = 3; }},
                      Shown{"memory_lost", [](RobotMachine& m) { m.forget_everything(); }},
                      Shown{"epoch_down", [](RobotMachine& m) { m.status.epoch = 2; }},
                      Shown{"echo_up", [](RobotMachine& m) { m.status.echo = 99; }},
                      Shown{"latched", [](RobotMachine& m) { m.status.last_done = 4; }},
                      Shown{"running",
                            [](RobotMachine& m) { m.status.state = robot_block::State::running; }},
                      Shown{"gripper", [](RobotMachine& m) { m.status.gripper_occupied = true; }},
                      Shown{"code", [](RobotMachine& m) { m.status.hash_at_pick = 77; }}),
    [](const auto& one) { return one.param.name; });

TEST_F(IdleRobot, people_who_take_a_vial_out_of_the_gripper_have_two_minutes_to_say_so) {
  machine.status.gripper_occupied = true;
  bench.robot.expect_gripper(true);
  bench.run(seconds(10));
  ASSERT_TRUE(unexplained().empty());
  machine.status.gripper_occupied = false;
  bench.run(seconds(100));
  EXPECT_TRUE(unexplained().empty());
  bench.run(seconds(40));
  EXPECT_EQ(unexplained().size(), 1u);
}

TEST_F(IdleRobot, its_own_motions_pauses_and_restarts_are_explained) {
  for (std::uint32_t sequence = 1; sequence <= 4; ++sequence) {
    start(sequence);
    const auto end = bench.finish();
    ASSERT_TRUE(end.has_value());
    ASSERT_EQ(end->kind, RobotEventKind::done);
    bench.robot.expect_gripper(false);
    machine.vials[kStored] = kMoved;
    bench.run(seconds(5));
    bench.robot.pause(true);
    bench.run(seconds(5));
    bench.robot.pause(false);
  }
  const Json memory = bench.robot.memory();
  bench.restart(memory);
  bench.robot.expect_gripper(false);
  bench.run(seconds(30));
  EXPECT_TRUE(unexplained().empty());
}

TEST_F(IdleRobot, forgot_after_a_pick_and_the_vial_in_its_gripper_outweighs_that) {
  start(1);
  bench.run(seconds(6));
  ASSERT_TRUE(machine.status.gripper_occupied);
  machine.forget_everything();
  const auto end = bench.finish();
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->kind, RobotEventKind::doubt) << bench.told();
}

struct Forgot {
  const char* name;
  bool gripper;
  std::uint32_t completed;
  std::uint32_t epoch;
  bool remembers;  // the daemon, over its restart
};
class ForgottenMotion : public IdleRobot, public ::testing::WithParamInterface<Forgot> {};

// The daemon restarts in mid-motion, and the robot does not know the motion any more.
TEST_P(ForgottenMotion, is_never_taken_for_one_that_was_not_delivered) {
  start(1);
  bench.run(seconds(3));
  const Json memory = GetParam().remembers ? bench.robot.memory() : Json();
  machine.forget_everything();
  machine.status.gripper_occupied = GetParam().gripper;
  machine.status.completed = GetParam().completed;
  machine.status.epoch = GetParam().epoch;
  bench.restart(memory);
  bench.robot.resume(bench.now, idle_transfer(1), JournaledMotion::issued, bench.out);
  const auto end = bench.finish();
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->kind, RobotEventKind::doubt) << bench.told() << " " << end->reason;
}

INSTANTIATE_TEST_SUITE_P(Evidence, ForgottenMotion,
                         ::testing::Values(Forgot{"gripper_alone", true, 12, 5, false},
                                           Forgot{"gripper", true, 12, 5, true},
                                           Forgot{"count_down", false, 0, 5, true},
                                           Forgot{"count_up", false, 13, 5, true},
                                           Forgot{"epoch_down", false, 12, 0, true}),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace cryobank::devices
