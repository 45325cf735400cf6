// Under way: a vial that is a line of a robot's job belongs to that job until its move is done,
// failed or cancelled. No act of a person moves it or ends its life, whichever command brings it:
// looked at in what the act would change, not in each command. Only quality's word on a vial
// (quarantined, released) may come while a robot carries it.
#pragma once

#include "inventory/ledger/apply/trial.hpp"

namespace cryobank::inventory {

// Error conflict names the first vial and its job.
Status check_under_way(const Trial& trial);

// What waited for a second person is decided against the shelf that its asker saw: no vial or
// container that it puts elsewhere came to where it is between `asked` (0: it did not wait) and
// `now`, be it from another position of the same place. Error: conflict.
Status check_as_asked(const Trial& trial, WallTime asked, WallTime now);

}  // namespace cryobank::inventory
