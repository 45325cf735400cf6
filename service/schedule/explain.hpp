// Explain: why a dose is later than its protocol would like, in what binds it day by day: a closed
// centre or clinic, a full resource, the patient's own day, another series, or the doses after it.
// Reads a plan, changes nothing. Days as in the problem.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/schedule/day_model.hpp"

namespace cryobank::schedule {

// Places that are missing for an infusion on some day.
struct Lack {
  int resource = 0;
  int day = 0;  // on which it is used
  std::int32_t amount = 0;
  bool operator==(const Lack&) const = default;
};

struct Reason {
  enum class What : std::uint8_t {
    centre_closed,  // on the thaw or harvest day that this infusion would need
    clinic_closed,
    patient_away,
    not_yet,       // before the release, a hold's end, or the first day a thaw is possible
    too_late,      // after its last day
    expiry,        // thawed for that day its vials would be expired
    forced_gap,    // the calendars force a gap longer than its rule
    full,          // a resource
    refused,       // nothing of the series may be given
    other_series,  // of the same patient
    no_gap,        // its rule allows none
    later_doses    // possible, and the whole series is better as it is
  };
  What what = What::later_doses;
  int index = 0;    // calendar, resource or series
  int day = 0;      // of the infusion that was not possible; forced_gap: of the dose before
  int limit = -1;   // full: places on that day; not_yet, too_late, expiry: the first or last day;
                    // forced_gap: the first possible day after the gap; -1: none
  int allowed = 0;  // forced_gap: the longest interval
  std::string because = {};      // expiry: in words
  std::vector<Lack> lacks = {};  // full: with so much more of all of these that day would do
  int shortest = 1;              // forced_gap: the shortest interval
};
std::string_view name_of(Reason::What what);

struct LateDose {
  int series = 0;
  int number = 0;
  int wanted = 0;  // the last day that costs nothing
  int day = 0;     // the planned day; -1: not placed
  // One for each day from the wanted one on, alike ones once; where it is not placed, of the days
  // that its interval allows.
  std::vector<Reason> reasons;
};

// Doses later than the last day that costs nothing, and those not placed; in order of series.
std::vector<LateDose> explain(const DayModel& model, const Routes& routes);
std::string to_text(const DayProblem& problem, const Reason& reason);

}  // namespace cryobank::schedule
