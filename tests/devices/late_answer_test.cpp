// Proof that no value is ever shown under a wrong point or a wrong time, whatever a unit does with
// its answers as long as it gives them in order: every register tells its own address and the time
// at which it was sampled, and every reading that carries a value is compared with both.
#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "base/text.hpp"
#include "tests/devices/profile_fixture.hpp"
#include "tests/devices/virtual_bus.hpp"

namespace cryobank::devices {
namespace {

using Kind = config::LineConfig::Kind;

constexpr int kLateUnits = 4;
constexpr Duration kTimeout = milliseconds(500);
constexpr std::int64_t kTickMs = 50;  // resolution of the sampled time
constexpr std::int64_t kTicks = 4096;

// Points at addresses 1 to 8, each reading (address << 12 | time in ticks mod 4096).
config::DeviceProfile telling_profile(bool one_by_one, bool with_identity) {
  config::DeviceProfile profile = block_profile();
  profile.quirks.single_item_reads = one_by_one;
  profile.quirks.response_timeout = kTimeout;
  if (!with_identity) profile.identity_point = PointId();
  return profile;
}

std::uint16_t telling_word(int address, Instant sampled) {
  if (address == 0) return 0xC0F1;
  const std::int64_t tick = sampled.ns / milliseconds(kTickMs).ns % kTicks;
  return static_cast<std::uint16_t>(address << 12 | tick);
}

// How a unit misbehaves, in thousandths of its requests.
struct Habit {
  const char* name;
  int late;  // answers after its time-out
  int silent;
  int twice;  // sends the answer two times
  int wrong_unit;
  int exception;
  std::int64_t late_min_ms;
  std::int64_t late_max_ms;
};

class Telling {
 public:
  Telling(Kind kind, const Habit& habit, config::DeviceProfile profile, std::uint64_t seed)
      : habit_(habit), prng_(seed), site_(site_of(kind, std::move(profile)), seed) {
    for (std::uint8_t unit = 1; unit <= kLateUnits; ++unit) {
      site_.bus.unit(0, unit) = [this](const ModbusRequest& request, Instant now) {
        return answer(request, now);
      };
    }
    site_.on_reading = [this](const Reading& reading) { check(reading); };
  }

  void run(Duration span) {
    site_.start();
    site_.run(span);
  }

  int shown = 0;
  int wrong_point = 0;
  int wrong_time = 0;

 private:
  static config::SiteConfig site_of(Kind kind, config::DeviceProfile profile) {
    config::SiteConfig site;
    config::LineConfig line;
    line.id = LineId("line");
    line.kind = kind;
    line.baud = 115200;
    line.dead_retry_max_s = 5;
    site.lines.push_back(line);
    site.profiles.push_back(std::move(profile));
    for (std::uint8_t unit = 1; unit <= kLateUnits; ++unit) {
      config::DeviceConfig device;
      device.id = DeviceId(cat("d", static_cast<int>(unit)));
      device.profile = site.profiles[0].id;
      device.line = line.id;
      device.unit = unit;
      site.devices.push_back(device);
    }
    return site;
  }

  UnitAnswer answer(const ModbusRequest& request, Instant now) {
    UnitAnswer answer;
    answer.delay = milliseconds(prng_.between(1, 30));
    const auto draw = static_cast<int>(prng_.below(1000));
    int bound = habit_.late;
    if (draw < bound) {
      answer.delay = milliseconds(prng_.between(habit_.late_min_ms, habit_.late_max_ms));
    } else if (draw < (bound += habit_.silent)) {
      return {};
    } else if (draw < (bound += habit_.twice)) {
      answer.copies = 2;
    } else if (draw < (bound += habit_.wrong_unit)) {
      answer.wrong_unit = true;
    } else if (draw < bound + habit_.exception) {
      answer.reply = {
          ReplyKind::exception, static_cast<std::uint8_t>(prng_.between(4, 11)), {}, true};
      return answer;
    }
    answer.reply.kind = ReplyKind::ok;
    for (int a = request.address; a < request.address + request.count; ++a) {
      answer.reply.values.push_back(telling_word(a, now));
    }
    return answer;
  }

  void check(const Reading& reading) {
    if (!reading.value || reading.point.value == 0) return;
    ++shown;
    const std::int64_t word = reading.value->v / 1000;
    if (word >> 12 != reading.point.value) ++wrong_point;
    const std::int64_t now_tick = reading.at_mono.ns / milliseconds(kTickMs).ns;
    const std::int64_t age = ((now_tick - word) % kTicks + kTicks) % kTicks;
    if (age > kTimeout.ns / milliseconds(kTickMs).ns + 1) ++wrong_time;
  }

  Habit habit_;
  Prng prng_;
  VirtualSite site_;
};

constexpr Habit kHabits[] = {
    {"healthy", 0, 0, 0, 0, 0, 0, 0},
    {"late just after the time-out", 50, 0, 0, 0, 0, 505, 900},
    {"late by several time-outs", 50, 0, 0, 0, 0, 600, 6000},
    {"late and silent", 30, 30, 0, 0, 0, 505, 2500},
    {"always late by one poll", 1000, 0, 0, 0, 0, 900, 1100},
    {"wrong unit and exceptions", 20, 10, 0, 50, 100, 505, 2500},
};

void expect_only_what_is_true(Kind kind, const Habit& habit, bool one_by_one) {
  int shown = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    Telling telling(kind, habit, telling_profile(one_by_one, true), seed);
    telling.run(minutes(10));
    EXPECT_EQ(telling.wrong_point, 0) << habit.name << " seed " << seed << one_by_one;
    EXPECT_EQ(telling.wrong_time, 0) << habit.name << " seed " << seed << one_by_one;
    shown += telling.shown;
  }
  const bool hopeless = habit.late == 1000;
  EXPECT_GE(shown, hopeless ? 0 : 4'000) << habit.name;
  EXPECT_LE(shown, hopeless ? 0 : 1'000'000) << habit.name;
}

TEST(LateAnswer, NeverPutsAValueUnderAWrongPointOrTime) {
  for (const Kind kind : {Kind::rtu, Kind::tcp}) {
    for (const Habit& habit : kHabits) {
      for (const bool one_by_one : {false, true}) expect_only_what_is_true(kind, habit, one_by_one);
    }
  }
}

TEST(LateAnswer, IsCaughtByShapeAloneWhereAProfileHasNoIdentity) {
  for (const Habit& habit : kHabits) {
    config::DeviceProfile profile = telling_profile(false, false);
    profile.points[7].address = 7;
    profile.points.erase(profile.points.begin() + 6);  // two spans of different lengths
    profile.points[6].address = 6;
    profile.points[7].address = 8;
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      Telling telling(Kind::rtu, habit, profile, seed);
      telling.run(minutes(10));
      EXPECT_EQ(telling.wrong_time, 0) << habit.name << " seed " << seed;
    }
  }
}

// Doubled answers give no sign before the second one passes for the next answer. On TCP the
// transaction id tells; a serial line is drained before every request.
TEST(LateAnswer, IsCaughtWhenAUnitAnswersTwice) {
  constexpr Habit kTwice{"twice", 0, 0, 50, 0, 0, 0, 0};
  for (const Kind kind : {Kind::rtu, Kind::tcp}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      Telling telling(kind, kTwice, telling_profile(kind == Kind::tcp, true), seed);
      telling.run(minutes(10));
      EXPECT_EQ(telling.wrong_point, 0) << "seed " << seed;
      EXPECT_GT(telling.shown, 1000);
      EXPECT_EQ(telling.wrong_time, 0) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace cryobank::devices
