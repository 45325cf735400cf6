#include "devices/line/register_reader.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "tests/devices/profile_fixture.hpp"

namespace cryobank::devices {
namespace {

// One unit with registers, some of which it refuses, that a reader polls on virtual time.
class PolledUnit {
 public:
  explicit PolledUnit(config::DeviceProfile profile, bool serial = false, Duration retry_max = {},
                      bool gateway = false)
      : profile_(std::move(profile)) {
    ReaderRules rules;
    rules.unit = 3;
    rules.late_answers = serial;
    rules.gateway = gateway;
    if (retry_max.ns > 0) rules.retry_max = retry_max;
    reader_.emplace(DeviceIndex{5}, profile_, rules, Prng(1));
    reader_->begin(Instant{});
    for (std::uint16_t i = 0; i < 200; ++i) registers[i] = static_cast<std::uint16_t>(1000 + i);
    registers[0] = 0xC0F1;
  }

  // Runs to `until`, answering everything that is asked.
  void run(Duration until) {
    while (reader_->due() <= Instant{until.ns}) ask();
    now_.mono = Instant{until.ns};
    reader_->check_age(now_, readings);
  }

  void ask() {
    now_.mono = std::max(now_.mono, reader_->due());
    now_.wall.ms = now_.mono.ns / 1'000'000;
    LineRequest request;
    ASSERT_TRUE(reader_->next(now_, request));
    EXPECT_EQ(request.modbus.unit, 3);
    asked.push_back(cat(request.modbus.address, "+", request.modbus.count));
    LineReply reply;
    reply.modbus = answer ? answer(request.modbus) : answer_from_registers(request.modbus);
    if (reply.modbus.kind == ReplyKind::timeout) now_.mono = now_.mono + request.response_timeout;
    reader_->on_reply(now_, reply, readings);
  }

  ModbusReply answer_from_registers(const ModbusRequest& request) const {
    ModbusReply reply;
    reply.kind = ReplyKind::ok;
    for (std::uint32_t i = request.address; i < request.address + request.count; ++i) {
      if (refused.contains(i)) return ModbusReply{ReplyKind::exception, 2, {}, true};
      reply.values.push_back(registers.at(i));
    }
    return reply;
  }

  std::string quality(std::uint32_t point) const {
    const Reading& reading = reader_->points().at(point);
    EXPECT_EQ(reading.value.has_value(), reading.quality == Quality::good);
    return std::string(name_of(reading.quality));
  }

  RegisterReader& reader() { return *reader_; }
  Now now() const { return now_; }

  std::map<std::uint32_t, std::uint16_t> registers;
  std::set<std::uint32_t> refused;
  std::function<ModbusReply(const ModbusRequest&)> answer;
  std::vector<std::string> asked;
  std::vector<Reading> readings;

