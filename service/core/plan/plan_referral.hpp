// Referrals: what comes before a course, from the first contact to the frozen lot. Slots of each
// stage are set by a supervisor (document plan/slots); a referral is a document with its stages as
// they ended. Every change plans all open referrals anew, by urgency and then by the first contact,
// so that a patient whose collection failed keeps the place. Provisional: nothing of it is booked
// at another site. A referral without a provisional plan is an alarm at 20 and 24 h.
#pragma once

#include "service/core/plan/plan_figures.hpp"

namespace cryobank::core {

std::span<const PlanVerb> referral_verbs();
// Alarms of referrals that nobody could plan yet.
void watch_referrals(const Now& now, const Bank& bank, AlarmDesk& alarms);
Json referral_figures(const PlanAsk& ask, const FigurePeriod& period);

}  // namespace cryobank::core
