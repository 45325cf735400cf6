// Stores what a command registers: a person puts the vials into the port of "store", and a robot
// brings them from there into the freezers. With "dry_run" the answer shows the plan and nothing is
// registered.
#pragma once

#include <string_view>
#include <vector>

#include "inventory/commands/ask.hpp"

namespace cryobank::inventory {

// REQUIRES: the course was added to the trial. `what` was registered, in words.
Result<Decision> store_at_once(Ask& ask, const CourseId& id, const std::vector<AliquotId>& aliquots,
                               Json reply, std::string_view what);

}  // namespace cryobank::inventory
