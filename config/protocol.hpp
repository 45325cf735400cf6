// Protocol: how a course of one therapy is dosed and timed. One TOML file per protocol and version
// under config/protocols/; a course is pinned to the version it started with.
#pragma once

#include <string>
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
  int interval_min_days = 3;  // between two infusions
  int interval_max_days = 4;
  int reculture_min_hours = 0;  // between thaw and harvest; 0: not set, planning is refused
  int reculture_max_hours = 0;
  int transport_hours = 0;
  int total_doses = 0;  // full doses of the whole course, to check the two above; 0: not told
  std::string source;
  std::string file;
  int line = 0;
};

}  // namespace cryobank::config
