#include "service/schedule/plan.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace cryobank::schedule {
namespace {

WallTime at(std::string_view text) {
  const Result<WallTime> parsed = parse_utc(text);
  EXPECT_TRUE(parsed) << text;
  return *parsed;
}

config::ProtocolConfig twelve_doses() {
  config::ProtocolConfig protocol;
  protocol.id = ProtocolId("twelve");
  protocol.doses = 12;
  protocol.interval_min_days = 3;
  protocol.interval_max_days = 4;
  protocol.reculture_min_hours = 24;
  protocol.reculture_max_hours = 48;
  protocol.transport_hours = 2;
  return protocol;
}

std::vector<PlannedDose> plan(const config::ProtocolConfig& protocol, int first,
                              std::string_view infusion, const Zone& zone = {}) {
  Result<std::vector<PlannedDose>> planned = plan_course(protocol, first, at(infusion), zone);
  EXPECT_TRUE(planned) << planned.error().context;
  return *planned;
}

TEST(Plan, TwelveDosesTwiceAWeekSpanThirtyEightDays) {
  const std::vector<PlannedDose> doses = plan(twelve_doses(), 1, "2026-11-23T10:00:00Z");
  ASSERT_EQ(doses.size(), 12u);
  EXPECT_EQ(doses.back().infusion_at - doses.front().infusion_at, days(38));
  // Mondays and Thursdays all the way.
  for (const PlannedDose& dose : doses) {
    EXPECT_EQ(weekday_of(day_of(dose.infusion_at, 0)), dose.number % 2 == 1 ? 1 : 4);
  }
}

TEST(Plan, ThawIsCountedBackwardsFromTheInfusion) {
  const PlannedDose dose = plan(twelve_doses(), 1, "2026-11-23T10:00:00Z")[0];
  EXPECT_EQ(dose.number, 1);
  EXPECT_EQ(dose.infusion_at, at("2026-11-23T10:00:00Z"));
  EXPECT_EQ(dose.thaw_at, at("2026-11-22T08:00:00Z"));       // 2 h way, 24 h re-culture
  EXPECT_EQ(dose.harvest_from, at("2026-11-23T08:00:00Z"));  // in time for the way
  EXPECT_EQ(dose.harvest_until, at("2026-11-24T08:00:00Z"));
}

TEST(Plan, SixDosesEveryTwoToThreeWeeks) {
  config::ProtocolConfig protocol = twelve_doses();
  protocol.doses = 6;
  protocol.interval_min_days = 14;
  protocol.interval_max_days = 21;
  const std::vector<PlannedDose> doses = plan(protocol, 1, "2026-11-23T10:00:00Z");
  EXPECT_EQ(doses.back().infusion_at - doses.front().infusion_at, days(14 + 21 + 14 + 21 + 14));
}

TEST(Plan, GoesOnFromAnyDoseInTheSameRhythm) {
  const std::vector<PlannedDose> whole_course = plan(twelve_doses(), 1, "2026-11-23T10:00:00Z");
  for (int first = 1; first <= 12; ++first) {
    const PlannedDose& from = whole_course[static_cast<std::size_t>(first - 1)];
    const std::vector<PlannedDose> rest = plan(twelve_doses(), first, format_utc(from.infusion_at));
    ASSERT_EQ(rest.size(), static_cast<std::size_t>(13 - first));
    EXPECT_EQ(rest.front().number, first);
    EXPECT_EQ(rest.back().infusion_at, whole_course.back().infusion_at);
  }
}

TEST(Plan, EveryGapIsWithinTheProtocolsInterval) {
  const std::vector<PlannedDose> doses = plan(twelve_doses(), 1, "2026-12-30T10:00:00Z");
  for (std::size_t i = 1; i < doses.size(); ++i) {
    const Duration gap = doses[i].infusion_at - doses[i - 1].infusion_at;
    EXPECT_GE(gap, days(3));
    EXPECT_LE(gap, days(4));
    EXPECT_LT(doses[i].thaw_at, doses[i].harvest_from);
    EXPECT_LE(doses[i].harvest_from, doses[i].infusion_at);
    EXPECT_LE(doses[i].harvest_from, doses[i].harvest_until);
  }
}

TEST(Plan, SingleDoseHasNoGap) {
  config::ProtocolConfig protocol = twelve_doses();
  protocol.doses = 1;
  EXPECT_EQ(plan(protocol, 1, "2026-11-23T10:00:00Z").size(), 1u);
}

Zone zone_of(const std::string& name) {
  std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
  const Result<Zone> zone = Zone::parse(std::string(std::istreambuf_iterator<char>(file), {}));
  EXPECT_TRUE(zone) << name;
  return *zone;
}

// New York goes to summer time on 14 March 2027.
TEST(Plan, TheRhythmKeepsTheTimeOfDayOfTheZone) {
  const Zone zone = zone_of("America/New_York");
  for (const std::string_view first : {"2027-03-08T14:00:00Z", "2027-03-09T04:30:00Z"}) {
    const LocalTime begin = zone.local(at(first));
    Day before{};
    for (const PlannedDose& dose : plan(twelve_doses(), 1, first, zone)) {
      const LocalTime local = zone.local(dose.infusion_at);
      EXPECT_EQ(local.minute, begin.minute) << dose.number;
      if (dose.number > 1) {
        EXPECT_GE(local.day.number - before.number, 3) << dose.number;
        EXPECT_LE(local.day.number - before.number, 4) << dose.number;
      }
      before = local.day;
      EXPECT_EQ((dose.harvest_from - dose.thaw_at).seconds(), 24 * 3'600);
    }
  }
}

// Thawed in the first or in the last hour of a day, two days and the way before the infusion.
TEST(Plan, AChangeOfTheClockMovesNoThawToAnotherDay) {
  struct Case {
    const char* zone;
    int transport;
    std::string_view first;  // 14:00 there
    std::string_view thaw_at, harvest_from, infusion_at;
  };
  const Case cases[] = {
      {"Europe/Berlin", 14, "2027-06-10T12:00:00Z", "2027-06-07T22:00:00Z", "2027-06-09T22:00:00Z",
       "2027-06-10T12:00:00Z"},
      {"Europe/Berlin", 14, "2027-03-29T12:00:00Z", "2027-03-26T23:00:00Z", "2027-03-28T23:00:00Z",
       "2027-03-29T13:00:00Z"},
      {"Europe/Berlin", 14, "2027-03-28T12:00:00Z", "2027-03-25T23:00:00Z", "2027-03-27T23:00:00Z",
       "2027-03-28T13:00:00Z"},
      {"Europe/Berlin", 15, "2027-11-01T13:00:00Z", "2027-10-29T21:59:00Z", "2027-10-31T21:59:00Z",
       "2027-11-01T13:00:00Z"},
      {"America/New_York", 14, "2027-03-15T18:00:00Z", "2027-03-13T05:00:00Z",
       "2027-03-15T05:00:00Z", "2027-03-15T19:00:00Z"},
      {"America/New_York", 15, "2027-11-08T19:00:00Z", "2027-11-06T03:59:00Z",
       "2027-11-08T03:59:00Z", "2027-11-08T19:00:00Z"},
  };
  config::ProtocolConfig protocol = twelve_doses();
  protocol.doses = 1;
  protocol.reculture_min_hours = 48;
  for (const Case& each : cases) {
    protocol.transport_hours = each.transport;
    const PlannedDose dose = plan(protocol, 1, each.first, zone_of(each.zone)).front();
    EXPECT_EQ(dose.thaw_at, at(each.thaw_at)) << each.zone << each.first;
    EXPECT_EQ(dose.harvest_from, at(each.harvest_from)) << each.zone << each.first;
    EXPECT_EQ(dose.infusion_at, at(each.infusion_at)) << each.zone << each.first;
  }
}

TEST(Plan, HoldsAHarvestToTheHardMaximum) {
  config::ProtocolConfig protocol = twelve_doses();
  protocol.reculture_limit_hours = 60;
  const PlannedDose dose = plan(protocol, 1, "2026-11-23T10:00:00Z")[0];
  EXPECT_EQ(dose.harvest_until, at("2026-11-24T20:00:00Z"));
}

TEST(Plan, IsRefusedUntilTheLaboratorySetItsTimes) {
  config::ProtocolConfig protocol = twelve_doses();
  protocol.reculture_min_hours = 0;
  protocol.reculture_max_hours = 0;
  const auto planned = plan_course(protocol, 1, at("2026-11-23T10:00:00Z"), {});
  ASSERT_FALSE(planned);
  EXPECT_NE(planned.error().context.find("set by your laboratory"), std::string::npos);
}

TEST(Plan, RefusesDosesAndTimesThatDoNotExist) {
  const WallTime start = at("2026-11-23T10:00:00Z");
  EXPECT_FALSE(plan_course(twelve_doses(), 0, start, {}));
  EXPECT_FALSE(plan_course(twelve_doses(), 13, start, {}));
  EXPECT_FALSE(plan_course(twelve_doses(), 1, at("0000-01-01T00:00:00Z"), {}));
  EXPECT_FALSE(plan_course(twelve_doses(), 1, at("9999-12-31T00:00:00Z"), {}));
  EXPECT_FALSE(plan_course(twelve_doses(), 1, {std::numeric_limits<std::int64_t>::min()}, {}));
  EXPECT_FALSE(plan_course(twelve_doses(), 1, {std::numeric_limits<std::int64_t>::max()}, {}));
}

TEST(PlanClock, AtSpeedOneIsTheWallClock) {
  const PlanClock clock(at("2026-11-22T05:00:00Z"), 1);
  const WallTime later = at("2027-03-04T05:06:07.089Z");
  EXPECT_EQ(clock.plan_time(later), later);
  EXPECT_EQ(clock.wall_time(later), later);
}

TEST(PlanClock, ADayPassesInTwoMinutesAtSevenHundredAndTwenty) {
  const WallTime anchor = at("2026-11-22T05:00:00Z");
  const PlanClock clock(anchor, 720);
  EXPECT_EQ(clock.plan_time(anchor + minutes(2)), anchor + days(1));
  EXPECT_EQ(clock.wall_time(anchor + days(1)), anchor + minutes(2));
  EXPECT_EQ(clock.plan_time(anchor), anchor);
}

// A deadline in plan time must have come when the wall clock says so, never just before.
TEST(PlanClock, WallTimeIsTheFirstMillisecondThatReachesThePlanTime) {
  for (const int speed : {1, 2, 3, 7, 720, 99'999, 100'000}) {
    const PlanClock clock(WallTime{1'795'500'000'000}, speed);
    for (const std::int64_t offset : {-100'001, -720, -1, 0, 1, 719, 720, 721, 86'400'000}) {
      const WallTime wanted{1'795'500'000'000 + offset};
      const WallTime wall = clock.wall_time(wanted);
      EXPECT_GE(clock.plan_time(wall), wanted) << speed << " " << offset;
      EXPECT_LT(clock.plan_time(WallTime{wall.ms - 1}), wanted) << speed << " " << offset;
    }
  }
}

TEST(PlanClock, WrongWallClockDoesNotWrapAround) {
  const PlanClock clock(at("2026-11-22T05:00:00Z"), 100'000);
  EXPECT_GT(clock.plan_time(at("9999-01-01T00:00:00Z")), at("2026-11-22T05:00:00Z"));
  EXPECT_LT(clock.plan_time(at("0000-01-01T00:00:00Z")), at("2026-11-22T05:00:00Z"));
}

}  // namespace
}  // namespace cryobank::schedule
