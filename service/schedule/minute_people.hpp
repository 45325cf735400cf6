// Minute people: who does which step of a day that is timed already. Each step has one person from
// its beginning to its end; of those who are free the one with the fewest other skills is taken,
// then the one with the least work, and one who is taken may be exchanged for another once.
#pragma once

#include "service/schedule/minute_day.hpp"

namespace cryobank::schedule {

bool has_skill(const MinutePerson& person, int skill);
// Sets the person of each slot that needs one; a step for which nobody is free becomes a fault.
void assign_people(const MinuteDay& day, MinutePlan& plan);

}  // namespace cryobank::schedule
