// Thaw desk: gives the command dose/thaw when the plan says so, as the user "schedule" on the same
// path as a person's. It decides nothing about the vial: the inventory allows or refuses, and a
// refusal or a late dose is an alarm.
#pragma once

#include <map>
#include <string>

#include "service/core/alarm_desk.hpp"
#include "service/core/command_flow.hpp"
#include "service/core/thaw_clock.hpp"

namespace cryobank::core {

// A dose found due so long after its thaw time (the daemon was down) is not started by itself: the
// harvest it was meant for is gone, and a person decides.
inline constexpr Duration kThawLateMax = hours(2);
// A refused dose is asked for again so often, in case the cause was removed.
inline constexpr Duration kThawAgain = minutes(5);
// The wall clock may be set while a thaw waits: the plan is looked at at least so often.
inline constexpr Duration kThawLook = seconds(30);

class ThawDesk {
 public:
  ThawDesk(Bank& bank, ThawClock& clock, CommandFlow& commands, AlarmDesk& alarms);

  void look(const Now& now);  // what is due now
  // The end of a command of ours.
  void on_recorded(const Now& now, const Recorded& recorded, const Status& status);
  void plan_changed() { look_at_ = {}; }
  void stop() { stopping_ = true; }
  Instant next_deadline() const { return look_at_; }
  // Payload of the topic `plan`, without the envelope.
  Json plan(WallTime wall) const;

 private:
  struct Asked {
    CourseId course;
    Instant again_at{};
    int attempts = 0;
    bool told = false;
  };

  void ask(const Now& now, const inventory::DueDose& dose, Asked& asked);
  void tell(const Now& now, const DoseId& dose, Asked& asked, std::string text);
  void forget_settled(const Now& now, const std::vector<inventory::DueDose>& due);

  Bank& bank_;
  ThawClock& clock_;
  CommandFlow& commands_;
  AlarmDesk& alarms_;
  std::map<std::string, Asked> asked_;  // by "course.dose"
  Instant look_at_{};
  bool stopping_ = false;
};

}  // namespace cryobank::core
