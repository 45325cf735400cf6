// Stay watch: looks once a minute whether an aliquot stands longer in a place than that kind of
// place allows (`longest_stay`: a transfer port, a thaw station, a staging rack, a shipper), also
// inside a container that stands there. One alarm a place, until the last of them has left.
#pragma once

#include <set>
#include <string>

#include "service/core/bank.hpp"
#include "service/core/desk/alarm_desk.hpp"

namespace cryobank::core {

class StayWatch {
 public:
  StayWatch(Bank& bank, AlarmDesk& alarms);

  void look(const Now& now);
  Instant next_deadline() const { return at_; }

 private:
  Bank& bank_;
  AlarmDesk& alarms_;
  Instant at_;  // kNever where no kind of place has a longest stay
  std::set<std::string, std::less<>> told_;
};

}  // namespace cryobank::core
