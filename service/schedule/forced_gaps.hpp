// Forced gaps: pauses between possible infusion days that no plan can shorten, because centre and
// clinic are closed on the thaw, harvest or infusion day of everything between. Each comes with
// what would cure it: the days whose opening would do, or a wider window of re-culture. Pure.
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

}  // namespace cryobank::schedule
