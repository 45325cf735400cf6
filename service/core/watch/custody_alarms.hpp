// Custody alarms: facts of the inventory that a person must hear of at once: a mismatch, a bad
// result of a lot of which doses were given, a locked signature. Each clears with the fact that
// settles it.
#pragma once

#include "service/core/desk/alarm_desk.hpp"

namespace cryobank::core {

// REQUIRES: the fact is durable.
void tell_custody(const Now& now, const Fact& fact, AlarmDesk& alarms);

// Looks once a minute at the shipments on their way.
class ShipmentWatch {
 public:
  ShipmentWatch(Bank& bank, AlarmDesk& alarms) : bank_(bank), alarms_(alarms) {}

  void look(const Now& now);
  Instant next_deadline() const { return at_; }

 private:
  Bank& bank_;
  AlarmDesk& alarms_;
  Instant at_{};  // the first look comes at once
  std::set<std::string, std::less<>> told_;
};

// A courier who is late by less than this is on the road.
inline constexpr Duration kShipmentGrace = minutes(30);

}  // namespace cryobank::core
