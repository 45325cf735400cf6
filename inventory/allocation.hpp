// Allocation: where new aliquots of a course go. Split risk first: losing any one freezer must
// leave most of a patient's doses, so no freezer gets more than the site's share of a course, and
// all aliquots of one dose stay together. Then least disturbance: boxes that hold the course
// already, then the tree's own order, so that few boxes are opened.
#pragma once

#include <vector>

#include "inventory/view.hpp"

namespace cryobank::inventory {

struct Wanted {
  AliquotId aliquot;
  int dose = 0;
};

// One spot for each, in the order asked. REQUIRES: `wanted` is sorted by dose. Only free positions
// of containers that a robot knows; `waive_share` puts all into as few freezers as needed. Error
// no_space says which dose found no place and why.
Result<std::vector<Spot>> allocate(const View& view, const Course& course,
                                   const std::vector<Wanted>& wanted, bool waive_share);

// Free: nobody in it, not blocked or held, and no reservation that still counts at the view's time.
bool is_free(const View& view, const Place& place, int position);

// Nothing but perhaps a vial: not blocked, held or reserved for anyone but `owner`, no container.
bool is_open_to(const View& view, const Place& place, int position, std::string_view owner);

// Doses of the course that lie in each freezer, whole or in part; with store jobs under way counted
// as if they were done.
std::map<DeviceId, std::set<int>> doses_by_freezer(const View& view, const Course& course);

}  // namespace cryobank::inventory
