// Thaw desk: gives the command dose/thaw when the plan says so, as the user "schedule" on the same
// path as a person's; what no robot finds is left to people, who thaw it by hand. It decides
// nothing about the vial: the inventory allows or refuses. A refused dose waits there as blocked
// until its cause is gone; a refused or late dose is an alarm.
#pragma once

#include <map>
#include <set>
#include <string>

#include "service/core/command_flow.hpp"
#include "service/core/desk/alarm_desk.hpp"
#include "service/core/plan_anchor.hpp"

namespace cryobank::core {

// A dose found due so long after its thaw time (the daemon was down) is not started by itself: the
// harvest it was meant for is gone, and a person decides. Counted by the wall clock.
inline constexpr Duration kThawLateMax = hours(2);
// People who thaw by hand are told of a dose that they have not begun so long after its time.
inline constexpr Duration kHandThawLateMax = minutes(15);
// A thaw that could not be recorded is asked for again after so long.
inline constexpr Duration kThawAgain = seconds(30);
// The wall clock may be set while a thaw waits: the plan is looked at at least so often.
inline constexpr Duration kThawLook = seconds(30);

class ThawDesk {
 public:
  ThawDesk(Bank& bank, PlanAnchor& clock, CommandFlow& commands, AlarmDesk& alarms);

  void look(const Now& now);  // what is due now
  // The end of a command of ours.
  void on_recorded(const Now& now, const Recorded& recorded, const Status& status);
  void plan_changed() { look_at_ = {}; }
  void stop() { stopping_ = true; }
  Instant next_deadline() const { return look_at_; }
  // Payload of the topic `plan`, without the envelope.
  Json plan(WallTime wall) const;

 private:
  using Keys = std::set<std::string, std::less<>>;  // "course.dose"

  void consider(const Now& now, const inventory::DueDose& dose, Keys& standing);
  void ask(const Now& now, const inventory::DueDose& dose);
  DeviceId robot_instead(const inventory::DueDose& dose) const;
  void clear_settled(const Now& now, const Keys& standing);
  void tell(const Now& now, const std::string& key, std::string text);
  Instant next_look(const Now& now, WallTime plan_now) const;

  Bank& bank_;
  PlanAnchor& clock_;
  CommandFlow& commands_;
  AlarmDesk& alarms_;
  std::map<std::string, Instant> asked_;  // when each may be asked for again
  Instant look_at_{};
  bool stopping_ = false;
};

}  // namespace cryobank::core
