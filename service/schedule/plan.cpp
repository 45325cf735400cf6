#include "service/schedule/plan.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/try.hpp"

namespace cryobank::schedule {
namespace {

// Plans lie within the years that the wire can write (0000 to 9999, time.hpp), far from overflow.
constexpr WallTime kEarliest{-62'167'219'200'000};
constexpr WallTime kLatest{253'402'300'799'999};

// Days between infusion k and k+1: shortest and longest in turn, so that "every 3 to 4 days" is
// twice a week on the same two weekdays.
int gap_days(const config::ProtocolConfig& protocol, int number) {
  return number % 2 == 1 ? protocol.interval_min_days : protocol.interval_max_days;
}

// `at`, on the day that so many hours before `infusion` are by the clock on the wall: a change of
// the clock in between moves it by an hour, but to no other day.
WallTime on_its_day(const Zone& zone, WallTime infusion, int hours_before, WallTime at) {
  constexpr int kDayMinutes = 24 * 60;
  const LocalTime local = zone.local(infusion);
  const int minute = local.minute - hours_before * 60;
  const int back = minute < 0 ? (kDayMinutes - 1 - minute) / kDayMinutes : 0;
  return zone.within(Day{local.day.number - back}, at);
}

PlannedDose plan_dose(const config::ProtocolConfig& protocol, int number, WallTime infusion,
                      const Zone& zone) {
  const int culture = protocol.reculture_min_hours;
  const int way = protocol.transport_hours;
  PlannedDose dose;
  dose.number = number;
  const WallTime harvest = on_its_day(zone, infusion, way, infusion - hours(way));
  // The latest thaw that still leaves the shortest re-culture and the way to the clinic.
  dose.thaw_at = on_its_day(zone, infusion, culture + way, harvest - hours(culture));
  dose.harvest_from = dose.thaw_at + hours(culture);
  dose.harvest_until = dose.thaw_at + hours(protocol.culture_limit());
  dose.infusion_at = std::max(infusion, dose.harvest_from + hours(way));
  return dose;
}

Status check(const config::ProtocolConfig& protocol, int first_number, WallTime first_infusion) {
  if (protocol.reculture_min_hours <= 0 || protocol.reculture_max_hours <= 0) {
    return make_error(
        ErrorCode::invalid_value,
        cat("expected protocol \"", protocol.id.str(), "\" version ", protocol.version,
            " to say its re-culture time (reculture_hours, set by your laboratory), "
            "it is not set"));
  }
  if (first_number < 1 || first_number > protocol.doses) {
    return make_error(ErrorCode::invalid_value, cat("expected a first dose from 1 to ",
                                                    protocol.doses, ", came ", first_number));
  }
  const Duration longest = days(std::int64_t{protocol.interval_max_days} * protocol.doses) +
                           hours(protocol.reculture_max_hours + protocol.transport_hours);
  if (first_infusion.ms < kEarliest.ms + longest.ms() ||
      first_infusion.ms > kLatest.ms - longest.ms()) {
    return make_error(ErrorCode::invalid_value,
                      cat("expected a first infusion between the years 1 and 9998, came ",
                          first_infusion.ms, " ms"));
  }
  return {};
}

}  // namespace

Result<std::vector<PlannedDose>> plan_course(const config::ProtocolConfig& protocol,
                                             int first_number, WallTime first_infusion,
                                             const Zone& zone) {
  TRY(check(protocol, first_number, first_infusion));
  std::vector<PlannedDose> doses;
  const LocalTime first = zone.local(first_infusion);
  const Duration within_minute = first_infusion - zone.at(first.day, first.minute);
  Day day = first.day;
  WallTime infusion = first_infusion;
  for (int number = first_number; number <= protocol.doses; ++number) {
    doses.push_back(plan_dose(protocol, number, infusion, zone));
    day.number += gap_days(protocol, number);
    infusion = zone.at(day, first.minute) + within_minute;
  }
  return doses;
}

WallTime PlanClock::plan_time(WallTime wall) const {
  // A clock that stands centuries from the anchor is wrong; it must not wrap around as well.
  const std::int64_t farthest = kLatest.ms / speed_;
  const std::int64_t ahead = std::clamp(wall.ms - anchor_.ms, -farthest, farthest);
  return {anchor_.ms + ahead * speed_};
}

WallTime PlanClock::wall_time(WallTime plan) const {
  const std::int64_t ahead = plan.ms - anchor_.ms;
  std::int64_t wall = ahead / speed_;
  if (ahead > 0 && ahead % speed_ != 0) ++wall;
  return {anchor_.ms + wall};
}

}  // namespace cryobank::schedule
