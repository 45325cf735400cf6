// Alarm index: which alarms are open, of which device, condition and cause, so that one that
// changes costs look-ups and no walk over the thousands of closed ones that a site's rules have. It
// points at the board's alarms: each is filed again after every change of its state, shelf, cause,
// occurrence or device, and dropped before it goes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "service/alarms/alarm.hpp"

namespace cryobank::alarms {

class AlarmIndex {
 public:
  using Set = std::map<AlarmId, const Alarm*>;

  void file(const Alarm& alarm);
  void drop(const Alarm& alarm);

  // Not closed, or shelved; each in the order of ids.
  const Set& open() const { return open_; }
  const Set& of_device(const DeviceId& device) const;
  const Set& of_condition(std::string_view condition) const;
  // Not closed.
  const Set& of_cause(std::string_view cause) const;
  // The oldest occurrence of a cause; nullptr when nothing of it stands.
  const Alarm* first_of(std::string_view cause) const;

 private:
  struct Filed {  // as it was when it was filed
    std::string device;
    std::string condition;
    std::string cause;  // empty: closed, or of no cause
    std::uint64_t occurrence = 0;
  };
  struct Cause {
    Set members;
    std::map<std::pair<std::uint64_t, AlarmId>, const Alarm*> by_age;
  };
  using Sets = std::map<std::string, Set, std::less<>>;

  static Filed filed_as(const Alarm& alarm);

  Set open_;
  Sets by_device_;
  Sets by_condition_;
  std::map<std::string, Cause, std::less<>> by_cause_;
  std::map<AlarmId, Filed> filed_;
};

}  // namespace cryobank::alarms
