#include "devices/robot/robot.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/devices/robot/robot_bench.hpp"

namespace cryobank::devices {
namespace {

using testing::RobotBench;
using testing::RobotMachine;
using State = robot_block::State;
using WriteFault = RobotBench::WriteFault;

constexpr RobotLocation kFrom = {1, 2, 3};
constexpr RobotLocation kTo = {901, 0, 1};
constexpr const char* kMovedCode = "NK-0001-A";

RobotMotion motion_of(RobotVerb verb, std::uint32_t sequence = 1, Epoch epoch = Epoch{5}) {
  const bool vial =
      verb == RobotVerb::pick || verb == RobotVerb::place || verb == RobotVerb::transfer;
  return {sequence, epoch, verb, kFrom, kTo, vial ? kMovedCode : ""};
}

struct RobotTest : ::testing::Test {
  RobotBench bench;
  RobotMachine& machine = bench.machine;

  void SetUp() override {
    machine.vials[kFrom] = kMovedCode;
    bench.begin();
  }
  void start(const RobotMotion& motion) {
    const Status status = bench.robot.start(bench.now, motion, bench.out);
    ASSERT_TRUE(status.ok()) << status.error().context;
  }
  RobotEvent ended(Duration how_long = seconds(200)) {
    const auto event = bench.finish(how_long);
    EXPECT_TRUE(event.has_value()) << "no end was told";
    return event.value_or(RobotEvent{});
  }
  std::string why_not(const RobotMotion& motion) {
    const Status status = bench.robot.may_move(bench.now, motion);
    return status.ok() ? "" : status.error().context;
  }
};

TEST_F(RobotTest, carries_out_a_transfer_and_proves_it) {
  start(motion_of(RobotVerb::transfer));
  const RobotEvent event = ended();
  EXPECT_EQ(bench.told(), "accepted holding done");
  EXPECT_EQ(event.observed_code, kMovedCode);
  EXPECT_EQ(event.robot, DeviceIndex{3});
  EXPECT_EQ(event.sequence, 1u);
  EXPECT_EQ(machine.vials[kTo], kMovedCode);
  EXPECT_EQ(machine.moves, 1);
  EXPECT_EQ(bench.motion_writes, 1);
  EXPECT_TRUE(bench.robot.idle());
}

TEST_F(RobotTest, keeps_a_latched_end_until_the_next_motion_starts) {
  start(motion_of(RobotVerb::pick));
  EXPECT_EQ(ended().kind, RobotEventKind::done);
  bench.run(seconds(30));
  EXPECT_EQ(machine.status.state, State::done);
  start(motion_of(RobotVerb::place, 2));
  EXPECT_EQ(ended().kind, RobotEventKind::done);
  EXPECT_EQ(machine.vials[kTo], kMovedCode);
  EXPECT_EQ(machine.moves, 2);
}

TEST_F(RobotTest, writes_nothing_before_the_first_believable_status) {
  RobotBench other;
  other.machine.wrong_crc = true;
  other.begin();
  other.run(seconds(20));
  EXPECT_EQ(other.writes, 0);
  EXPECT_GT(other.statuses, 10);
  other.machine.wrong_crc = false;
  other.run(seconds(3));
  EXPECT_GT(other.writes, 0);
}

TEST_F(RobotTest, beats_once_a_second_and_hands_the_pause_over) {
  const int before = bench.writes;
  bench.run(seconds(20));
  EXPECT_NEAR(bench.writes - before, 20, 1);
  bench.robot.pause(true);
  bench.run(seconds(2));
  ModbusRequest read;
  read.address = robot_block::kPauseAddress;
  read.count = 1;
  EXPECT_EQ(machine.answer(read).values.at(0), 1);
}

struct WriteCase {
  const char* name;
  WriteFault fault;
  std::uint8_t exception;
  const char* told;
  int moves;
};

class RobotWrite : public RobotTest, public ::testing::WithParamInterface<WriteCase> {};

TEST_P(RobotWrite, is_made_once_and_decided_by_reading) {
  bench.write_fault = GetParam().fault;
  bench.exception = GetParam().exception;
  start(motion_of(RobotVerb::transfer));
  ended();
  EXPECT_EQ(bench.told(), GetParam().told);
  EXPECT_EQ(machine.moves, GetParam().moves);
  EXPECT_EQ(bench.motion_writes, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Fault, RobotWrite,
    ::testing::Values(
        WriteCase{"answer_lost", WriteFault::answer_lost, 0, "accepted holding done", 1},
        WriteCase{"request_lost", WriteFault::lost, 0, "not-delivered", 0},
        WriteCase{"never_left_the_machine", WriteFault::never_sent, 0, "not-delivered", 0},
        WriteCase{"exception_2_refuses_it_for_good", WriteFault::refused, 0, "failed", 0},
        WriteCase{"exception_4_device_failure", WriteFault::none, 4, "not-delivered", 0},
        WriteCase{"exception_6_busy", WriteFault::none, 6, "not-delivered", 0},
        WriteCase{"exception_11_gateway_target", WriteFault::none, 11, "not-delivered", 0}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

TEST_F(RobotTest, says_not_delivered_only_after_several_fresh_statuses) {
  bench.write_fault = WriteFault::lost;
  start(motion_of(RobotVerb::transfer));
  bench.run(milliseconds(4900));
  EXPECT_EQ(bench.told(), "");
  EXPECT_EQ(ended(seconds(3)).kind, RobotEventKind::not_delivered);
}

TEST_F(RobotTest, doubts_a_command_that_lies_in_the_registers_unseen) {
  machine.takes_commands = false;
  start(motion_of(RobotVerb::transfer));
  const RobotEvent event = ended();
  EXPECT_EQ(event.kind, RobotEventKind::doubt);
  EXPECT_NE(event.reason.find("lies in its registers"), std::string::npos) << event.reason;
}

// The same state as on its first day: nothing but the epoch that it must have remembered (R9) tells
// that it received the motion, which the driver must not order a second time.
TEST_F(RobotTest, doubts_a_new_robot_that_received_a_motion_and_shows_no_epoch_of_it) {
  for (const bool serves : {true, false}) {
    SCOPED_TRACE(serves);
    RobotBench fresh;
    fresh.machine.vials[kFrom] = kMovedCode;
    fresh.machine.moves_and_forgets = true;
    fresh.machine.serves_command_block = serves;
    fresh.begin();
    ASSERT_TRUE(fresh.robot.start(fresh.now, motion_of(RobotVerb::transfer), fresh.out).ok());
    const auto event = fresh.finish();
    ASSERT_TRUE(event.has_value());
    EXPECT_EQ(event->kind, RobotEventKind::doubt) << event->reason;
    EXPECT_NE(event->reason.find("its highest is 0, the motion's was 5"), std::string::npos)
        << event->reason;
    EXPECT_TRUE(fresh.robot.held());
    EXPECT_EQ(fresh.machine.vials.count(kTo), 1U);
    EXPECT_EQ(fresh.motion_writes, 1);
  }
}

// Count, codes and gripper prove it; that the robot contradicts itself is told.
TEST_F(RobotTest, tells_an_error_that_stands_beside_a_proven_end) {
  machine.error_when_done = 15;
  start(motion_of(RobotVerb::transfer));
  const RobotEvent event = ended();
  EXPECT_EQ(event.kind, RobotEventKind::done) << event.reason;
  EXPECT_EQ(event.error, 15);
  EXPECT_NE(event.reason.find("an error beside it: jammed"), std::string::npos) << event.reason;
}

TEST_F(RobotTest, takes_write_only_command_registers_for_what_they_are) {
  machine.serves_command_block = false;
  bench.write_fault = WriteFault::lost;
  start(motion_of(RobotVerb::transfer));
  EXPECT_EQ(ended().kind, RobotEventKind::not_delivered);
}

TEST_F(RobotTest, believes_nothing_of_a_robot_whose_heartbeat_stands_still) {
  machine.dead_program = true;
  bench.write_fault = WriteFault::lost;
  start(motion_of(RobotVerb::transfer));
  const RobotEvent event = ended();
  EXPECT_EQ(event.kind, RobotEventKind::doubt);
  EXPECT_NE(event.reason.find("heartbeat"), std::string::npos) << event.reason;
}

TEST_F(RobotTest, doubts_when_the_line_dies_in_mid_move_and_holds_until_released) {
  start(motion_of(RobotVerb::transfer));
  bench.run(seconds(2));
  bench.line_down = true;
  EXPECT_EQ(ended().kind, RobotEventKind::doubt);
  EXPECT_TRUE(bench.robot.held());
  bench.line_down = false;
  bench.run(seconds(20));
  EXPECT_NE(why_not(motion_of(RobotVerb::park, 2)), "");
  bench.robot.pause(false);
  EXPECT_EQ(why_not(motion_of(RobotVerb::park, 2)), "");
}

struct FaultCase {
  const char* name;
  std::function<void(RobotBench&)> prepare;
  const char* last;
  bool in_gripper;
};

class RobotFault : public RobotTest, public ::testing::WithParamInterface<FaultCase> {};

TEST_P(RobotFault, ends_a_transfer_as_it_should) {
  GetParam().prepare(bench);
  start(motion_of(RobotVerb::transfer));
  const RobotEvent event = ended();
  EXPECT_EQ(name_of(event.kind), std::string(GetParam().last)) << event.reason;
  EXPECT_EQ(event.gripper_occupied, GetParam().in_gripper) << event.reason;
  EXPECT_EQ(machine.moves, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Kind, RobotFault,
    ::testing::Values(FaultCase{"another_code_is_doubt",
                                [](RobotBench& b) { b.machine.reads_instead = "NK-0002-B"; },
                                "doubt", true},
                      FaultCase{"an_empty_source_contradicts_the_record",
                                [](RobotBench& b) { b.machine.vials.clear(); }, "doubt", false},
                      FaultCase{"a_jam_with_the_vial_held_is_failed_in_the_gripper",
                                [](RobotBench& b) { b.machine.fail_with = 15; }, "failed", true},
                      FaultCase{"an_occupied_destination_is_failed_in_the_gripper",
                                [](RobotBench& b) { b.machine.fail_with = 11; }, "failed", true},
                      FaultCase{"a_code_of_the_robots_own_is_doubt",
                                [](RobotBench& b) { b.machine.fail_with = 99; }, "doubt", true},
                      FaultCase{"a_sensor_fault_is_doubt",
                                [](RobotBench& b) { b.machine.fail_with = 16; }, "doubt", true},
                      FaultCase{"a_vial_lost_on_the_way_is_doubt",
                                [](RobotBench& b) { b.machine.drops = true; }, "doubt", false},
                      FaultCase{"a_count_that_rises_by_two_is_doubt",
                                [](RobotBench& b) { b.machine.says_done_twice = true; }, "doubt",
                                false}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

TEST_F(RobotTest, tells_the_code_that_was_really_read) {
  machine.reads_instead = "NK-0002-B";
  start(motion_of(RobotVerb::transfer));
  const RobotEvent event = ended();
  EXPECT_EQ(event.observed_code, "NK-0002-B");
  EXPECT_NE(event.reason.find("NK-0002-B"), std::string::npos) << event.reason;
}

TEST_F(RobotTest, knows_from_the_step_where_a_power_cut_left_the_vial) {
  start(motion_of(RobotVerb::transfer));
  bench.run(seconds(2));
  machine.power_cut();
  RobotEvent event = ended();
  EXPECT_EQ(event.kind, RobotEventKind::failed);
  EXPECT_FALSE(event.gripper_occupied);

  bench.events.clear();
  start(motion_of(RobotVerb::transfer, 2));
  bench.run(seconds(8));
  machine.power_cut();
  event = ended();
  EXPECT_EQ(event.kind, RobotEventKind::failed);
  EXPECT_TRUE(event.gripper_occupied);
}

TEST_F(RobotTest, doubts_a_robot_that_forgot_its_motion_in_a_power_cut) {
  machine.loses_memory_when_on = true;
  start(motion_of(RobotVerb::transfer));
  bench.run(seconds(8));
  machine.power_cut();
  EXPECT_EQ(ended().kind, RobotEventKind::doubt);
}

TEST_F(RobotTest, refuses_what_the_robot_would_refuse_and_says_why) {
  machine.status.interlocks = robot_block::door_open;
  bench.run(seconds(2));
  EXPECT_NE(why_not(motion_of(RobotVerb::park)).find("door-open"), std::string::npos);
  machine.status.interlocks = 0;
  machine.status.automatic = false;
  bench.run(seconds(2));
  EXPECT_NE(why_not(motion_of(RobotVerb::park)).find("manual"), std::string::npos);
  machine.status.automatic = true;
  machine.status.epoch = 9;
  bench.run(seconds(2));
  EXPECT_NE(why_not(motion_of(RobotVerb::park)).find("newer daemon"), std::string::npos);
  machine.status.epoch = 5;
  machine.status.gripper_occupied = true;
  bench.run(seconds(2));
  EXPECT_NE(why_not(motion_of(RobotVerb::pick)).find("occupied"), std::string::npos);
  EXPECT_EQ(why_not(motion_of(RobotVerb::park)), "");
  EXPECT_EQ(bench.motion_writes, 0);
}

TEST_F(RobotTest, lets_a_port_be_closed_while_the_open_port_forbids_all_else) {
  machine.status.interlocks = robot_block::port_open;
  bench.run(seconds(2));
  EXPECT_EQ(why_not(motion_of(RobotVerb::close_port)), "");
  EXPECT_NE(why_not(motion_of(RobotVerb::park)), "");
}

TEST_F(RobotTest, starts_nothing_while_paused_and_ends_the_running_motion) {
  start(motion_of(RobotVerb::transfer));
  bench.run(seconds(1));
  bench.robot.pause(true);
  EXPECT_EQ(ended().kind, RobotEventKind::done);
  EXPECT_NE(why_not(motion_of(RobotVerb::park, 2)), "");
  bench.robot.pause(false);
  EXPECT_EQ(why_not(motion_of(RobotVerb::park, 2)), "");
}

TEST_F(RobotTest, reads_a_rack_position_by_position) {
  machine.vials[{1, 2, 5}] = "NK-0005-A";
  start(motion_of(RobotVerb::scan_rack));
  const RobotEvent event = ended();
  EXPECT_EQ(event.kind, RobotEventKind::scanned);
  ASSERT_EQ(event.codes.size(), 7u);
  EXPECT_EQ(event.codes[2], kMovedCode);
  EXPECT_EQ(event.codes[4], "NK-0005-A");
  EXPECT_EQ(event.codes[0], "");
}

TEST_F(RobotTest, reports_for_a_person_where_the_vial_may_be) {
  machine.drops = true;
  start(motion_of(RobotVerb::transfer));
  EXPECT_EQ(ended().kind, RobotEventKind::doubt);
  const Json report = bench.robot.recovery_report(bench.now);
  EXPECT_TRUE(report["held"].boolean());
  EXPECT_EQ(report["doubt"]["motion"]["code"].string(), kMovedCode);
  EXPECT_EQ(report["doubt"]["candidates"].items().size(), 4u) << report.dump();
  EXPECT_EQ(report["doubt"]["scans"].items().size(), 2u);
}

}  // namespace
}  // namespace cryobank::devices
