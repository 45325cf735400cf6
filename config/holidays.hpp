// Public holidays. Japan's are computed by law (Act on National Holidays, Act No. 178 of 1948 as
// amended to 2018, with the special days of 1989 to 2021): a holiday on a Sunday gives the next day
// that is none, a day between two holidays is one. The equinoxes follow the Observatory's formula
// and are fixed each February for the next year, so an official list, where one is imported, wins.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace cryobank::config {

// The formula of the equinoxes holds so long.
inline constexpr int kJapanFirstYear = 1980;
inline constexpr int kJapanLastYear = 2099;

// Ascending; empty for years outside the two above.
std::vector<Day> japan_holidays(int year);

// An official list, as the Cabinet Office publishes it: one line "2026/1/1,<name>" a holiday, in
// any encoding that keeps ASCII; a header line. Years without a line between the first and the last
// are named in `gaps`.
struct HolidayList {
  std::map<int, std::vector<Day>> years;
  std::vector<int> gaps;
  // Of a year with fewer days than the law names: those that the law alone has. They are among the
  // year's days, since a list that was cut off would open them.
  std::map<int, std::vector<Day>> missing;
};
inline constexpr std::size_t kHolidayLinesMax = 10'000;
Result<HolidayList> parse_holiday_list(std::string_view text);
// Fills `missing` from Japan's law.
void complete_by_law(HolidayList& list);

int year_of(Day day);

}  // namespace cryobank::config
