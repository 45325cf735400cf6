#include <gtest/gtest.h>

#include <string>

#include "devices/plant/room.hpp"
#include "devices/plant/supply.hpp"
#include "tests/devices/model_bench.hpp"

namespace cryobank::devices {
namespace {

using testing::Clock;
using testing::reading;
using testing::Told;

struct RoomTest : ::testing::Test {
  Clock clock;
  Told told;
  Room room{DeviceIndex{0}, "room-1", config::RoomLimits{}, true, true};

  void see(RoomPoint point, std::optional<Milli> value) {
    room.observe(clock.now, point, reading(clock, value), told);
  }
  void oxygen(std::optional<Milli> first, std::optional<Milli> second) {
    see(RoomPoint::oxygen_1, first);
    see(RoomPoint::oxygen_2, second);
  }
  void stays(Duration how_long, Milli first, Milli second) {
    for (Duration t{}; t < how_long; t = t + seconds(5)) {
      clock.advance(seconds(5));
      oxygen(first, second);
    }
  }
  bool fill_allowed() const {
    std::vector<InterlockReason> reasons;
    room.add_fill_reasons(reasons);
    return reasons.empty();
  }
};

TEST_F(RoomTest, forbids_fills_before_it_knows_the_oxygen) {
  EXPECT_FALSE(fill_allowed());
  EXPECT_TRUE(room.may_move().ok());
  oxygen(Milli{20'900}, Milli{20'900});
  EXPECT_TRUE(fill_allowed());
}

TEST_F(RoomTest, believes_the_lower_of_two_sensors) {
  oxygen(Milli{20'900}, Milli{19'400});
  EXPECT_TRUE(told.stands("oxygen-low"));
  EXPECT_NE(told.text("oxygen-low").find("DO NOT ENTER"), std::string::npos);
  EXPECT_FALSE(told.stands("oxygen-critical"));
  EXPECT_FALSE(fill_allowed());
  EXPECT_FALSE(room.may_move().ok());
  oxygen(Milli{20'900}, Milli{17'900});
  EXPECT_TRUE(told.stands("oxygen-critical"));
}

TEST_F(RoomTest, asks_the_inlet_to_close_until_it_is_closed_and_never_to_open) {
  oxygen(Milli{19'000}, Milli{19'000});
  ASSERT_EQ(told.acts.size(), 1u);
  EXPECT_EQ(told.acts[0].verb, "device/write");
  EXPECT_EQ(told.acts[0].body["point"].string(), "inlet-close-request");
  EXPECT_EQ(told.acts[0].body["value"].integer(), 1);
  EXPECT_EQ(room.next_deadline(), clock.now.mono + minutes(1));
  clock.advance(minutes(1));
  room.on_deadline(clock.now, told);
  EXPECT_EQ(told.acts.size(), 2u);
  see(RoomPoint::inlet_closed, whole(1));
  EXPECT_EQ(room.next_deadline(), kNever);
  stays(minutes(5), Milli{20'900}, Milli{20'900});
  EXPECT_FALSE(told.stands("oxygen-low"));
  EXPECT_EQ(told.acts.size(), 2u);
  EXPECT_TRUE(told.stands("inlet-closed"));
  EXPECT_FALSE(fill_allowed()) << "a person opens the inlet at the panel";
}

TEST_F(RoomTest, ends_the_block_only_after_a_minute_of_good_air) {
  oxygen(Milli{19'000}, Milli{19'000});
  stays(seconds(50), Milli{20'500}, Milli{20'500});
  EXPECT_FALSE(room.may_move().ok());
  stays(seconds(10), Milli{19'800}, Milli{20'500});
  stays(seconds(50), Milli{20'500}, Milli{20'500});
  EXPECT_FALSE(room.may_move().ok());
  stays(seconds(20), Milli{20'500}, Milli{20'500});
  EXPECT_TRUE(room.may_move().ok());
}

TEST_F(RoomTest, keeps_the_block_when_the_sensors_die_in_low_oxygen) {
  oxygen(Milli{19'000}, Milli{19'000});
  oxygen(std::nullopt, std::nullopt);
  EXPECT_TRUE(told.stands("oxygen-unknown"));
  EXPECT_FALSE(room.may_move().ok());
}

TEST_F(RoomTest, goes_on_with_one_sensor_and_says_so) {
  oxygen(Milli{20'900}, std::nullopt);
  EXPECT_TRUE(told.stands("oxygen-sensor-lost"));
  EXPECT_TRUE(fill_allowed());
}

TEST_F(RoomTest, tells_sensors_that_disagree_for_a_minute) {
  stays(seconds(50), Milli{20'900}, Milli{19'700});
  EXPECT_FALSE(told.stands("oxygen-disagree"));
  stays(seconds(20), Milli{20'900}, Milli{19'700});
  EXPECT_TRUE(told.stands("oxygen-disagree"));
}

TEST_F(RoomTest, tells_a_fast_fall_before_any_limit_is_reached) {
  stays(minutes(2), Milli{20'900}, Milli{20'900});
  stays(seconds(20), Milli{20'300}, Milli{20'300});
  EXPECT_TRUE(told.stands("oxygen-falling"));
  EXPECT_FALSE(told.stands("oxygen-low"));
}

TEST_F(RoomTest, shows_both_clocks) {
  oxygen(Milli{19'000}, Milli{19'000});
  see(RoomPoint::inlet_closed, whole(1));
  const std::string began = format_utc(clock.now.wall);
  clock.advance(hours(1));
  const Json about = room.describe(clock.now);
  EXPECT_EQ(about["oxygen_low_since"].string(), began);
  EXPECT_EQ(about["inlet_closed_since"].string(), began);
}

TEST_F(RoomTest, goes_by_the_limits_of_its_site) {
  config::RoomLimits limits;
  limits.oxygen_warn = Milli{20'000};
  limits.oxygen_evacuate = Milli{19'000};
  room = Room{DeviceIndex{0}, "room-1", limits, true, true};
  oxygen(Milli{20'900}, Milli{19'900});
  EXPECT_TRUE(told.stands("oxygen-low"));
  EXPECT_FALSE(told.stands("oxygen-critical"));
  EXPECT_FALSE(fill_allowed());
  EXPECT_EQ(told.acts.size(), 1u) << "the inlet is asked to close";
  oxygen(Milli{20'900}, Milli{18'900});
  EXPECT_TRUE(told.stands("oxygen-critical"));
  stays(minutes(2), Milli{20'900}, Milli{20'400});
  EXPECT_TRUE(told.stands("oxygen-low")) << "half a percent above its limit ends the block";
  stays(minutes(2), Milli{20'900}, Milli{20'600});
  EXPECT_FALSE(told.stands("oxygen-low"));
}

// 10 L of LN2 are 6.9 m3 of gas: in 100 m3 without draught they lower 20.9 % to 19.5 %.
TEST_F(RoomTest, counts_the_litres_that_may_still_vaporise) {
  oxygen(Milli{20'900}, Milli{20'900});
  EXPECT_FALSE(room.gas_budget(Milli{19'500})) << "its volume is not known";
  EXPECT_TRUE(room.describe(clock.now)["gas_budget_warn_l"].is_null());
  config::RoomLimits limits;
  limits.volume_m3 = 100;
  room = Room{DeviceIndex{0}, "room-1", limits, true, true};
  EXPECT_FALSE(room.gas_budget(Milli{19'500})) << "its oxygen is not known";
  oxygen(Milli{20'900}, Milli{20'900});
  EXPECT_EQ(room.gas_budget(limits.oxygen_warn)->v / 100, 103);
  EXPECT_EQ(room.gas_budget(limits.oxygen_evacuate)->v / 100, 231);
  oxygen(Milli{20'900}, Milli{19'000});
  EXPECT_EQ(room.gas_budget(limits.oxygen_warn), Milli{}) << "nothing is left";
  EXPECT_GT(room.describe(clock.now)["gas_budget_evacuate_l"].milli().v, 0);
}

struct SupplyTest : ::testing::Test {
  Clock clock;
  Told told;
  Supply supply{DeviceIndex{0}};

  void level(Milli value) {
    supply.observe(clock.now, SupplyPoint::level, reading(clock, value), told);
  }
  bool fill_allowed() const {
    std::vector<InterlockReason> reasons;
    supply.add_fill_reasons(clock.now, reasons);
    return reasons.empty();
  }
};

TEST_F(SupplyTest, infers_emptiness_from_two_freezers_that_fail_to_fill) {
  level(whole(6));
  supply.load(clock.now, {{"freezer-1"}, {}}, told);
  EXPECT_FALSE(told.stands("supply-empty-inferred"));
  supply.load(clock.now, {{"freezer-1", "freezer-3"}, {}}, told);
  EXPECT_TRUE(told.stands("supply-empty-inferred"));
  EXPECT_NE(told.text("supply-empty-inferred").find("freezer-3"), std::string::npos);
  EXPECT_FALSE(fill_allowed());
  clock.advance(minutes(31));
  supply.load(clock.now, {{"freezer-1", "freezer-3"}, {}}, told);
  EXPECT_TRUE(fill_allowed()) << "one fill may be tried: only a good one ends the inference";
  supply.load(clock.now, {{}, {}}, told);
  EXPECT_FALSE(told.stands("supply-empty-inferred"));
}

TEST_F(SupplyTest, infers_no_emptiness_beside_a_gauge_that_reads_otherwise) {
  level(whole(80));
  supply.load(clock.now, {{"freezer-1", "freezer-3"}, {}}, told);
  EXPECT_FALSE(told.stands("supply-empty-inferred"));
  EXPECT_TRUE(told.stands("supply-not-reaching"));
  EXPECT_NE(told.text("supply-not-reaching").find("freezer-3; it reads 80 %"), std::string::npos)
      << told.text("supply-not-reaching");
  EXPECT_TRUE(fill_allowed());
  level(whole(9));
  supply.load(clock.now, {{"freezer-1", "freezer-3"}, {}}, told);
  EXPECT_FALSE(told.stands("supply-empty-inferred")) << "a flutter about the limit";
  supply.observe(clock.now, SupplyPoint::level, reading(clock, std::nullopt), told);
  supply.load(clock.now, {{"freezer-1", "freezer-3"}, {}}, told);
  EXPECT_TRUE(told.stands("supply-empty-inferred")) << "nobody measures it any more";
  EXPECT_FALSE(told.stands("supply-not-reaching"));
  level(whole(80));
  supply.load(clock.now, {{}, {}}, told);
  EXPECT_FALSE(told.stands("supply-empty-inferred"));
  EXPECT_FALSE(told.stands("supply-not-reaching"));
}

TEST_F(SupplyTest, forbids_fills_from_an_empty_tank_or_behind_a_shut_valve) {
  level(whole(2));
  EXPECT_TRUE(told.stands("supply-empty"));
  EXPECT_FALSE(fill_allowed());
  level(whole(4));
  EXPECT_FALSE(fill_allowed()) << "between empty and refilled";
  level(whole(60));
  EXPECT_TRUE(fill_allowed());
  supply.observe(clock.now, SupplyPoint::outlet_valve, reading(clock, whole(0)), told);
  EXPECT_FALSE(fill_allowed());
}

TEST_F(SupplyTest, foresees_its_end_from_its_own_fall_with_deliveries_left_out) {
  std::int64_t exact = 60'000;
  for (int hour = 0; hour < 24 * 6; ++hour) {
    clock.advance(hours(1));
    exact -= 4'000 / 24;
    if (hour == 60) exact += 50'000;
    level(Milli{exact});
    supply.load(clock.now, {}, told);
  }
  ASSERT_TRUE(supply.autonomy().has_value());
  EXPECT_NEAR(static_cast<double>(supply.autonomy()->seconds()),
              static_cast<double>(exact) / 4'000.0 * 86'400, 86'400);
  EXPECT_FALSE(told.stands("supply-autonomy-low"));
  for (int hour = 0; hour < 24 * 18; ++hour) {
    clock.advance(hours(1));
    exact -= 4'000 / 24;
    level(Milli{exact});
    supply.load(clock.now, {}, told);
  }
  EXPECT_TRUE(told.stands("supply-autonomy-low")) << exact;
}

TEST_F(SupplyTest, foresees_its_end_sooner_when_the_fleet_evaporates_more) {
  std::int64_t exact = 90'000;
  for (int i = 0; i < 20; ++i) {  // each fill of 10 mm costs 1 %
    level(Milli{exact});
    exact -= 1'000;
    level(Milli{exact});
    supply.filled(whole(10));
    clock.advance(hours(24));
  }
  supply.load(clock.now, {{}, whole(10)}, told);
  ASSERT_TRUE(supply.autonomy().has_value());
  const Duration usual = *supply.autonomy();
  supply.load(clock.now, {{}, whole(40)}, told);
  EXPECT_NEAR(
      static_cast<double>(usual.seconds()) / static_cast<double>(supply.autonomy()->seconds()), 4.0,
      0.3);
}

}  // namespace
}  // namespace cryobank::devices
