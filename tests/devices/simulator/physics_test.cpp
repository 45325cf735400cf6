// The physics against the figures they were taken from: measured tanks and published failures.
#include "tests/devices/simulator/bank.hpp"

namespace cryobank::simulator {
namespace {

constexpr std::int64_t kDegree = 1000;
constexpr std::int64_t kMm = 1000;

void pass_hours(Bank& bank, int count) {
  for (int i = 0; i < count; ++i) bank.hardware.advance(hours(1));
}

TEST(Physics, AnIntactTankLosesSevenToFifteenMillimetresADay) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Bank bank(seed);
    bank.control(R"({"do":"level","device":"freezer-1","mm":200})");
    pass_hours(bank, 24);
    const std::int64_t lost = 200 * kMm - bank.truth("freezer-1", "level");
    EXPECT_GE(lost, 6'900) << seed;
    EXPECT_LE(lost, 15'500) << seed;
  }
}

TEST(Physics, TheControllerFillsByItselfBetweenItsSetPoints) {
  Bank bank;
  bank.control(R"({"do":"level","device":"freezer-1","mm":128})");
  bool bypassed = false;
  bool filled = false;
  std::int64_t highest = 0;
  for (int minute = 0; minute < 24 * 60; ++minute) {
    bank.hardware.advance(minutes(1));
    const std::uint16_t bits = bank.freezer(1)[4];
    bypassed |= (bits & 4) != 0;
    if ((bits & 2) != 0) {
      EXPECT_TRUE(bypassed) << "gas is let by before liquid comes";
    }
    filled |= (bits & 2) != 0;
    highest = std::max(highest, bank.truth("freezer-1", "level"));
  }
  EXPECT_TRUE(filled);
  EXPECT_GE(highest, 201 * kMm);
  EXPECT_LE(highest, 208 * kMm);
  EXPECT_EQ(bank.truth("freezer-1", "filling"), 0);
}

TEST(Physics, AFillTakesHalfAnHourAndOvershootsCold) {
  Bank bank;
  bank.control(R"({"do":"level","device":"freezer-1","mm":160})");
  const std::int64_t before = bank.truth("freezer-1", "temperature-top");
  EXPECT_EQ(bank.write(0, 1, 5, {1}).kind, ReplyKind::ok);
  int took = 0;
  while (bank.truth("freezer-1", "filling") != 0) {
    ASSERT_LT(++took, 90);
    bank.hardware.advance(minutes(1));
  }
  EXPECT_GE(took, 17);
  const std::int64_t after = bank.truth("freezer-1", "temperature-top");
  EXPECT_LT(after, before - 10 * kDegree);
  pass_hours(bank, 12);
  EXPECT_GT(bank.truth("freezer-1", "temperature-top"), before - 4 * kDegree);
}

struct Opening {
  int seconds;
  std::int64_t least;  // rise of the vapour one hour later, milli-degrees
  std::int64_t most;
};

TEST(Physics, ALidOpeningWarmsAsTheYearOfDataShows) {
  // Means by open time: +2.9, +5.3, +9.8, +13 degrees in the sample that followed within two hours.
  const Opening table[] = {
      {14, 800, 5'000}, {60, 3'000, 9'000}, {180, 7'000, 16'000}, {900, 10'000, 20'000}};
  for (const Opening& row : table) {
    Bank bank;
    const std::int64_t before = bank.truth("freezer-2", "temperature-top");
    bank.control(
        cat(R"({"do":"lid","device":"freezer-2","open":true,"seconds":)", row.seconds, "}"));
    bank.hardware.advance(seconds(row.seconds));
    bank.hardware.advance(hours(1));
    const std::int64_t rise = bank.truth("freezer-2", "temperature-top") - before;
    EXPECT_GE(rise, row.least) << row.seconds;
    EXPECT_LE(rise, row.most) << row.seconds;
    EXPECT_EQ(bank.truth("freezer-2", "lid"), 0);
  }
}

TEST(Physics, AnOpenLidHoldsTheFillValveShut) {
  Bank bank;
  bank.write(0, 1, 5, {1});
  bank.hardware.advance(minutes(6));
  EXPECT_EQ(bank.freezer(1)[4] & 2, 2);
  bank.control(R"({"do":"lid","device":"freezer-1","open":true})");
  bank.hardware.advance(seconds(2));
  EXPECT_EQ(bank.freezer(1)[4] & 3, 1);
  bank.control(R"({"do":"lid","device":"freezer-1","open":false})");
  bank.hardware.advance(seconds(2));
  EXPECT_EQ(bank.freezer(1)[4] & 3, 2);
}

TEST(Physics, VacuumLossShowsInLevelLongBeforeTemperature) {
  Bank bank;
  bank.control(R"({"do":"level","device":"freezer-1","mm":200})");
  bank.control(R"({"do":"fault","device":"freezer-1","fault":"vacuum-loss","factor":20})");
  bank.control(R"({"do":"fault","device":"freezer-1","fault":"valve-stuck-closed"})");
  pass_hours(bank, 3);
  EXPECT_LT(bank.truth("freezer-1", "level"), 184 * kMm);
  pass_hours(bank, 9);
  EXPECT_GT(bank.truth("freezer-1", "temperature-top"), -160 * kDegree);
  EXPECT_LT(bank.truth("freezer-1", "temperature-top"), -110 * kDegree);
  EXPECT_LT(bank.truth("freezer-1", "temperature-bottom"), -190 * kDegree) << "still wet";
}

TEST(Physics, ABreachIsDryInThreeMinutesAndWarmsFiftyDegreesAnHour) {
  Bank bank;
  bank.control(R"({"do":"fault","device":"freezer-1","fault":"breach"})");
  bank.hardware.advance(minutes(3));
  EXPECT_LT(bank.truth("freezer-1", "level"), 2 * kMm);
  bank.hardware.advance(minutes(3));
  const std::int64_t before = bank.truth("freezer-1", "temperature-bottom");
  bank.hardware.advance(hours(1));
  const std::int64_t rise = bank.truth("freezer-1", "temperature-bottom") - before;
  EXPECT_GE(rise, 38 * kDegree);
  EXPECT_LE(rise, 56 * kDegree);
}

TEST(Physics, ADryIntactTankTakesDaysFromMinus170ToMinus150) {
  Bank bank;
  bank.control(R"({"do":"fault","device":"freezer-1","fault":"valve-stuck-closed"})");
  bank.control(R"({"do":"level","device":"freezer-1","mm":0})");
  int hours_170 = 0;
  int hours_150 = 0;
  for (int hour = 1; hour < 24 * 20 && hours_150 == 0; ++hour) {
    bank.hardware.advance(hours(1));
    const std::int64_t top = bank.truth("freezer-1", "temperature-top");
    if (hours_170 == 0 && top > -170 * kDegree) hours_170 = hour;
    if (top > -150 * kDegree) hours_150 = hour;
  }
  EXPECT_GE(hours_150 - hours_170, 3 * 24);
  EXPECT_LE(hours_150 - hours_170, 5 * 24);
}

TEST(Physics, AnEmptySupplyEndsInFillingDisabled) {
  Bank bank;
  bank.control(R"({"do":"fault","device":"supply-1","fault":"supply-empty"})");
  const std::int64_t before = bank.truth("freezer-1", "temperature-top");
  bank.write(0, 1, 5, {1});
  bank.hardware.advance(hours(1));
  EXPECT_EQ(bank.freezer(1)[4] & 2, 2) << "the valve is open";
  EXPECT_GT(bank.truth("freezer-1", "temperature-top"), before + 10 * kDegree) << "and gas comes";
  pass_hours(bank, 3);
  const Words words = bank.freezer(1);
  EXPECT_EQ(words[4] & 10, 8) << "closed and disabled";
  EXPECT_EQ(words[6] & 16, 16) << "fill-time alarm";
  EXPECT_EQ(bank.write(0, 1, 5, {1}).exception, 4) << "no fill until somebody resets it";
  bank.control(R"({"do":"reset","device":"freezer-1"})");
  EXPECT_EQ(bank.write(0, 1, 5, {1}).kind, ReplyKind::ok);
}

TEST(Physics, AStuckOpenValveOverfillsDrainsTheSupplyAndTakesTheOxygen) {
  Bank bank;
  bank.control(R"({"do":"ventilation","device":"room-1","on":false})");
  const std::int64_t stock = bank.truth("supply-1", "litres");
  bank.control(R"({"do":"fault","device":"freezer-1","fault":"valve-stuck-open"})");
  std::int64_t least_oxygen = 21'000;
  for (int hour = 0; hour < 8; ++hour) {
    for (int minute = 0; minute < 60; ++minute) {
      bank.hardware.advance(minutes(1));
      least_oxygen = std::min(least_oxygen, bank.truth("room-1", "oxygen-2"));
    }
    if (hour == 1) {
      EXPECT_GT(bank.truth("freezer-1", "level"), 250 * kMm);
    }
  }
  EXPECT_EQ(bank.freezer(1)[4] & 2, 0) << "the output is off all the while";
  EXPECT_LT(bank.truth("supply-1", "litres"), stock - 200'000);
  EXPECT_EQ(bank.truth("room-1", "inlet-closed"), 1000) << "the room's interlock ends it";
  EXPECT_LT(least_oxygen, 18'200);
  EXPECT_GT(least_oxygen, 17'000);
}

TEST(Physics, TheRoomsInletStaysClosedUntilAPersonOpensIt) {
  Bank bank;
  EXPECT_EQ(bank.read(2, 1, RegisterTable::discrete, 0, 3), (Words{0, 1, 0}));
  EXPECT_EQ(bank.write(2, 1, 0, {1}, RegisterTable::coil).kind, ReplyKind::ok);
  EXPECT_EQ(bank.read(2, 1, RegisterTable::discrete, 2, 1), Words{1});
  bank.write(2, 1, 0, {0}, RegisterTable::coil);
  EXPECT_EQ(bank.read(2, 1, RegisterTable::discrete, 2, 1), Words{1});
  bank.control(R"({"do":"open_inlet","device":"room-1"})");
  EXPECT_EQ(bank.read(2, 1, RegisterTable::discrete, 2, 1), Words{0});
}

TEST(Physics, TwoInstrumentsOfOneRoomShareItsAir) {
  config::SiteConfig site = demo_site();
  config::DeviceConfig second = *site.find_device(DeviceId("room-1"));
  second.id = DeviceId("room-1-b");
  second.unit = 3;
  site.devices.push_back(second);
  Bank bank(1, site);
  bank.control(R"({"do":"ventilation","device":"room-1-b","on":false})");
  bank.control(R"({"do":"fault","device":"room-1-b","fault":"gas-leak","litres_per_hour":10})");
  pass_hours(bank, 1);
  EXPECT_LT(bank.truth("room-1", "oxygen"), 20'500);
  EXPECT_EQ(bank.truth("room-1", "oxygen"), bank.truth("room-1-b", "oxygen"));
  EXPECT_EQ(bank.read(2, 3, RegisterTable::discrete, 1, 1), Words{0});
}

TEST(Physics, SetPointsAreKeptWithinTheirRules) {
  Bank bank;
  EXPECT_EQ(bank.write(0, 1, 0, {1500}).kind, ReplyKind::ok);
  EXPECT_EQ(bank.read(0, 1, RegisterTable::holding, 0, 1), Words{1500});
  EXPECT_EQ(bank.write(0, 1, 0, {9000}).exception, 3) << "outside the profile's range";
  EXPECT_EQ(bank.write(0, 1, 1, {1600}).exception, 3) << "stop less than an inch above start";
  EXPECT_EQ(bank.write(0, 1, 0, {1200, 2000}).kind, ReplyKind::ok);
  EXPECT_EQ(bank.read(0, 1, RegisterTable::holding, 0, 2), (Words{1200, 2000}));
}

TEST(Physics, ProbesLieAsTold) {
  Bank bank;
  const auto level = [&bank] { return static_cast<int>(bank.freezer(1)[1]); };
  const int honest = level();
  bank.control(
      R"({"do":"fault","device":"freezer-1","fault":"sensor-offset","point":"level","offset":-30})");
  EXPECT_NEAR(level(), honest - 300, 20);
  bank.control(R"({"do":"clear","device":"freezer-1"})");
  bank.control(R"({"do":"fault","device":"freezer-1","fault":"sensor-open","point":"level"})");
  EXPECT_EQ(level(), 0xFFFF);
  EXPECT_EQ(bank.freezer(1)[6] & 128, 128);
  bank.control(R"({"do":"clear","device":"freezer-1"})");
  bank.control(
      R"({"do":"fault","device":"freezer-1","fault":"sensor-coarse","point":"level","step":5})");
  EXPECT_EQ(level() % 50, 0);
  bank.control(R"({"do":"clear","device":"freezer-1"})");
  bank.control(
      R"({"do":"fault","device":"freezer-1","fault":"sensor-stuck","point":"temperature-top"})");
  const int held = bank.freezer(1)[2];
  pass_hours(bank, 5);
  EXPECT_EQ(bank.freezer(1)[2], held);
  bank.control(R"({"do":"clear","device":"freezer-1"})");
  bank.control(
      R"({"do":"fault","device":"freezer-1","fault":"sensor-drift","point":"temperature-top","per_hour":2})");
  pass_hours(bank, 10);
  const int shown = static_cast<std::int16_t>(bank.freezer(1)[2]);
  const std::int64_t drifted = shown * 100 - bank.truth("freezer-1", "temperature-top");
  EXPECT_GT(drifted, 18 * kDegree);
  EXPECT_LT(drifted, 22 * kDegree);
}

TEST(Physics, AHealthyProbeIsNeverFrozen) {
  Bank bank;
  int changes = 0;
  std::uint16_t before = bank.freezer(1)[1];
  for (int minute = 0; minute < 60; ++minute) {
    bank.hardware.advance(minutes(1));
    const std::uint16_t now = bank.freezer(1)[1];
    if (now != before) ++changes;
    before = now;
  }
  EXPECT_GT(changes, 10);
}

}  // namespace
}  // namespace cryobank::simulator
