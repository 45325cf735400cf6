// Plan forecast: how many full doses the frozen stock of a course will make, computed anew after
// each count of a thawed dose. Recovery scatters from vial to vial, so it is a range, and a course
// that will be short is told while something can still be done.
//
// What one counted dose came to, in thousandths of a full dose:
//   after the culture: its viable cells / those of a full dose
//   after the thaw, not yet harvested: its viable cells / what the laboratory wants after a thaw
//     (protocol `cells_after_thaw`); where that is not set, its viable cells x the growth in
//     culture of this course's own harvested doses / those of a full dose; else not judged yet
// A full dose: the fewest viable cells that quality set for the protocol (stability/set), else the
// protocol's `cells_per_dose`. Of the doses left (frozen or to come, not rejected) as many are full
// as the mean share says; the least and the best share give the range.
// Source: recovery after thaw and rest 73 +/- 22 % of N = 19 (doi 10.3389/fimmu.2022.861681).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "inventory/ledger/view.hpp"
#include "service/core/desk/alarm_desk.hpp"

namespace cryobank::core {

struct DoseYield {
  int number = 0;
  std::int64_t permille = 0;  // of a full dose; may be above 1,000
  bool harvested = false;     // else it was counted after the thaw only
};

struct Forecast {
  std::int64_t full_cells = 0;  // viable, of a full dose
  std::vector<DoseYield> counted;
  int doses_left = 0;
  int full_doses = 0;  // of those left, by the mean share
  int full_low = 0;    // by the least
  int full_high = 0;   // by the best
  int short_at = 0;    // number of the first dose that will not be full; 0: none
};

// Empty while nothing was counted, or nobody said what a full dose is.
std::optional<Forecast> forecast_of(const config::SiteConfig& site, const inventory::View& view,
                                    const CourseId& course);
Json to_json(const Forecast& forecast);

// An alarm for each course that will be short, as long as it will be.
class ForecastWatch {
 public:
  ForecastWatch(const Bank& bank, AlarmDesk& alarms) : bank_(bank), alarms_(alarms) {}

  // First step of a run: all courses.
  void start(const Now& now);
  void on_course(const Now& now, const CourseId& course);

 private:
  // Whether the alarm of the course stands.
  bool judge(const Now& now, const CourseId& course);

  const Bank& bank_;
  AlarmDesk& alarms_;
};

}  // namespace cryobank::core
