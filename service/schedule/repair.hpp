// Repair: what to do when something stopped planned doses (a hold, a failed thaw, a full
// incubator): the course's own remaining doses first, those before what was stopped on their
// published days; if that is not enough a few other courses
// move as well, those whose patients were told last of all; if that is not enough either, options
// for a person. Uses each day's reserve. Changes nothing by itself: the result is a proposal.
#pragma once

#include <string_view>
#include <vector>

#include "service/schedule/day_model.hpp"

namespace cryobank::schedule {

// Other courses that may move with the broken one.
inline constexpr int kMovedWithMax = 3;
inline constexpr int kOptionsMax = 5;

enum class Rung : std::uint8_t { own_course, few_courses, options };
std::string_view name_of(Rung rung);

struct VisitMove {
  int series = 0;
  int number = 0;
  int from = kNoDay;  // infusion day before, which may have passed; kNoDay: it had none
  int to = kNoDay;    // kNoDay: no place was found
  bool told = false;
  bool operator==(const VisitMove&) const = default;
};

struct Option {
  int first = 0;  // infusion day of the first dose that goes on
  Cost cost = 0;
  Route route;
};

struct Repair {
  Rung rung = Rung::own_course;
  Routes routes;
  std::vector<VisitMove> moves;  // of every series, against what stood
  // By first day: of rung options, or the ways around a gap that has to be longer than its rule.
  std::vector<Option> options;
};

// What of the broken course keeps its published days: the doses before the first that cannot stand,
// or nothing, where one of it fell out and those after it close up.
enum class KeepDays : std::uint8_t { before, nothing };

// `standing`: the routes that stand; that of `broken` is planned anew from the problem, which tells
// already what it may do from now on. `resume_by`: the first infusion after what was stopped should
// not be later; what is later makes the next rung worth trying.
Repair repair(const DayModel& model, const Routes& standing, int broken, int resume_by,
              KeepDays keep = KeepDays::before);

// Everything that differs, by series and dose.
std::vector<VisitMove> moves_between(const DayProblem& problem, const Routes& before,
                                     const Routes& after);

}  // namespace cryobank::schedule
