// Allocation: where new aliquots of a course go. Split risk first, whatever the strategy: losing
// any one freezer must leave most of a patient's doses, so no freezer gets more than the site's
// share of a course, and all aliquots of one dose stay together. Within the freezer the strategy
// chooses the box: same-box (where most of the course lies), least-empty (the fewest free
// positions, so that boxes fill up), last-used (where something was put last); then the tree's own
// order.
#pragma once

#include <vector>

#include "inventory/ledger/view.hpp"

namespace cryobank::inventory {

struct Wanted {
  AliquotId aliquot;
  int dose = 0;
};

using Strategy = config::AllocationConfig::Strategy;
std::string_view name_of(Strategy strategy);
// "strategy" of a command; the site's where it says none. The Error names those there are.
Result<Strategy> read_strategy(const View& view, const Json& body);

struct Terms {
  Strategy strategy = Strategy::same_box;
  bool waive_share = false;                     // all into as few freezers as needed
  const config::DeviceConfig* robot = nullptr;  // only where it goes; none: where any does
};

// Where the vials of one dose go, and why there.
struct Allotment {
  int dose = 0;
  DeviceId freezer;
  std::vector<Spot> spots;  // in the order asked
  std::string why;
};

// One for each dose, in the order asked. REQUIRES: `wanted` is sorted by dose. Only positions of
// containers that a robot knows; those that are reserved for the course first. Error no_space says
// which dose found no place and why.
Result<std::vector<Allotment>> allocate(const View& view, const Course& course,
                                        const std::vector<Wanted>& wanted, const Terms& terms);
std::vector<Spot> spots_of(const std::vector<Allotment>& plan);
// [{"dose","freezer","positions","why"}], for a person.
Json to_json(const View& view, const Course& course, const std::vector<Allotment>& plan);

// Free: nobody in it, not blocked or held, and no reservation that still counts at the view's time.
bool is_free(const View& view, const Place& place, int position);

// Nothing but perhaps a vial: not blocked, held or reserved for anyone but `owner`, no container.
bool is_open_to(const View& view, const Place& place, int position, std::string_view owner);

// Doses of the course that lie in each freezer, whole or in part, and may still be given: what was
// rejected is none; with store jobs under way counted
// as if they were done.
std::map<DeviceId, std::set<int>> doses_by_freezer(const View& view, const Course& course);

}  // namespace cryobank::inventory
