// Protocol: how a course of one therapy is dosed and timed. One TOML file per protocol and version
// under config/protocols/; a course is pinned to the version it started with.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace cryobank::config {

// Every time is unset (0) until the laboratory sets it: there is no default that looks
// authoritative.
struct ProtocolConfig {
  ProtocolId id;
  int version = 1;
  std::string title;
  int doses = 12;             // 1 to 60
  Fraction dose_fraction;     // of a full dose; 1 unless the file says 1/2
  int aliquots_per_dose = 1;  // 1 to 24
  int interval_min_days = 3;  // between two infusions: wanted
  int interval_max_days = 4;
  int limit_min_days = 0;  // allowed at all; 0: as wanted
  int limit_max_days = 0;
  std::vector<int>
      interval_costs;           // one for each allowed gap; empty: 1 for each day off the wanted
  int early_doses = 0;          // after the first so many doses ...
  int early_min_days = 0;       // ... the gap is at least so long
  int reculture_min_hours = 0;  // between thaw and harvest; 0: not set, planning is refused
  int reculture_max_hours = 0;
  int reculture_limit_hours = 0;  // hard maximum; 0: the highest of the two above
  int transport_hours = 0;
  int infusion_minutes = 0;             // 0: not told
  int bed_days = 0;                     // days in a bed, that of the infusion the first; 0: none
  std::int64_t cells_per_dose = 0;      // wanted; 0: not told
  std::int64_t cells_after_thaw = 0;    // viable ones that promise a full dose; 0: not told
  std::int64_t cells_per_infusion = 0;  // never more (cap); 0: not told
  int urgency = 1;                      // 1 to 9: weight of a day of waiting
  int total_doses = 0;  // full doses of the whole course, to check the two above; 0: not told
  std::string source;
  std::string file;
  int line = 0;

  int shortest_gap() const { return limit_min_days > 0 ? limit_min_days : interval_min_days; }
  int longest_gap() const { return limit_max_days > 0 ? limit_max_days : interval_max_days; }
  // What makes its gaps contradict each other, with what was expected.
  std::vector<std::string> gap_faults() const;
  std::string gap_fault() const;  // the first of them; empty: nothing does
  // Cost of a gap within those; 0 for the wanted ones.
  int gap_cost(int days) const;
  // Hours of re-culture that are planned at most, and its hard maximum.
  int longest_culture() const;
  int culture_limit() const;
  // Whole days of re-culture that fit its hours; first above second: none does.
  std::pair<int, int> lead_days() const;
};

}  // namespace cryobank::config
