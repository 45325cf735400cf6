#include "config/holidays.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/text.hpp"

namespace cryobank::config {
namespace {

std::string padded(int number) { return number < 10 ? cat("0", number) : cat(number); }

Day ymd(int year, int month, int day) {
  const Result<Day> parsed = parse_day(cat(year, "-", padded(month), "-", padded(day)));
  return parsed ? *parsed : Day{};
}

Day nth_monday(int year, int month, int n) {
  const Day first = ymd(year, month, 1);
  return Day{first.number + (8 - weekday_of(first)) % 7 + 7 * (n - 1)};
}

// Day of March and of September; in millionths, since no decision is made in floating point.
int equinox(int year, std::int64_t base) {
  const std::int64_t years = year - 1980;
  return static_cast<int>((base + 242'194 * years) / 1'000'000 - years / 4);
}

void add_moving(int year, std::set<Day>& days) {
  if (year == 2020) {  // the Olympic summer, held a year later
    days.insert({ymd(year, 7, 23), ymd(year, 7, 24), ymd(year, 8, 10)});
  } else if (year == 2021) {
    days.insert({ymd(year, 7, 22), ymd(year, 7, 23), ymd(year, 8, 8)});
  } else {
    if (year >= 2003) days.insert(nth_monday(year, 7, 3));
    if (year >= 1996 && year <= 2002) days.insert(ymd(year, 7, 20));
    if (year >= 2016) days.insert(ymd(year, 8, 11));
    days.insert(year >= 2000 ? nth_monday(year, 10, 2) : ymd(year, 10, 10));
  }
  days.insert(year >= 2000 ? nth_monday(year, 1, 2) : ymd(year, 1, 15));
  days.insert(year >= 2003 ? nth_monday(year, 9, 3) : ymd(year, 9, 15));
}

void add_emperor(int year, std::set<Day>& days) {
  days.insert(ymd(year, 4, 29));
  if (year >= 1989 && year <= 2018) days.insert(ymd(year, 12, 23));
  if (year >= 2020) days.insert(ymd(year, 2, 23));
  if (year == 1989) days.insert(ymd(year, 2, 24));
  if (year == 1990) days.insert(ymd(year, 11, 12));
  if (year == 1993) days.insert(ymd(year, 6, 9));
  if (year == 2019) days.insert({ymd(year, 5, 1), ymd(year, 10, 22)});
}

std::set<Day> named_days(int year) {
  std::set<Day> days{ymd(year, 1, 1),
                     ymd(year, 2, 11),
                     ymd(year, 5, 3),
                     ymd(year, 5, 5),
                     ymd(year, 11, 3),
                     ymd(year, 11, 23),
                     ymd(year, 3, equinox(year, 20'843'100)),
                     ymd(year, 9, equinox(year, 23'248'800))};
  if (year >= 2007) days.insert(ymd(year, 5, 4));
  add_moving(year, days);
  add_emperor(year, days);
  return days;
}

}  // namespace

int year_of(Day day) {
  const Result<std::int64_t> year = parse_integer(std::string_view(format_day(day)).substr(0, 4));
  return year ? static_cast<int>(*year) : 0;
}

std::vector<Day> japan_holidays(int year) {
  if (year < kJapanFirstYear || year > kJapanLastYear) return {};
  const std::set<Day> named = named_days(year);
  std::set<Day> days = named;
  for (const Day day : named) {
    if (weekday_of(day) != 7) continue;
    Day next{day.number + 1};
    // Before 2007 only the Monday could take its place.
    while (year >= 2007 && named.contains(next)) next.number += 1;
    days.insert(next);
  }
  if (year >= 1986) {
    for (const Day day : named) {
      const Day middle{day.number + 1};
      const bool between = named.contains(Day{day.number + 2}) && !days.contains(middle);
      if (between && (year >= 2007 || weekday_of(middle) != 7)) days.insert(middle);
    }
  }
  return {days.begin(), days.end()};
}

namespace {

struct DateField {
  int year = 0;
  Day day;                 // number 0: no day of the calendar, or none that a list can mean
  bool is_number = false;  // three numbers, whatever they say
};

// "2026/1/1" or "2026-01-01".
DateField read_date(std::string_view field) {
  DateField date;
  const std::vector<std::string_view> parts = split(field, field.find('/') < 5 ? '/' : '-');
  if (parts.size() != 3) return date;
  std::int64_t values[3] = {};
  for (std::size_t i = 0; i < 3; ++i) {
    const Result<std::int64_t> value = parse_integer(parts[i]);
    if (!value) return date;
    values[i] = *value;
  }
  date.is_number = true;
  const auto [year, month, day] = values;
  if (year < 1948 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31) return date;
  date.year = static_cast<int>(year);
  date.day = ymd(date.year, static_cast<int>(month), static_cast<int>(day));
  return date;
}

}  // namespace

Result<HolidayList> parse_holiday_list(std::string_view text) {
  HolidayList list;
  int number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    line = trim(line);
    if (line.empty()) continue;
    if (number > static_cast<int>(kHolidayLinesMax)) {
      return make_error(ErrorCode::too_large, cat("expected at most ", kHolidayLinesMax, " lines"));
    }
    const std::string_view field = line.substr(0, line.find(','));
    const DateField date = read_date(field);
    if (!date.is_number && number == 1) continue;  // the header
    if (date.day.number == 0) {
      return make_error(ErrorCode::malformed,
                        cat("line ", number, ": expected a date as 2026/1/1 first, came \"",
                            clip(field, 30), "\""));
    }
    list.years[date.year].push_back(date.day);
  }
  if (list.years.empty()) {
    return make_error(ErrorCode::malformed, "expected one holiday a line, came none");
  }
  for (auto& [year, days] : list.years) {
    std::sort(days.begin(), days.end());
    days.erase(std::unique(days.begin(), days.end()), days.end());
  }
  const int last = std::prev(list.years.end())->first;
  for (int year = list.years.begin()->first; year <= last; ++year) {
    if (!list.years.contains(year)) list.gaps.push_back(year);
  }
  return list;
}

// A year with as many days or more is believed: days are moved by special laws.
void complete_by_law(HolidayList& list) {
  for (auto& [year, days] : list.years) {
    const std::vector<Day> by_law = japan_holidays(year);
    if (days.size() >= by_law.size()) continue;
    std::vector<Day>& missing = list.missing[year];
    std::set_difference(by_law.begin(), by_law.end(), days.begin(), days.end(),
                        std::back_inserter(missing));
    days.insert(days.end(), missing.begin(), missing.end());
    std::sort(days.begin(), days.end());
  }
}

}  // namespace cryobank::config
