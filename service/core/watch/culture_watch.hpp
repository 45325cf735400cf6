// Culture watch: the clock of every dose between thaw and harvest. One alarm a dose that rises: P3
// when the shortest time in culture is reached, P2 at the planned harvest, P1 at the hard maximum,
// after which active cells destroy themselves. It counts from the real thaw, in plan time, and goes
// when the dose is harvested, rejected or given. The record holds all of it: a restart forgets
// none.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "inventory/ledger/course.hpp"
#include "service/core/desk/alarm_desk.hpp"
#include "service/core/plan_anchor.hpp"

namespace cryobank::core {

class CultureWatch {
 public:
  CultureWatch(Bank& bank, PlanAnchor& clock, AlarmDesk& alarms)
      : bank_(bank), clock_(clock), alarms_(alarms) {}

  // First step of a run: finds what is in culture.
  void start();
  void on_course(const CourseId& course);
  void clock_stepped() { at_ = {}; }
  void look(const Now& now);
  Instant next_deadline() const { return at_; }

 private:
  struct Due {
    WallTime at{};  // plan time; 0: the protocol does not say
    alarms::Priority priority = alarms::Priority::p3;
    std::string text;
    std::string action;
  };
  using Key = std::pair<CourseId, int>;  // course and number of a dose

  // By time; the last that has come is what stands.
  std::vector<Due> clock_of(const inventory::Course& course, const inventory::Dose& dose) const;
  void raise(const Now& now, const std::string& source, const Due& due);

  Bank& bank_;
  PlanAnchor& clock_;
  AlarmDesk& alarms_;
  std::set<Key> inside_;
  Instant at_ = kNever;
};

}  // namespace cryobank::core
