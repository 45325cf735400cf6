// Forced gaps: places in the calendar that no series comes over within its intervals, because
// centre and clinic are closed on the thaw, harvest or infusion day of everything else: a pause
// longer than the longest interval, or, where intervals are narrow, possible days that lie neither
// so near nor so far apart. Each comes with what would cure it: the days whose opening would do, or
// a wider window of re-culture. Pure.
#pragma once

#include <string>
#include <vector>

#include "service/schedule/day_problem.hpp"

namespace cryobank::schedule {

struct GapQuestion {
  OpenDays centre;  // by day
  OpenDays clinic;
  int lead_min = 1;
  int lead_max = 1;
  int transport = 0;
  int first_thaw = 0;  // no thaw before
  int gap_min = 1;
  int gap_max = 7;
};
// What the calendars allow one series after a dose with that rule.
GapQuestion gap_question(const DayProblem& problem, const Series& series, const GapRule& rule);

struct OpenDay {
  bool centre = false;  // else the clinic
  int day = 0;
  bool operator==(const OpenDay&) const = default;
};

struct ForcedGap {
  int from = 0;  // last possible infusion day before it
  int to = 0;    // first after it
  int days() const { return to - from; }
  // No pause: only the intervals are too narrow for the days around it.
  bool narrow(const GapQuestion& question) const { return days() <= question.gap_max; }
  // Sets of days; opening all of one set is enough. Sets of one day where there are any, else of
  // two, else one of as few as can be.
  std::vector<std::vector<OpenDay>> cures;
  int lead_cure = 0;  // longest lead that would do by itself; 0: none within lead_max + 3
};

// Most sets of days that are told of one gap.
inline constexpr std::size_t kCuresMax = 20;

std::vector<int> possible_days(const GapQuestion& question);
std::vector<ForcedGap> forced_gaps(const GapQuestion& question);
// The one between these two days, which are possible and nothing between them is.
ForcedGap forced_gap(const GapQuestion& question, int from, int to);

// How many doses of a series find a day one after the other, wherever it begins: all of them, or
// those before the first that finds none. rules[k]: the gap before dose k + 2. A pause longer than
// a rule does not count against it; a series that reaches the end of the calendars has all.
int doses_in_a_row(const GapQuestion& question, const std::vector<GapRule>& rules);

}  // namespace cryobank::schedule
