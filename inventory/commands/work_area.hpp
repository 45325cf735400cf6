// Work area: a place outside storage where vials are handled: a port, a thaw station, a bench, an
// airlock, a staging rack, a carrier. One course at a time, unless its type is mixed, as a
// shipper's is: two courses side by side are how vials are swapped (inventory.md, witness rule).
// Who tells that a second one came is refused, and the area is locked by a hold of kind "mismatch"
// until two people clear it; with "override", a reason and a second signer it is done and counted.
// A plan that would bring a second one is refused without a lock, for nothing has come yet.
#pragma once

#include <optional>
#include <vector>

#include "inventory/commands/ask.hpp"

namespace cryobank::inventory {

// The work areas of one course that a place is or lies in, innermost first; none in a mixed one.
std::vector<PlaceId> work_areas(const View& view, const PlaceId& place);

struct Arrival {
  AliquotId aliquot;
  CourseId course;
  std::string code;
  PlaceId to;
};

// Two courses in one area.
struct Mix {
  PlaceId area;
  Arrival arrival;
  CourseId other;
};

// The first area that would be mixed once all of these have arrived and left where they were.
std::optional<Mix> find_mix(const View& view, const std::vector<Arrival>& arrivals);
// Nothing when they may arrive; else the decision that notes the mismatch. An Error when an area is
// locked. REQUIRES: nothing was added to the trial that a refusal must take back.
Result<std::optional<Decision>> check_arrivals(Ask& ask, const std::vector<Arrival>& arrivals,
                                               const Json& order);
// For a finding that is recorded whatever it is: locks an area that it shows as mixed.
Status note_mix(Ask& ask, const Mix& mix);

// No area that the place is or lies in is locked by a mismatch.
Status check_not_locked(const View& view, const PlaceId& place);
// For a plan: neither vials of another course stand in an area of the place, nor does an open job
// of one go there.
Status check_alone(const View& view, const PlaceId& place, const CourseId& course);

}  // namespace cryobank::inventory
