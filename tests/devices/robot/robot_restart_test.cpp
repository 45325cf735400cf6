// The daemon dies at any moment of a motion and a new one takes over. Whatever the moment, the
// machine moves at most once, and the end that the new daemon tells is true or is doubt.
#include <gtest/gtest.h>

#include <string>

#include "tests/devices/robot/robot_bench.hpp"

namespace cryobank::devices {
namespace {

using testing::RobotBench;

constexpr RobotLocation kSource = {1, 2, 3};
constexpr RobotLocation kTarget = {901, 0, 1};
constexpr const char* kRestartCode = "NK-0001-A";

RobotMotion transfer(std::uint32_t sequence = 1, Epoch epoch = Epoch{5}) {
  return {sequence, epoch, RobotVerb::transfer, kSource, kTarget, kRestartCode};
}

RobotBench begun() {
  RobotBench bench;
  bench.machine.vials[kSource] = kRestartCode;
  bench.begin();
  return bench;
}

void expect_truth(RobotBench& bench, const RobotEvent& event) {
  const auto& vials = bench.machine.vials;
  switch (event.kind) {
    case RobotEventKind::done:
      EXPECT_TRUE(vials.contains(kTarget));
      EXPECT_EQ(event.observed_code, kRestartCode);
      return;
    case RobotEventKind::not_delivered:
      EXPECT_TRUE(vials.contains(kSource));
      EXPECT_EQ(bench.machine.moves, 0);
      return;
    case RobotEventKind::failed:
      EXPECT_EQ(event.gripper_occupied, !bench.machine.gripper.empty());
      EXPECT_EQ(event.gripper_occupied, !vials.contains(kSource));
      return;
    case RobotEventKind::doubt:
      return;
    case RobotEventKind::accepted:
    case RobotEventKind::holding:
    case RobotEventKind::scanned:
    case RobotEventKind::gripped:
    case RobotEventKind::unexplained:
      ADD_FAILURE() << "not the end of a transfer: " << name_of(event.kind);
  }
}

class RobotKilled : public ::testing::TestWithParam<int> {};

TEST_P(RobotKilled, in_mid_motion_moves_once_and_tells_the_truth) {
  for (const RobotBench::WriteFault fault :
       {RobotBench::WriteFault::none, RobotBench::WriteFault::answer_lost}) {
    for (const bool cut : {false, true}) {
      RobotBench bench = begun();
      bench.write_fault = fault;
      ASSERT_TRUE(bench.robot.start(bench.now, transfer(), bench.out).ok());
      bench.run(milliseconds(GetParam()));
      const bool holding = bench.told().find("holding") != std::string::npos;
      const Json memory = bench.robot.memory();
      bench.restart(memory);
      if (cut) bench.machine.power_cut();
      bench.robot.resume(bench.now, transfer(),
                         holding ? JournaledMotion::holding : JournaledMotion::issued, bench.out);
      const auto event = bench.finish();
      ASSERT_TRUE(event.has_value());
      EXPECT_NE(event->kind, RobotEventKind::doubt) << event->reason;
      expect_truth(bench, *event);
      EXPECT_EQ(bench.motion_writes, 1);
      EXPECT_LE(bench.machine.moves, 1);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Milliseconds, RobotKilled,
                         ::testing::Values(50, 500, 1000, 3000, 4900, 5100, 6000, 9000, 9900, 10100,
                                           11000, 20000, 60000));

TEST(RobotRestart, finds_that_a_command_was_never_written) {
  RobotBench bench = begun();
  bench.machine.status.epoch = 4;  // it served the run before
  bench.run(seconds(2));
  bench.robot.intend(transfer());
  bench.restart(bench.robot.memory());
  bench.robot.resume(bench.now, transfer(), JournaledMotion::issued, bench.out);
  const auto event = bench.finish();
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->kind, RobotEventKind::not_delivered) << event->reason;
  // The same job goes on with the next number.
  ASSERT_TRUE(bench.robot.start(bench.now, transfer(2, Epoch{6}), bench.out).ok());
  bench.events.clear();
  EXPECT_EQ(bench.finish()->kind, RobotEventKind::done);
  EXPECT_EQ(bench.machine.moves, 1);
}

// What a robot shows after it forgot a motion that an earlier daemon wrote, or perhaps wrote.
struct Remains {
  const char* name;
  std::uint32_t epoch_before;  // 0: the motion is the first of its life
  std::uint32_t epoch_after;
  std::uint32_t count_after;
};
class RobotForgot : public ::testing::TestWithParam<Remains> {};

// The daemon dies between the write and its answer: only what went to disk with the intent is left.
TEST_P(RobotForgot, while_the_daemon_restarted_and_is_not_taken_for_one_that_never_got_it) {
  const Remains& remains = GetParam();
  RobotBench bench;
  bench.machine.vials[kSource] = kRestartCode;
  bench.machine.status.epoch = remains.epoch_before;
  bench.begin();
  ASSERT_TRUE(bench.robot.may_move(bench.now, transfer()).ok());
  bench.robot.intend(transfer());
  const Json memory = bench.robot.memory();
  ASSERT_TRUE(bench.robot.start(bench.now, transfer(), bench.out).ok());
  bench.run(seconds(15));
  ASSERT_TRUE(bench.machine.vials.contains(kTarget)) << "it moved the vial";
  bench.machine.forget_everything();
  bench.machine.status.epoch = remains.epoch_after;
  bench.machine.status.completed = remains.count_after;
  bench.restart(memory);
  bench.robot.resume(bench.now, transfer(), JournaledMotion::issued, bench.out);
  const auto event = bench.finish();
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->kind, RobotEventKind::doubt) << event->reason;
  EXPECT_TRUE(bench.robot.held());
}

INSTANTIATE_TEST_SUITE_P(Of, RobotForgot,
                         ::testing::Values(Remains{"a_new_robot", 0, 0, 0},
                                           Remains{"its_epoch", 4, 0, 0},
                                           Remains{"all_but_the_count", 4, 4, 1},
                                           Remains{"all_but_the_epoch", 4, 5, 0},
                                           Remains{"all_but_the_first_epoch", 0, 5, 0}),
                         [](const auto& one) { return one.param.name; });

TEST(RobotRestart, without_a_record_of_what_it_showed_before_a_blank_robot_proves_nothing) {
  RobotBench bench = begun();
  bench.restart();
  bench.robot.resume(bench.now, transfer(), JournaledMotion::issued, bench.out);
  const auto event = bench.finish();
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->kind, RobotEventKind::doubt) << event->reason;
}

TEST(RobotRestart, between_the_clearing_of_the_last_motion_and_the_write_of_the_next) {
  RobotBench bench = begun();
  ASSERT_TRUE(bench.robot.start(bench.now, transfer(), bench.out).ok());
  ASSERT_EQ(bench.finish()->kind, RobotEventKind::done);
  // The next one is journaled and nothing of it was sent; the robot still latches the first.
  bench.restart();
  bench.robot.resume(bench.now, transfer(2), JournaledMotion::issued, bench.out);
  EXPECT_EQ(bench.finish()->kind, RobotEventKind::not_delivered);
  EXPECT_EQ(bench.machine.moves, 1);
}

TEST(RobotRestart, answers_every_open_motion_also_behind_one_in_doubt) {
  RobotBench bench = begun();
  bench.machine.status.echo = 7;  // somebody else commanded it
  bench.restart();
  bench.robot.resume(bench.now, transfer(6), JournaledMotion::issued, bench.out);
  bench.robot.resume(bench.now, transfer(8), JournaledMotion::planned, bench.out);
  bench.run(seconds(60));
  EXPECT_EQ(bench.told(), "doubt not-delivered");
  EXPECT_TRUE(bench.robot.held());
  EXPECT_FALSE(bench.robot.idle());
}

TEST(RobotRestart, keeps_a_robot_held_until_a_person_releases_it) {
  RobotBench bench = begun();
  bench.machine.drops = true;
  ASSERT_TRUE(bench.robot.start(bench.now, transfer(), bench.out).ok());
  ASSERT_EQ(bench.finish()->kind, RobotEventKind::doubt);
  bench.restart(bench.robot.memory());
  bench.run(seconds(5));
  EXPECT_TRUE(bench.robot.held());
  EXPECT_FALSE(bench.robot.may_move(bench.now, transfer(2, Epoch{6})).ok());
  bench.robot.pause(false);
  EXPECT_TRUE(bench.robot.may_move(bench.now, transfer(2, Epoch{6})).ok());
  bench.restart(bench.robot.memory());
  EXPECT_FALSE(bench.robot.held());
}

TEST(RobotRestart, bounds_the_wait_for_a_robot_that_is_off) {
  RobotBench bench = begun();
  bench.line_down = true;
  bench.restart();
  bench.robot.resume(bench.now, transfer(), JournaledMotion::holding, bench.out);
  const auto event = bench.finish();
  ASSERT_TRUE(event.has_value());
  EXPECT_EQ(event->kind, RobotEventKind::doubt);
  EXPECT_EQ(bench.motion_writes, 0);
}

TEST(RobotRestart, bars_a_stalled_old_daemon_once_a_newer_one_commanded) {
  RobotBench bench = begun();
  bench.machine.status.epoch = 6;
  bench.run(seconds(2));
  EXPECT_FALSE(bench.robot.may_move(bench.now, transfer(2)).ok());
}

}  // namespace
}  // namespace cryobank::devices
