// Plan order: in which order the open doses of one course are given. By their days, those without
// one where their number belongs; and a dose that nobody should count on (its vials are held, or in
// a freezer that loses its cold) changes places with a later one of the same course whose vials are
// safe. Pure.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "inventory/ledger/course.hpp"

namespace cryobank::core {

// Doses not to count on, by number.
using UnsafeDoses = std::map<CourseId, std::set<int>>;

struct DoseOrder {
  std::vector<const inventory::Dose*> doses;
  std::set<int> put_back;  // numbers of unsafe doses that another one stands in for
};

// `open`: doses whose vials may still be thawed, by number. Unsafe ones due up to `safe_from` are
// put back behind a safe one that is planned after it, if there is one.
DoseOrder order_doses(const std::vector<const inventory::Dose*>& open, const std::set<int>& unsafe,
                      WallTime safe_from);
// The same for all open doses of a course.
DoseOrder order_doses(const inventory::Course& course, const std::set<int>& unsafe,
                      WallTime safe_from);

}  // namespace cryobank::core