 private:
  config::DeviceProfile profile_;
  std::optional<RegisterReader> reader_;
  Now now_;
};

using Asked = std::vector<std::string>;
const ModbusReply kTimeout{ReplyKind::timeout, 0, {}, true};

TEST(RegisterReader, IdentifiesTheUnitBeforeItShowsAnyValue) {
  PolledUnit unit(block_profile());
  unit.ask();
  EXPECT_EQ(unit.asked, Asked{"0+1"});
  EXPECT_TRUE(unit.readings.empty());
  unit.ask();
  EXPECT_EQ(unit.asked.back(), "0+9");
  ASSERT_EQ(unit.readings.size(), 9u);
  EXPECT_EQ(unit.readings[4].value, whole(1004));
  EXPECT_EQ(unit.readings[4].seq, 1u);
  EXPECT_EQ(unit.readings[4].device, DeviceIndex{5});
  EXPECT_EQ(unit.reader().state(), DeviceState::online);
}

TEST(RegisterReader, RefusesAnotherMachineAtTheAddress) {
  PolledUnit unit(block_profile());
  unit.registers[0] = 0x1234;
  unit.run(seconds(10));
  for (const Reading& reading : unit.readings) EXPECT_FALSE(reading.value.has_value());
  EXPECT_EQ(unit.quality(4), "profile-mismatch");
  EXPECT_EQ(unit.reader().state(), DeviceState::degraded);
  unit.registers[0] = 0xC0F1;
  unit.run(seconds(60));
  EXPECT_EQ(unit.quality(4), "good");
}

TEST(RegisterReader, PollsOnItsGridWithoutDrift) {
  PolledUnit unit(block_profile());
  unit.run(seconds(100));
  EXPECT_EQ(unit.asked.size(), 102u) << "identity, then one read at each full second";
  EXPECT_EQ(unit.reader().due(), Instant{seconds(101).ns});
}

TEST(RegisterReader, TurnsToCommLostAtTheThirdUnansweredPoll) {
  PolledUnit unit(block_profile());
  unit.run(seconds(5));
  const std::size_t before = unit.asked.size();
  unit.answer = [](const ModbusRequest&) { return kTimeout; };
  unit.ask();
  EXPECT_EQ(unit.quality(1), "good");
  EXPECT_EQ(unit.reader().state(), DeviceState::stale);
  unit.run(milliseconds(8600));
  EXPECT_EQ(unit.asked.size() - before, 3u);
  EXPECT_EQ(unit.quality(1), "comm-lost");
  EXPECT_EQ(unit.reader().state(), DeviceState::lost);
  unit.run(seconds(3600));
  EXPECT_LT(unit.asked.size() - before, 20u) << "the pauses grow";
  unit.answer = nullptr;
  unit.run(seconds(3600 + 600));
  EXPECT_EQ(unit.quality(1), "good");
  EXPECT_EQ(unit.reader().state(), DeviceState::online);
}

TEST(RegisterReader, FindsTheBadRegisterOnceAndReadsTheOthersTogether) {
  PolledUnit unit(block_profile());
  unit.refused = {4};
  unit.run(milliseconds(500));
  EXPECT_EQ(unit.asked.size(), 2u + 9u) << "identity, the refused span, then its nine items";
  EXPECT_EQ(unit.quality(4), "profile-mismatch");
  EXPECT_EQ(unit.quality(5), "good");
  EXPECT_EQ(unit.reader().state(), DeviceState::degraded);
  unit.asked.clear();
  unit.run(milliseconds(1500));
  EXPECT_EQ(unit.asked, (Asked{"0+4", "5+4"}));
  unit.asked.clear();
  unit.run(seconds(601));
  EXPECT_LE(std::count(unit.asked.begin(), unit.asked.end(), "4+1"), 5) << "not at speed";
  unit.refused.clear();
  unit.run(seconds(1300));
  EXPECT_EQ(unit.quality(4), "good");
  EXPECT_EQ(unit.reader().state(), DeviceState::online);
}

// A unit that starts up refuses for a while what it has; the map was good and is good again.
TEST(RegisterReader, SeesAGainSoonWhatWasRefusedForAWhile) {
  for (const bool one_item : {true, false}) {
    PolledUnit unit(block_profile());
    unit.run(seconds(10));
    ASSERT_EQ(unit.quality(4), "good");
    for (std::uint32_t i = 0; i < 9; ++i) {
      if (!one_item || i == 4) unit.refused.insert(i);
    }
    unit.run(seconds(25));
    EXPECT_NE(unit.quality(4), "good");
    unit.refused.clear();
    unit.run(seconds(25 + 20));
    EXPECT_EQ(unit.quality(4), "good") << one_item;
    EXPECT_EQ(unit.reader().state(), DeviceState::online);
    unit.asked.clear();
    unit.run(seconds(25 + 30));
    EXPECT_LE(unit.asked.size(), 12u) << "read whole again, once a second";
  }
}

TEST(RegisterReader, KeepsItsValuesThroughRefusalsAtRandom) {
  PolledUnit unit(block_profile());
  Prng chance(7);
  unit.run(seconds(5));
  unit.answer = [&](const ModbusRequest& request) {
    if (chance.chance(5, 100)) return ModbusReply{ReplyKind::exception, 2, {}, true};
    return unit.answer_from_registers(request);
  };
  int good = 0;
  constexpr int kSeconds = 3600;
  for (int second = 6; second < 6 + kSeconds; ++second) {
    unit.run(seconds(second));
    good += unit.quality(4) == "good" ? 1 : 0;
  }
  EXPECT_GT(good, kSeconds * 99 / 100);
}

TEST(RegisterReader, ASpanThatIsWrongForEverCostsItsOwnPointsOnly) {
  for (const bool serial : {false, true}) {
    config::DeviceProfile profile = block_profile();
    profile.points[8].address = 40;
    PolledUnit unit(profile, serial);
    unit.answer = [&](const ModbusRequest& request) {
      if (request.address == 40) {
        return ModbusReply{ReplyKind::malformed, 0, {}, true, Wrong::another_answer, 0};
      }
      return unit.answer_from_registers(request);
    };
    unit.run(seconds(60));
    unit.asked.clear();
    int changes = 0;
    DeviceState last = unit.reader().state();
    for (int second = 61; second < 661; ++second) {
      unit.run(seconds(second));
      changes += unit.reader().state() == last ? 0 : 1;
      last = unit.reader().state();
      ASSERT_EQ(unit.quality(3), "good") << serial << " at " << second;
    }
    EXPECT_EQ(unit.quality(8), "profile-mismatch");
    EXPECT_EQ(unit.reader().state(), DeviceState::degraded);
    EXPECT_LE(changes, 2) << "it does not flap";
    EXPECT_LE(std::count(unit.asked.begin(), unit.asked.end(), "40+1"), 8);
    unit.answer = nullptr;
    unit.run(seconds(661 + 620));
    EXPECT_EQ(unit.quality(8), "good");
  }
}

// Behind a gateway that does not look at the unit, another machine of the same model answers.
TEST(RegisterReader, TellsMachinesOfOneModelApartByTheirUnitWord) {
  config::DeviceProfile profile = block_profile();
  profile.unit_point = PointId("p8");
  PolledUnit unit(profile);
  unit.registers[8] = 3;
  unit.run(seconds(5));
  ASSERT_EQ(unit.quality(4), "good");
  unit.registers[8] = 4;
  unit.readings.clear();
  unit.run(seconds(20));
  for (const Reading& reading : unit.readings) EXPECT_FALSE(reading.value.has_value());
  EXPECT_EQ(unit.quality(4), "profile-mismatch");
  EXPECT_EQ(unit.reader().fault(), "an answer of unit 4, as its unit word says");
  unit.registers[8] = 3;
  unit.run(seconds(120));
  EXPECT_EQ(unit.quality(4), "good");
  EXPECT_EQ(unit.reader().fault(), "");
}

TEST(RegisterReader, SaysWhatAUnitDoesInsteadOfAnswering) {
  const struct {
    ModbusReply reply;
    const char* told;
  } cases[] = {
      {kTimeout, "no answer"},
      {{ReplyKind::malformed, 0, {}, true, Wrong::garbage, 0}, "garbage"},
      {{ReplyKind::malformed, 0, {}, true, Wrong::another_unit, 9}, "an answer of unit 9"},
      {{ReplyKind::exception, 10, {}, true}, "exception 10 (gateway: no path to the unit)"},
      {{ReplyKind::exception, 11, {}, true}, "exception 11 (gateway: the unit does not answer)"}};
  for (const auto& c : cases) {
    PolledUnit unit(block_profile());
    unit.run(seconds(3));
    EXPECT_EQ(unit.reader().fault(), "");
    unit.answer = [&](const ModbusRequest&) { return c.reply; };
    unit.run(seconds(20));
    EXPECT_EQ(unit.reader().state(), DeviceState::lost) << c.told;
    EXPECT_EQ(unit.reader().fault(), c.told);
  }
}

TEST(RegisterReader, AsksForPartsWhereTheDeviceRefusesOnlyTheWhole) {
  PolledUnit unit(block_profile());
  unit.answer = [&](const ModbusRequest& request) {
    if (request.count > 1) return ModbusReply{ReplyKind::exception, 1, {}, true};
    return unit.answer_from_registers(request);
  };
  unit.run(milliseconds(500));
  unit.asked.clear();
  unit.run(milliseconds(1500));
  EXPECT_EQ(unit.asked.size(), 9u);
  for (std::uint32_t i = 0; i < 9; ++i) EXPECT_EQ(unit.quality(i), "good");
  EXPECT_EQ(unit.reader().state(), DeviceState::online);
}

TEST(RegisterReader, TreatsEachExceptionAsItsKind) {
  const struct {
    std::uint8_t code;
    const char* quality;
    std::size_t asked_in_4_s;
  } cases[] = {
      {4, "sensor-broken", 8},  // asked once more in each period
      {8, "sensor-broken", 8}, {5, "stale", 4},      {6, "stale", 4},
      {10, "comm-lost", 4},    {11, "comm-lost", 4}, {0x42, "comm-lost", 4},
  };
  for (const auto& c : cases) {
    PolledUnit unit(block_profile());
    unit.run(milliseconds(500));
    unit.asked.clear();
    unit.answer = [&](const ModbusRequest&) {
      return ModbusReply{ReplyKind::exception, c.code, {}, true};
    };
    unit.run(milliseconds(4500));
    EXPECT_EQ(unit.quality(3), c.quality) << int{c.code};
    EXPECT_LE(unit.asked.size(), c.asked_in_4_s) << int{c.code};
    EXPECT_GE(unit.asked.size(), 2u) << int{c.code};
    unit.answer = nullptr;
    unit.run(seconds(120));
    EXPECT_EQ(unit.quality(3), "good") << int{c.code};
  }
}

TEST(RegisterReader, ReadsTheOnceClassOnceAndTheSlowClassSlowly) {
  config::DeviceProfile profile = block_profile();
  profile.points[1].read_class = config::ReadClass::once;
  profile.points[2].read_class = config::ReadClass::slow;
  PolledUnit unit(profile);
  unit.run(seconds(59));
  EXPECT_EQ(std::count(unit.asked.begin(), unit.asked.end(), "1+1"), 1);
  EXPECT_EQ(std::count(unit.asked.begin(), unit.asked.end(), "2+1"), 2);
  EXPECT_EQ(unit.quality(1), "good");
}

TEST(RegisterReader, ReadsADevicesClockAsItsOffset) {
  config::DeviceProfile profile = block_profile();
  profile.points[7] = number_point("clock", 7, config::PointType::uint32);
  profile.points.pop_back();
  PolledUnit unit(profile);
  unit.answer = [&](const ModbusRequest& request) {
    unit.registers[8] = static_cast<std::uint16_t>(unit.now().wall.ms / 1000 + 90);
    unit.registers[7] = 0;
    return unit.answer_from_registers(request);
  };
  unit.run(seconds(20));
  EXPECT_EQ(unit.reader().points().at(7).value, whole(90));
}

// A unit whose every answer is the one to the request before: what a late answer does to a line
// without transaction ids.
TEST(RegisterReader, ShowsNothingFromAUnitThatAnswersOneBehind) {
  const struct {
    bool serial;
    bool gateway;
    bool has_identity;
  } cases[] = {{true, false, true}, {true, false, false}, {false, true, true}};
  for (const auto& c : cases) {
    config::DeviceProfile profile = block_profile();
    if (!c.has_identity) profile.identity_point = PointId();
    profile.points[8].address = 20;  // a second span, of one word
    profile.points[7].address = 21;
    profile.points[7].type = config::PointType::bit;
    PolledUnit unit(profile, c.serial, seconds(5), c.gateway);
    unit.run(seconds(5));
    ASSERT_EQ(unit.quality(3), "good");
    const std::size_t shown_before = unit.readings.size();
    ModbusReply last = kTimeout;
    unit.answer = [&](const ModbusRequest& request) {
      const ModbusReply now = std::exchange(last, unit.answer_from_registers(request));
      if (now.kind == ReplyKind::ok && now.values.size() != request.count) {
        return ModbusReply{ReplyKind::malformed, 0, {}, true};
      }
      return now;
    };
    unit.run(seconds(300));
    for (std::size_t i = shown_before; i < unit.readings.size(); ++i) {
      EXPECT_FALSE(unit.readings[i].value.has_value());
    }
    EXPECT_TRUE(unit.reader().lost());
    unit.answer = nullptr;
    unit.run(seconds(320));
    EXPECT_EQ(unit.quality(3), "good");
    EXPECT_EQ(unit.quality(8), "good");
  }
}

TEST(RegisterReader, NeverTakesAnAnswerOfTheWrongLength) {
  PolledUnit unit(block_profile());
  unit.run(seconds(2));
  unit.answer = [&](const ModbusRequest& request) {
    ModbusReply reply = unit.answer_from_registers(request);
    reply.values.push_back(7);
    return reply;
  };
  unit.run(seconds(20));
  EXPECT_EQ(unit.quality(3), "comm-lost");
}

}  // namespace
}  // namespace cryobank::devices
