// GripperClock: how long the vials that robots took are out of the cold. It runs from the gripper's
// first sign and ends where the record has the vial in the cold or handed over, however the motion
// ended: a vial that is still in a gripper, or UNKNOWN after a motion, goes on warming. Owned by
// the JobRunner; restart-proof, because it is derived from the record beside what was seen.
#pragma once

#include <string>
#include <vector>

#include "service/core/bank.hpp"
#include "service/core/desk/alarm_desk.hpp"

namespace cryobank::core {

// A vial in the gripper warms; 60 s of handling is the usual budget and 120 s the hard one for 1 to
// 2 ml vials (facts of bag warming measured at about 130 s to the glass transition).
inline constexpr Duration kOutOfColdWarn = seconds(60);

class GripperClock {
 public:
  GripperClock(Bank& bank, AlarmDesk& alarms);

  // The gripper closed, or its vial was read.
  void gripped(const Now& now, const DeviceId& robot);
  // The vial of the motion under way is proven to be at its destination.
  void arrived(const DeviceId& robot);
  // The motion ended and its end is on record: from here on the record counts.
  void settled(const DeviceId& robot);
  // Compares with the record; raises, renews and clears.
  void look(const Now& now);
  Instant next_deadline() const;

 private:
  struct Hand {
    DeviceId robot;
    PlaceId gripper;
    Instant seen = kNever;  // what was seen of the motion under way
    bool arrived = false;   // its vial is where it belongs, and not on record yet
    Instant warm_since = kNever;
    std::string told;
  };
  struct Warm {
    Instant since = kNever;
    std::string vials;
  };

  Hand* find(const DeviceId& robot);
  Warm on_record(const Now& now, const Hand& hand) const;

  Bank& bank_;
  AlarmDesk& alarms_;
  std::vector<Hand> hands_;
};

}  // namespace cryobank::core
