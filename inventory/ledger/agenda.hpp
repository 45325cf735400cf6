// What the agenda of a whole bank says without reading all of it: a bank plans a million steps.
#pragma once

#include <vector>

#include "inventory/ledger/ledger.hpp"

namespace cryobank::inventory {

// The courses whose planned thaws come next, by the time of their first; at most `max`.
std::vector<CourseId> next_courses(const Ledger& ledger, std::size_t max);

}  // namespace cryobank::inventory
