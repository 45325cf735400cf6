// Plan: what the planner knows of a site beside its protocols: calendars, clinics, what the centre
// can do in a day, and how far ahead dates are made. Days are local days of the site.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "config/day_config.hpp"
#include "config/holidays.hpp"

namespace cryobank::config {

// Days on which a centre or clinic is closed out of turn; both ends are part of it.
struct ClosureConfig {
  Day from;
  Day to;
  std::string reason;
};

// Days and hours on which a laboratory or clinic is open.
struct CalendarConfig {
  CalendarId id;
  std::string title;
  std::vector<int> closed_weekdays;  // 1 Monday to 7 Sunday
  std::vector<Day> holidays;         // ascending
  std::vector<ClosureConfig> closures;
  std::vector<Day> open_days;  // ascending; open whatever else says
  bool japan = false;          // public holidays of Japan by law, where no list covers the year
  std::string holiday_list;    // file of an official list; empty: none
  HolidayList official;        // what it said
  int opens_minute = -1;       // local clock; -1: not told
  int closes_minute = -1;
  std::string source;
  std::string file;
  int line = 0;

  bool open_on(Day day) const;
  // Why it is closed, for people; empty when it is open.
  std::string closed_because(Day day) const;
  bool public_holiday(Day day) const;
};

// What a dose takes of the centre, and how much of it there is a day.
struct PlanResourceConfig {
  enum class On : std::uint8_t { thaw, culture, harvest };
  std::string id;
  On on = On::thaw;
  int per_day = 0;  // 1 to 100,000
  int amount = 1;   // of one dose
  int reserve = 1;  // of each day, kept for doses that a hold moves
  std::string file;
  int line = 0;
};

// Where doses are infused.
struct ClinicConfig {
  std::string id;
  std::string title;
  CalendarId calendar;  // empty: every day is open
  // Where hours of its calendar and infusion minutes are known, patients at once; else infusions a
  // day; 0: not limited here.
  int chairs = 0;
  int reserve = 1;      // chairs of each day, kept for doses that a hold moves
  int beds = 0;         // patients who stay, of protocols with bed_days; 0: not limited here
  int bed_reserve = 0;  // beds of each day, kept likewise
  int turnover = 0;     // minutes between two patients on one chair
  std::string file;
  int line = 0;
};

// Days without an infusion around a hold of one kind (chemotherapy, imaging).
struct AroundConfig {
  std::string hold;
  int before = 0;
  int after = 0;
};

struct PlanConfig {
  int clock_speed = 1;               // 1 to 100,000 plan seconds per second: demonstrations only
  Duration thaw_lead = minutes(30);  // job starts so long before the thaw time
  CalendarId centre_calendar;        // of thaws and harvests; empty: every day is open
  int horizon_days = 180;            // planned ahead, 30 to 540
  int freeze_days = 2;               // a dose whose thaw is nearer stays where it is
  int resume_within_days = 7;        // after a hold; beyond it other courses may be asked to move
  int infusion_minute = 14 * 60;     // local clock, when the clinic is due to begin
  // How long a clinic's "fit to thaw" counts; 0: switched off by name, which load warns of.
  Duration fit_to_thaw = hours(24);
  // Days of waiting that one point of interval cost is worth: a day of waiting weighs as much as a
  // gap that is a day off the wanted ones. 0: interval always goes first, months of waiting or not.
  int waiting_days_per_point = 1;
  int apart_days = 1;  // between infusions of two series of one patient, at least
  std::vector<AroundConfig> around;
  std::vector<PlanResourceConfig> resources;
  DayConfig day;
};

}  // namespace cryobank::config
