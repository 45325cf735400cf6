#include "devices/plant/freezer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/prng.hpp"
#include "tests/devices/model_bench.hpp"

namespace cryobank::devices {
namespace {

using testing::Clock;
using testing::reading;
using testing::Told;

// A tank as the year of real data shows it: 31.75 mm (1.25 in) a day, quarter-inch steps, filled at
// 50.8 mm to 120.65 mm, top probe at -136 with a spread of 0.6 and a cold overshoot after fills.
struct Tank {
  Clock clock;
  Told told;
  Prng prng{7};
  Freezer freezer;
  std::int64_t exact = 100'000;  // thousandths of mm
  std::int64_t per_day = 31'750;
  std::int64_t step = 6'350;
  bool automatic = true;
  bool open = false;
  std::int64_t warmer = 0;
  Duration since_fill = days(1);

  static config::DeviceConfig config_of() {
    config::DeviceConfig config;
    config.id = DeviceId("freezer-1");
    config.limits.fill_start = Milli{50'800};
    config.limits.fill_stop = Milli{120'650};
    return config;
  }
  static const config::DeviceProfile& profile_of() {
    static const config::DeviceProfile kProfile;
    return kProfile;
  }
  Tank() : freezer(DeviceIndex{0}, config_of(), profile_of()) {}

  void see(FreezerPoint point, std::optional<Milli> value) {
    freezer.observe(clock.now, point, reading(clock, value), told);
  }
  Milli shown() const { return Milli{exact / step * step}; }

  void minute() {
    clock.advance(minutes(1));
    since_fill = since_fill + minutes(1);
    exact -= per_day / (24 * 60);
    if (automatic && !open && shown().v < 50'800) {
      open = true;
      see(FreezerPoint::fill_valve, whole(1));
    }
    if (open) exact += 3'500;
    if (open && shown().v >= 120'650) {
      open = false;
      since_fill = {};
      see(FreezerPoint::fill_valve, whole(0));
    }
    see(FreezerPoint::level, shown());
    const std::int64_t cold =
        since_fill < hours(12) ? 15'000 * (720 - since_fill.seconds() / 60) / 720 : 0;
    const Milli top{-136'000 + prng.between(-1'200, 1'200) - cold + warmer};
    see(FreezerPoint::temperature_top, top);
  }
  void run(Duration how_long) {
    see(FreezerPoint::fill_valve, whole(open ? 1 : 0));
    for (Duration t{}; t < how_long; t = t + minutes(1)) minute();
  }
};

TEST(Freezer, gives_no_false_alarm_in_sixty_days_of_a_real_tanks_figures) {
  Tank tank;
  tank.run(days(60));
  for (const DeviceCondition& condition : tank.told.conditions) {
    EXPECT_FALSE(condition.active) << condition.condition << ": " << condition.text;
  }
  ASSERT_TRUE(tank.freezer.evaporation().has_value());
  EXPECT_NEAR(static_cast<double>(tank.freezer.evaporation()->v), 31'750.0, 7'000.0);
}

TEST(Freezer, tells_a_doubled_evaporation_within_a_day_while_the_temperature_shows_nothing) {
  Tank tank;
  tank.run(days(10));
  tank.per_day = 2 * 31'750;
  tank.run(hours(24));
  EXPECT_TRUE(tank.told.stands("evaporation-doubled") || tank.told.stands("evaporation-raised"));
  EXPECT_FALSE(tank.told.stands("temperature-unusual"));
  EXPECT_NE(tank.told.text("evaporation-doubled").find("usual"), std::string::npos);
  // The worse tank is not taken for the usual one: days later it is still told.
  tank.run(days(3));
  EXPECT_TRUE(tank.told.stands("evaporation-doubled"));
  tank.per_day = 31'750;
  tank.run(days(4));
  EXPECT_FALSE(tank.told.stands("evaporation-doubled"));
}

TEST(Freezer, tells_a_breach_within_the_hour) {
  Tank tank;
  tank.run(days(3));
  tank.automatic = false;
  tank.exact = 110'000;
  tank.run(hours(2));
  tank.per_day = 30 * 31'750;
  tank.run(minutes(70));
  EXPECT_TRUE(tank.told.stands("level-falling-fast"));
}

TEST(Freezer, judges_a_temperature_by_what_is_normal_just_then) {
  Tank tank;
  tank.run(days(3));
  tank.warmer = 9'000;
  tank.see(FreezerPoint::lid, whole(1));
  tank.run(minutes(1));
  tank.see(FreezerPoint::lid, whole(0));
  tank.run(minutes(60));
  EXPECT_FALSE(tank.told.stands("temperature-unusual")) << "the lid was opened";
  tank.run(minutes(240));
  EXPECT_TRUE(tank.told.stands("temperature-unusual")) << "what the lid left has faded";
  tank.warmer = 0;
  tank.run(minutes(10));
  EXPECT_FALSE(tank.told.stands("temperature-unusual"));
}

TEST(Freezer, names_the_context_and_foresees_the_end) {
  Tank tank;
  tank.run(days(8));
  const Json about = tank.freezer.describe(tank.clock.now);
  EXPECT_TRUE(about["dry_in_h"].is_integer()) << about.dump();
  const double hours_left = static_cast<double>(tank.exact) / 31'750 * 24;
  EXPECT_NEAR(static_cast<double>(about["dry_in_h"].integer()), hours_left, hours_left / 4 + 6);
  ASSERT_TRUE(about["fill_start_in_h"].is_integer()) << about.dump();
  EXPECT_LT(about["fill_start_in_h"].integer(), about["dry_in_h"].integer());
  EXPECT_TRUE(about["fill_takes_min"].is_integer()) << "eight days hold three fills";
  tank.run(days(4));
  EXPECT_TRUE(tank.freezer.describe(tank.clock.now)["fill_interval_h"].is_integer());
  tank.see(FreezerPoint::lid, whole(1));
  const std::string words = tank.freezer.describe(tank.clock.now)["context"].dump();
  EXPECT_NE(words.find("lid-open"), std::string::npos) << words;
}

TEST(Freezer, tells_a_clock_that_is_off_by_its_distance_from_ours) {
  Tank tank;
  for (int i = 0; i < 5; ++i) tank.see(FreezerPoint::clock, whole(0));
  EXPECT_FALSE(tank.told.stands("clock-off"));
  for (int i = 0; i < 3; ++i) tank.see(FreezerPoint::clock, whole(-600));
  EXPECT_TRUE(tank.told.stands("clock-off"));
  EXPECT_EQ(tank.told.text("clock-off"), "the clock of the controller is -10 min off");
  tank.see(FreezerPoint::clock, whole(2));
  EXPECT_FALSE(tank.told.stands("clock-off"));
}

TEST(Freezer, keeps_what_it_learned_over_a_restart) {
  Tank tank;
  tank.run(days(9));
  Tank other;
  ASSERT_TRUE(other.freezer.recall("memory", tank.freezer.memory()).ok());
  EXPECT_TRUE(other.freezer.evaporation().has_value());
  EXPECT_EQ(other.freezer.memory(), tank.freezer.memory());
}

TEST(Freezer, tells_that_its_controller_refuses_fills) {
  Tank tank;
  tank.see(FreezerPoint::fill_disabled, whole(1));
  EXPECT_TRUE(tank.told.stands("fill-disabled"));
  std::vector<InterlockReason> reasons;
  tank.freezer.add_fill_reasons(reasons);
  EXPECT_EQ(reasons.size(), 2u);  // and its level is unknown
  tank.see(FreezerPoint::fill_disabled, whole(0));
  EXPECT_EQ(tank.told.state("fill-disabled"), false);
}

}  // namespace
}  // namespace cryobank::devices
