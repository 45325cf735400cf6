#include "config/duty.hpp"

#include <algorithm>

namespace cryobank::config {
namespace {

constexpr int kDutyDayMinutes = 24 * 60;

bool is_dated(const std::vector<DutyConfig>& duties, int tier, Day day) {
  return std::ranges::any_of(duties, [&](const DutyConfig& duty) {
    return duty.tier == tier && std::ranges::find(duty.dates, day) != duty.dates.end();
  });
}

// Does this duty, begun on `day`, cover `minute` counted from that day's midnight (up to two days)?
bool covers(const DutyConfig& duty, Day day, bool dated, int minute) {
  const bool listed = std::ranges::find(duty.dates, day) != duty.dates.end();
  if (dated != !duty.dates.empty() || (dated && !listed)) return false;
  const int weekday = weekday_of(day);
  if (!dated && !duty.weekdays.empty() &&
      std::ranges::find(duty.weekdays, weekday) == duty.weekdays.end()) {
    return false;
  }
  const int end =
      duty.to_minute > duty.from_minute ? duty.to_minute : duty.to_minute + kDutyDayMinutes;
  return minute >= duty.from_minute && minute < end;
}

}  // namespace

std::vector<UserId> on_duty(const std::vector<DutyConfig>& duties, int tier, const LocalTime& at) {
  std::vector<UserId> people;
  for (int back = 0; back <= 1; ++back) {
    const Day day{at.day.number - back};
    const bool dated = is_dated(duties, tier, day);
    for (const DutyConfig& duty : duties) {
      if (duty.tier != tier || !covers(duty, day, dated, at.minute + back * kDutyDayMinutes))
        continue;
      for (const UserId& person : duty.people) {
        if (std::ranges::find(people, person) == people.end()) people.push_back(person);
      }
    }
  }
  return people;
}

}  // namespace cryobank::config
