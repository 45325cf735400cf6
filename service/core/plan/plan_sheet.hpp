// Plan sheet: one local day of the record and of the site as a minute day
// (schedule/minute_day.hpp), and back: which chain is which dose. A dose whose thaw is planned for
// the day, or was begun on it, has the steps of a thaw; one whose harvest falls on the day, or is
// overdue, those of a harvest. Where each stands is what the record shows: fetched since its job
// was made, thawed, in culture, harvested, issued. What is stopped (plan_stopped.hpp) is left out
// by name. Couriers: each harvest takes the last run with a place in it that reaches its clinic by
// the infusion. Minutes are those that pass from the day's midnight on, so on the day of a change
// of the clock 09:00 is not minute 540; times of the record are plan time here.
#pragma once

#include <string>
#include <vector>

#include "inventory/ledger/view.hpp"
#include "service/core/bank.hpp"
#include "service/core/plan_anchor.hpp"
#include "service/core/problem/plan_chairs.hpp"
#include "service/schedule/minute_day.hpp"

namespace cryobank::core {

// A run of a courier that a harvest goes with.
struct CourierRun {
  std::string
      courier;  // empty: none is told, the dose leaves as long before as its transport takes
  int leaves = 0;
  int arrives = 0;
};

struct SheetItem {
  CourseId course;
  DoseId dose;
  int number = 0;
  bool thaw = true;  // else a harvest
  CourierRun run;    // of a harvest
  int infusion = -1;
  int due =
      0;  // when its last step should end: by the planned thaw or harvest and its steps' minutes
};

// What is over by the record.
struct SheetDone {
  SheetItem item;
  int ended = 0;
};

struct DaySheet {
  Day day;
  schedule::MinuteDay minutes;
  std::vector<SheetItem> items;         // by chain
  std::vector<SheetDone> done;          // of the day, no chain any more
  std::vector<ClinicVisit> infusions;   // of the day, by begin
  std::vector<std::string> left_out;    // in words
  std::vector<std::string> no_courier;  // doses that no run takes to the clinic in time, in words
  std::vector<std::string> no_chair;    // infusions that a clinic has no chair or no hour for
};

// `now` is plan time; for a day that is to come nothing has begun.
DaySheet make_day_sheet(const config::SiteConfig& site, const inventory::View& view,
                        const PlanAnchor& clock, Day day, WallTime now);

}  // namespace cryobank::core
