// Robots that fail: what the block says, and where the vial really is.
#include "tests/devices/simulator/bank.hpp"

namespace cryobank::simulator {
namespace {

namespace block = devices::robot_block;

struct FaultCase {
  const char* name;
  const char* fault;  // the members of the command after "fault":
  block::State state;
  block::Fault error;
  int gripper;                  // as the block shows it
  devices::RobotLocation vial;  // where it really is
  std::uint32_t completed;
};

constexpr devices::RobotLocation kFloor{1, 0xFFFE, 0};

const FaultCase kFaultCases[] = {
    {"a jam before the pick leaves the vial", R"("jam","at":"to-source")", block::State::failed,
     block::Fault::jammed, 0, kPort, 0},
    {"a jam on the way keeps it in the gripper", R"("jam")", block::State::failed,
     block::Fault::jammed, 1, kGripper, 0},
    {"a dropped vial lies on the floor", R"("drop")", block::State::failed, block::Fault::dropped,
     0, kFloor, 0},
    {"a drop that nobody notices is said to be done", R"("drop","silent":true)", block::State::done,
     block::Fault::none, 0, kFloor, 1},
    {"a wrong code at pick puts the vial back", R"("wrong-code")", block::State::failed,
     block::Fault::code_mismatch, 0, kPort, 0},
    {"a wrong code at place is found there", R"("wrong-code","at":"place")", block::State::failed,
     block::Fault::code_mismatch, 0, kSlot, 0},
    {"an unreadable code puts the vial back", R"("unreadable")", block::State::failed,
     block::Fault::code_unreadable, 0, kPort, 0},
    {"done is said and nothing was done", R"("false-done")", block::State::done, block::Fault::none,
     0, kPort, 1},
    {"a power cut in mid-move keeps the vial in the gripper",
     R"("power-cut","at":"to-destination","off_ms":5000)", block::State::failed,
     block::Fault::power_lost, 1, kGripper, 0},
    {"a power cut after the release finds it placed", R"("power-cut","at":"placed","off_ms":5000)",
     block::State::failed, block::Fault::power_lost, 0, kSlot, 0},
    {"done is never said", R"("never-done")", block::State::running, block::Fault::none, 0, kSlot,
     0},
    {"a slow robot is still under way", R"("slow","factor":5)", block::State::running,
     block::Fault::none, 0, kPort, 0},
    {"a deaf robot takes nothing", R"("ignores")", block::State::idle, block::Fault::none, 0, kPort,
     0},
};

TEST(RobotFaults, EachShowsAsItDoesOnARealMachine) {
  for (const FaultCase& row : kFaultCases) {
    SCOPED_TRACE(row.name);
    Bank bank;
    ASSERT_TRUE(bank.hardware.put_vial(kPort, "A-1").ok());
    bank.control(cat(R"({"do":"fault","device":"robot-1","fault":)", row.fault, "}"));
    bank.command({block::Verb::transfer, kPort, kSlot, "A-1", 1, 1});
    bank.run(std::string_view(row.name).find("slow") != std::string_view::npos ? 10 : 30);
    const Words status = bank.robot();
    ASSERT_EQ(status.size(), 60u);
    EXPECT_EQ(status[2], static_cast<int>(row.state));
    EXPECT_EQ(status[17], static_cast<int>(row.error));
    EXPECT_EQ(status[9], row.gripper);
    EXPECT_EQ(Bank::u32(status, 10), row.completed);
    ASSERT_EQ(bank.hardware.vials().size(), 1u);
    EXPECT_EQ(bank.hardware.vials().begin()->first, row.vial);
  }
}

TEST(RobotFaults, FalseDoneWithoutLieShowsNoCode) {
  for (const bool lie : {false, true}) {
    Bank bank;
    ASSERT_TRUE(bank.hardware.put_vial(kPort, "A-1").ok());
    bank.control(cat(R"({"do":"fault","device":"robot-1","fault":"false-done","lie":)",
                     lie ? "true" : "false", "}"));
    bank.command({block::Verb::transfer, kPort, kSlot, "A-1", 1, 1});
    bank.run(30);
    const Words status = bank.robot();
    EXPECT_EQ(Bank::u32(status, 18), lie ? fnv1a32("A-1") : 0u);
    EXPECT_EQ(Bank::u32(status, 20), lie ? fnv1a32("A-1") : 0u);
    EXPECT_EQ(bank.hardware.vials().begin()->first, kPort);
    EXPECT_EQ(bank.hardware.moves(), 0u);
  }
}

TEST(RobotFaults, NeverDoneEndsWhenTheFaultIsCleared) {
  Bank bank;
  ASSERT_TRUE(bank.hardware.put_vial(kPort, "A-1").ok());
  bank.control(R"({"do":"fault","device":"robot-1","fault":"never-done"})");
  bank.command({block::Verb::transfer, kPort, kSlot, "A-1", 1, 1});
  bank.run(60);
  EXPECT_EQ(bank.robot()[2], static_cast<int>(block::State::running));
  bank.control(R"({"do":"clear","device":"robot-1"})");
  bank.run(1);
  EXPECT_EQ(bank.robot()[2], static_cast<int>(block::State::done));
}

TEST(RobotFaults, ARobotWithoutPowerIsSilentAndComesBackWithItsMemory) {
  Bank bank;
  ASSERT_TRUE(bank.hardware.put_vial(kPort, "A-1").ok());
  bank.command({block::Verb::transfer, kPort, kSlot, "A-1", 7, 2});
  bank.run(6);
  bank.control(R"({"do":"fault","device":"robot-1","fault":"power-cut","off_ms":4000})");
  bank.robot();
  EXPECT_EQ(bank.last.kind, ReplyKind::timeout);
  bank.hardware.advance(seconds(4));
  EXPECT_EQ(bank.robot()[2], static_cast<int>(block::State::starting));
  bank.hardware.advance(seconds(4));
  const Words status = bank.robot();
  EXPECT_EQ(status[2], static_cast<int>(block::State::failed));
  EXPECT_EQ(status[3], static_cast<int>(block::Step::holding)) << "the last step reached";
  EXPECT_EQ(Bank::u32(status, 4), 7u);
  EXPECT_EQ(Bank::u32(status, 12), 2u);
  EXPECT_EQ(Bank::u32(status, 18), fnv1a32("A-1"));
  bank.clear(7);
  bank.command({block::Verb::place, {}, kSlot, "A-1", 8, 2});
  bank.run(10);
  EXPECT_EQ(bank.hardware.vials().at(kSlot), "A-1");
}

TEST(RobotFaults, ARobotThatForgetsShowsAnotherMemory) {
  Bank bank;
  bank.command({block::Verb::park, {}, {}, "", 7, 2});
  bank.run(6);
  bank.control(
      R"({"do":"fault","device":"robot-1","fault":"power-cut","off_ms":1000,"forgets":true})");
  bank.run(6);
  EXPECT_EQ(Bank::u32(bank.robot(), 4), 0u);
}

TEST(RobotFaults, AFrozenHeartbeatStandsStillWhileTheBlockAnswers) {
  Bank bank;
  const std::uint16_t before = bank.robot()[14];
  bank.run(2);
  EXPECT_NE(bank.robot()[14], before);
  bank.control(R"({"do":"fault","device":"robot-1","fault":"frozen-heartbeat","duration_s":60})");
  const std::uint16_t frozen = bank.robot()[14];
  bank.run(30);
  EXPECT_EQ(bank.robot()[14], frozen);
  bank.run(40);
  EXPECT_NE(bank.robot()[14], frozen);
}

TEST(RobotFaults, TheCellIsSafeFromPeopleAndFullPlaces) {
  Bank bank;
  ASSERT_TRUE(bank.hardware.put_vial(kPort, "A-1").ok());
  ASSERT_TRUE(bank.hardware.put_vial(kSlot, "B-1").ok());
  EXPECT_EQ(bank.hardware.put_vial(kSlot, "C-1").error().code, ErrorCode::slot_taken);
  EXPECT_EQ(bank.hardware.take_vial({1, 1, 102}).error().code, ErrorCode::not_found);
  bank.command({block::Verb::transfer, kPort, kSlot, "A-1", 1, 1});
  bank.run(20);
  Words status = bank.robot();
  EXPECT_EQ(status[17], static_cast<int>(block::Fault::destination_occupied));
  EXPECT_EQ(status[9], 1);
  bank.clear(1);
  bank.command({block::Verb::pick, {1, 1, 110}, {}, "", 2, 1});
  bank.run(20);
  status = bank.robot();
  EXPECT_EQ(status[17], static_cast<int>(block::Fault::source_empty));
  EXPECT_EQ(bank.hardware.vials().at(kGripper), "A-1");
}

}  // namespace
}  // namespace cryobank::simulator
