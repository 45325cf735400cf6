// Unknown watch: whatever way a vial became UNKNOWN - a scan that was accepted, a stock-take that
// was signed, a list, a parcel, a robot in doubt - it is one and the same alarm, one for each vial,
// from the record itself and until somebody says where it is. Looks after each change of the record
// and once a minute. Beyond kUnknownNamed vials the rest is one alarm with their number.
#pragma once

#include <string>

#include "service/core/bank.hpp"
#include "service/core/desk/alarm_desk.hpp"

namespace cryobank::core {

inline constexpr std::size_t kUnknownNamed = 100;

class UnknownWatch {
 public:
  UnknownWatch(Bank& bank, AlarmDesk& alarms) : bank_(bank), alarms_(alarms) {}

  void look(const Now& now);
  void record_changed() { at_ = {}; }
  Instant next_deadline() const { return at_; }

 private:
  Bank& bank_;
  AlarmDesk& alarms_;
  Instant at_{};
};

}  // namespace cryobank::core
