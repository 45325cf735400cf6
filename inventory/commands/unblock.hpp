// A dose whose thaw was refused when it was due waits as blocked, so that the plan does not ask
// again and again. What may have removed the cause unblocks it.
#pragma once

#include "inventory/commands/ask.hpp"

namespace cryobank::inventory {

// Doses tried again after one event; the rest follows with the next.
inline constexpr int kUnblockMax = 100;

// Those of one course, or with an empty id of every course. `held`: also those whose thaw job a
// hold had stopped.
Status unblock_doses(Ask& ask, const CourseId& course, bool held = false);

}  // namespace cryobank::inventory
