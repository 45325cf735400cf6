// Plan gaps: pauses longer than a protocol allows that calendars alone force on every course of it,
// and days that its intervals do not come over, with what would cure each: days whose opening would
// do, or a longer re-culture; and protocols that find no days for all their doses, wherever a
// course begins. A course whose interval a physician changed is asked for by its own. Told on the
// topic `plan` for the next twelve months, so that a day can be opened while there is time to ask.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "config/site_config.hpp"
#include "inventory/ledger/view.hpp"
#include "service/schedule/forced_gaps.hpp"

namespace cryobank::core {

inline constexpr int kGapMonths = 12;

struct CalendarGap {
  std::string protocol;
  CourseId course;     // whose own longest interval it is; empty: every one's of the protocol
  std::string clinic;  // empty: the site names none
  Day from;            // last possible infusion before it
  Day to;              // first after it; the same as `from`: none at all in that time
  int shortest = 1;    // interval, in days
  int allowed = 0;     // the longest
  Json cures = Json::array();  // of lists of {"open","day"}: opening all of one list is enough
  int lead_cure = 0;           // days of re-culture that would do; 0: none
  // Of `never`: doses that find a day one after the other, of how many, and the longest interval
  // that would do for all of them; 0: none.
  int placed = 0;
  int doses = 0;
  int interval_cure = 0;
  bool never() const { return to == from; }
  bool narrow() const { return !never() && to.number - from.number <= allowed; }
};

// Day 0 of the gap is `first`.
CalendarGap calendar_gap(const schedule::ForcedGap& gap, Day first,
                         const schedule::GapQuestion& question);
// What of it is the same wherever it is told.
Json span_json(const CalendarGap& gap);
std::string span_text(const CalendarGap& gap);

// Those of single courses first, while they have doses to give; then by protocol, clinic and day;
// at most `most`.
std::vector<CalendarGap> calendar_gaps(const config::SiteConfig& site, const inventory::View& view,
                                       Day first, int days, std::size_t most);
Json to_json(const CalendarGap& gap);
std::string to_text(const CalendarGap& gap);

}  // namespace cryobank::core
