// Thaw gate: what forbids a thaw, whoever fetches the vials. It is asked before a robot's job is
// made and before a person takes a vial out of the cold, since thawing cannot be taken back.
#pragma once

#include <vector>

#include "inventory/commands/ask.hpp"
#include "inventory/commands/make_job.hpp"

namespace cryobank::inventory {

// How this thaw differs from the usual one; both need a reason and a second signer.
struct ThawRules {
  bool overridden = false;   // quarantined vials too
  bool safety_test = false;  // of a dose that nobody will get: a withdrawn consent does not count
  bool usual() const { return !overridden && !safety_test; }
  // Of the job: kSafetyTest or empty.
  std::string purpose() const {
    return std::string(safety_test ? kSafetyTest : std::string_view());
  }
};

// A robot's, or one where people thaw by hand, by its kind.
bool is_thaw_station(const View& view, const Place& place);

// "override" and "purpose" of the body.
Result<ThawRules> read_thaw_rules(const Ask& ask);
// The dose waits for its thaw, is to specification, and each of its frozen vials may be thawed.
Status check_thaw(const Ask& ask, const CourseDose& target, const ThawRules& rules);
// Each vial of the dose that is still frozen, to a free position of the station. REQUIRES:
// check_thaw.
Result<std::vector<VialRoute>> thaw_routes(const Ask& ask, const CourseDose& target,
                                           const PlaceId& station);
// Counts the override; what is thawed for a test gets a hold, so that it reaches no patient.
Status note_thaw_rules(Ask& ask, const CourseDose& target, const ThawRules& rules);

}  // namespace cryobank::inventory
