// Plan provisional: days for the doses of referrals that have no course yet, beside everything that
// is planned: places at the centre, chairs, and beds for the days of observation after an infusion.
// Each one is planned beside those asked for before it. Nothing is booked by it.
#pragma once

#include <string>
#include <vector>

#include "service/core/plan/plan_ask.hpp"

namespace cryobank::core {

struct ProvisionalDoses {
  std::vector<Day> days;  // of the infusions; fewer than the protocol has: `why`
  std::string why;
};

class ProvisionalPlanner {
 public:
  explicit ProvisionalPlanner(const PlanAsk& ask);

  // `ready`: days from today until the first thaw can be. At the site's first clinic.
  ProvisionalDoses plan(const std::string& referral, const config::ProtocolConfig& protocol,
                        int ready);

 private:
  schedule::Series series_of(const std::string& referral, const config::ProtocolConfig& protocol,
                             int ready) const;
  void add_demands(const config::ProtocolConfig& protocol, schedule::Series& series) const;
  void take(const schedule::Route& route);

  const config::SiteConfig& site_;
  PlanProblem made_;  // its resources hold what is free, its only series is the one asked for
};

// Of each dose of the series without a day in made.standing, what forbids every one of them.
std::string missing_text(const PlanProblem& made, const schedule::DayModel& model, int series);

}  // namespace cryobank::core
