// Second course: an aliquot belongs to one course for ever. Who tries to link its id or its code to
// another one is refused with a mismatch, and that is journaled and an alarm: somewhere two labels
// or two lists are wrong. Nothing is locked, for nothing was moved.
#pragma once

#include "inventory/commands/ask.hpp"

namespace cryobank::inventory {

// Only the fact, for a list that is refused as a whole, with the code that its asker gets.
Status add_second_course(Ask& ask, const Aliquot& aliquot, const CourseId& wanted,
                         ErrorCode told = ErrorCode::mismatch);
// The fact, and the decision that refuses the asker. REQUIRES: nothing is decided yet.
Result<Decision> note_second_course(Ask& ask, const Aliquot& aliquot, const CourseId& wanted);

}  // namespace cryobank::inventory
