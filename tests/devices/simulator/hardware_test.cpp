// The simulated machines of the demonstration site behind answer(): blocks, time, robots' motions.
#include "tests/devices/simulator/bank.hpp"

namespace cryobank::simulator {
namespace {

namespace block = devices::robot_block;

TEST(Hardware, AFreezerShowsItsTruthInTheReferenceBlock) {
  Bank bank;
  const Words words = bank.freezer(1);
  ASSERT_EQ(words.size(), 9u);
  EXPECT_EQ(words[0], 0xC0F1);
  EXPECT_LE(std::abs(words[1] * 100 - bank.truth("freezer-1", "level")), 800);
  EXPECT_LE(std::abs(static_cast<std::int16_t>(words[2]) * 100 -
                     bank.truth("freezer-1", "temperature-top")),
            1300);
  EXPECT_LT(static_cast<std::int16_t>(words[3]), -1930);
  EXPECT_EQ(words[4], 0);
}

TEST(Hardware, UnknownRegistersAndUnitsAreRefusedAsRealMachinesDo) {
  Bank bank;
  bank.read(0, 1, RegisterTable::input, 11, 1);
  EXPECT_EQ(bank.last.exception, 2);
  bank.read(0, 1, RegisterTable::input, 0, 126);
  EXPECT_EQ(bank.last.exception, 3);
  bank.read(0, 9, RegisterTable::input, 0, 9);
  EXPECT_EQ(bank.last.kind, ReplyKind::timeout);
  bank.write(0, 1, 0, {1270}, RegisterTable::input);
  EXPECT_EQ(bank.last.exception, 1);
}

TEST(Hardware, TheSameSeedGivesTheSameTruth) {
  Bank one(7);
  Bank same(7);
  Bank other(8);
  for (int i = 0; i < 5; ++i) {
    one.hardware.advance(hours(1));
    for (int m = 0; m < 60; ++m) same.hardware.advance(minutes(1));
    other.hardware.advance(hours(1));
  }
  EXPECT_EQ(one.hardware.save().dump(), same.hardware.save().dump());
  EXPECT_NE(one.hardware.save().dump(), other.hardware.save().dump());
}

TEST(Hardware, ATransferMovesTheVialOnceAndProvesIt) {
  Bank bank;
  ASSERT_TRUE(bank.hardware.put_vial(kPort, "A-1").ok());
  EXPECT_EQ(bank.command({block::Verb::transfer, kPort, kSlot, "A-1", 5, 3}), ReplyKind::ok);
  Words status = bank.robot();
  EXPECT_EQ(status[2], static_cast<int>(block::State::accepted));
  EXPECT_EQ(Bank::u32(status, 4), 5u);
  bank.run(20);
  status = bank.robot();
  EXPECT_EQ(status[0], 0xC0B2);
  EXPECT_EQ(status[59], Bank::crc(status, 59));
  EXPECT_EQ(status[2], static_cast<int>(block::State::done));
  EXPECT_EQ(Bank::u32(status, 6), 5u);
  EXPECT_EQ(status[8], 1);
  EXPECT_EQ(status[9], 0);
  EXPECT_EQ(Bank::u32(status, 10), 1u);
  EXPECT_EQ(Bank::u32(status, 12), 3u);
  EXPECT_EQ(Bank::u32(status, 18), fnv1a32("A-1"));
  EXPECT_EQ(Bank::u32(status, 20), fnv1a32("A-1"));
  EXPECT_EQ(status[22], ('A' << 8) | '-');
  EXPECT_EQ(bank.hardware.vials().at(kSlot), "A-1");
  EXPECT_EQ(bank.hardware.moves(), 1u);
  ASSERT_EQ(bank.hardware.motions().size(), 1u);
  EXPECT_EQ(bank.hardware.motions()[0].sequence, 5u);

  // The same command again, and a lower one, move nothing.
  bank.command({block::Verb::transfer, kPort, kSlot, "A-1", 5, 3});
  EXPECT_EQ(bank.robot()[56], 0);
  bank.clear(5);
  EXPECT_EQ(bank.robot()[2], static_cast<int>(block::State::idle));
  bank.command({block::Verb::transfer, kSlot, kPort, "A-1", 5, 3});
  bank.command({block::Verb::transfer, kSlot, kPort, "A-1", 4, 3});
  bank.run(20);
  EXPECT_EQ(bank.robot()[56], static_cast<int>(block::Refusal::sequence_not_higher));
  EXPECT_EQ(bank.hardware.moves(), 1u);
}

TEST(Hardware, PickHoldsTheVialInTheGripperAndPlaceReleasesIt) {
  Bank bank;
  ASSERT_TRUE(bank.hardware.put_vial(kPort, "A-1").ok());
  bank.command({block::Verb::pick, kPort, {}, "A-1", 1, 1});
  bank.run(10);
  Words status = bank.robot();
  EXPECT_EQ(status[2], static_cast<int>(block::State::done));
  EXPECT_EQ(status[3], static_cast<int>(block::Step::holding));
  EXPECT_EQ(status[9], 1);
  EXPECT_EQ(bank.hardware.vials().at(kGripper), "A-1");
  bank.clear(1);
  bank.command({block::Verb::place, {}, kSlot, "A-1", 2, 1});
  bank.run(10);
  status = bank.robot();
  EXPECT_EQ(status[2], static_cast<int>(block::State::done));
  EXPECT_EQ(Bank::u32(status, 10), 2u);
  EXPECT_EQ(bank.hardware.vials().at(kSlot), "A-1");
  EXPECT_EQ(bank.hardware.moves(), 2u);
}

struct Refused {
  const char* name = "";
  Command command;
  block::Refusal why{};
};

TEST(Hardware, ARobotSaysWhyItRefuses) {
  const Command good{block::Verb::park, {}, {}, "", 9, 5};
  Command low_epoch = good;
  low_epoch.epoch = 4;
  Command low_sequence = good;
  low_sequence.sequence = 7;
  Command bad_verb = good;
  bad_verb.verb = static_cast<block::Verb>(9);
  Command nowhere{block::Verb::pick, {77, 1, 1}, {}, "X", 9, 5};
  const Refused table[] = {
      {"epoch below the highest seen", low_epoch, block::Refusal::epoch_too_low},
      {"sequence below the last taken", low_sequence, block::Refusal::sequence_not_higher},
      {"verb that the block does not have", bad_verb, block::Refusal::unknown_verb},
      {"place that the robot does not know", nowhere, block::Refusal::unknown_place},
  };
  for (const Refused& row : table) {
    SCOPED_TRACE(row.name);
    Bank bank;
    bank.command({block::Verb::park, {}, {}, "", 8, 5});
    bank.run(6);
    bank.clear(8);
    bank.command(row.command);
    const Words status = bank.robot();
    EXPECT_EQ(status[56], static_cast<int>(row.why));
    EXPECT_EQ(Bank::u32(status, 57), row.command.sequence);
    EXPECT_EQ(Bank::u32(status, 4), 8u);
    EXPECT_EQ(bank.hardware.motions().size(), 1u);
  }
}

TEST(Hardware, ARobotRefusesDamagedBusySilentManualAndInterlocked) {
  Bank bank;
  const auto refusal = [&bank] { return static_cast<block::Refusal>(bank.robot()[56]); };
  Words damaged = Bank::block_of({block::Verb::park, {}, {}, "", 1, 1});
  damaged[7] ^= 1;
  bank.beat();
  bank.write(1, 1, 0, damaged);
  EXPECT_EQ(refusal(), block::Refusal::crc);
  bank.hardware.advance(seconds(10));
  bank.write(1, 1, 0, Bank::block_of({block::Verb::park, {}, {}, "", 1, 1}));
  EXPECT_EQ(refusal(), block::Refusal::master_silent);
  bank.control(R"({"do":"mode","device":"robot-1","automatic":false})");
  bank.command({block::Verb::park, {}, {}, "", 2, 1});
  EXPECT_EQ(refusal(), block::Refusal::not_automatic);
  bank.control(R"({"do":"mode","device":"robot-1","automatic":true})");
  bank.command({block::Verb::open_port, {}, {}, "", 3, 1});
  bank.run(5);
  bank.command({block::Verb::park, {}, {}, "", 4, 1});
  EXPECT_EQ(refusal(), block::Refusal::busy) << "done is latched until it is cleared";
  bank.clear(3);
  EXPECT_EQ(bank.robot()[2], static_cast<int>(block::State::interlocked));
  bank.command({block::Verb::park, {}, {}, "", 4, 1});
  EXPECT_EQ(refusal(), block::Refusal::interlocked);
  bank.command({block::Verb::close_port, {}, {}, "", 5, 1});
  EXPECT_EQ(refusal(), block::Refusal::none);
  bank.run(5);
  bank.clear(5);
  bank.write(1, 1, 21, {1});
  EXPECT_EQ(bank.robot()[2], static_cast<int>(block::State::paused));
}

TEST(Hardware, AScanTellsEveryPosition) {
  Bank bank;
  ASSERT_TRUE(bank.hardware.put_vial({1, 1, 101}, "A-1").ok());
  ASSERT_TRUE(bank.hardware.put_vial({1, 1, 103}, "A-3").ok());
  bank.control(R"({"do":"fault","device":"robot-1","fault":"wrong-code","at":"scan","code":"B"})");
  bank.command({block::Verb::scan_rack, {1, 1, 101}, {}, "", 1, 1});
  bank.run(10);
  EXPECT_EQ(bank.read(1, 1, RegisterTable::input, 999, 1), Words{81});
  const Words codes = bank.read(1, 1, RegisterTable::input, 1000, 96);
  EXPECT_EQ(codes[0], 'B' << 8);
  EXPECT_EQ(codes[32], 0);
  EXPECT_EQ(codes[64], ('A' << 8) | '-');
}

}  // namespace
}  // namespace cryobank::simulator
