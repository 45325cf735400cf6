// Machines without sequence numbers: they obey the same relay twice, and say little.
#include "tests/devices/simulator/bank.hpp"

namespace cryobank::simulator {
namespace {

config::Point point(const char* id, config::PointTable table, std::uint16_t address) {
  config::Point out;
  out.id = PointId(id);
  out.table = table;
  out.address = address;
  const bool bit = table == config::PointTable::coil || table == config::PointTable::discrete;
  out.type = bit ? config::PointType::bit : config::PointType::uint16;
  return out;
}

// A relay cabinet: relays 0-6, flags 0-3, words 0-7, a code of ten characters.
config::SiteConfig relay_site() {
  using Table = config::PointTable;
  config::SiteConfig site = demo_site();
  config::DeviceProfile profile;
  profile.id = ProfileId("relay-cabinet");
  profile.kind = config::DeviceKind::robot;
  profile.exactly_once = config::ExactlyOnce::sensors;
  profile.points = {
      point("start-pick", Table::coil, 0),       point("start-place", Table::coil, 1),
      point("start-transfer", Table::coil, 2),   point("start-park", Table::coil, 6),
      point("ready", Table::discrete, 0),        point("error", Table::discrete, 1),
      point("gripper", Table::discrete, 2),      point("transfer-occupied", Table::discrete, 3),
      point("error-code", Table::holding, 0),    point("source-1", Table::holding, 1),
      point("source-2", Table::holding, 2),      point("source-3", Table::holding, 3),
      point("destination-1", Table::holding, 4), point("destination-2", Table::holding, 5),
      point("destination-3", Table::holding, 6)};
  config::Point code = point("code", Table::holding, 10);
  code.type = config::PointType::ascii;
  code.registers = 5;
  profile.points.push_back(code);
  site.profiles.push_back(profile);
  for (config::DeviceConfig& device : site.devices) {
    if (device.kind == config::DeviceKind::robot) device.profile = profile.id;
  }
  return site;
}

Words flags(Bank& bank) { return bank.read(1, 1, RegisterTable::discrete, 0, 4); }

void pulse(Bank& bank, std::uint16_t relay) {
  bank.write(1, 1, relay, {1}, RegisterTable::coil);
  bank.write(1, 1, relay, {0}, RegisterTable::coil);
}

TEST(RelayRobot, ATransferIsSeenBySensorsOnly) {
  Bank bank(1, relay_site());
  ASSERT_TRUE(bank.hardware.put_vial(kPort, "A-1").ok());
  EXPECT_EQ(flags(bank), (Words{1, 0, 0, 1}));
  EXPECT_EQ(bank.write(1, 1, 1, {901, 0, 1, 1, 1, 101}).kind, ReplyKind::ok);
  EXPECT_EQ(bank.read(1, 1, RegisterTable::holding, 1, 6), (Words{901, 0, 1, 1, 1, 101}));
  pulse(bank, 2);
  EXPECT_EQ(flags(bank)[0], 0);
  bank.hardware.advance(seconds(8));
  EXPECT_EQ(flags(bank), (Words{0, 0, 1, 0}));
  bank.hardware.advance(seconds(8));
  EXPECT_EQ(flags(bank), (Words{1, 0, 0, 0}));
  EXPECT_EQ(bank.read(1, 1, RegisterTable::holding, 10, 1), Words{('A' << 8) | '-'});
  EXPECT_EQ(bank.hardware.vials().at(kSlot), "A-1");
  EXPECT_EQ(bank.hardware.moves(), 1u);
}

TEST(RelayRobot, TheSameRelayTwiceMovesTwice) {
  Bank bank(1, relay_site());
  bank.write(1, 1, 1, {901, 0, 1});
  for (int i = 0; i < 2; ++i) {
    pulse(bank, 0);
    pulse(bank, 0);  // while it is busy: silently nothing
    bank.hardware.advance(seconds(20));
  }
  EXPECT_EQ(bank.hardware.motions().size(), 1u) << "the error of the first stops the second";
  EXPECT_EQ(flags(bank), (Words{1, 1, 0, 0}));
  EXPECT_EQ(bank.read(1, 1, RegisterTable::holding, 0, 1), Words{10});
  pulse(bank, 6);
  bank.hardware.advance(seconds(20));
  EXPECT_EQ(flags(bank), (Words{1, 0, 0, 0}));
  ASSERT_TRUE(bank.hardware.put_vial(kPort, "A-1").ok());
  pulse(bank, 0);
  bank.hardware.advance(seconds(20));
  EXPECT_EQ(bank.hardware.vials().at(kGripper), "A-1");
  EXPECT_EQ(bank.hardware.motions().size(), 3u);
}

TEST(RelayRobot, APowerCutLeavesTheVialAndAnError) {
  Bank bank(1, relay_site());
  ASSERT_TRUE(bank.hardware.put_vial(kPort, "A-1").ok());
  bank.write(1, 1, 1, {901, 0, 1, 1, 1, 101});
  bank.control(R"({"do":"fault","device":"robot-1","fault":"power-cut","at":"to-destination"})");
  pulse(bank, 2);
  bank.hardware.advance(seconds(15));
  EXPECT_TRUE(flags(bank).empty());
  const Json saved = bank.hardware.save();
  bank.hardware.advance(seconds(15));
  EXPECT_EQ(flags(bank), (Words{1, 1, 1, 0}));
  EXPECT_EQ(bank.hardware.vials().at(kGripper), "A-1");
  Bank again(1, relay_site());
  ASSERT_TRUE(again.hardware.restore(saved).ok());
  again.hardware.advance(seconds(15));
  EXPECT_EQ(flags(again), (Words{1, 1, 1, 0}));
}

}  // namespace
}  // namespace cryobank::simulator
