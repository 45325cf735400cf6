// Reservation clock: has the inventory end reservations whose time has come, so that each end is a
// fact of its own.
#pragma once

#include "service/core/command_flow.hpp"

namespace cryobank::core {

class ReservationClock {
 public:
  ReservationClock(Bank& bank, CommandFlow& commands) : bank_(bank), commands_(commands) {}

  void look(const Now& now);
  void record_changed() { at_ = {}; }
  void stop() { stopping_ = true; }
  Instant next_deadline() const { return at_; }

 private:
  Bank& bank_;
  CommandFlow& commands_;
  Instant at_{};
  bool stopping_ = false;
};

}  // namespace cryobank::core
