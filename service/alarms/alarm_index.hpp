// Alarm index: which alarms are open, of which device, condition and cause, so that one that
// changes costs look-ups and no walk over the thousands of closed ones that a site's rules have. It
// points at the board's alarms: each is filed again after every change of its state, shelf, cause,
// occurrence or device, and dropped before it goes.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "service/alarms/alarm.hpp"

namespace cryobank::alarms {

class AlarmIndex {
 public:
  struct ById {
    bool operator()(const Alarm* a, const Alarm* b) const { return a->id < b->id; }
  };
  using Set = std::set<const Alarm*, ById>;

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
    std::set<std::pair<std::uint64_t, const Alarm*>> by_age;
  };
  using Sets = std::map<std::string, Set, std::less<>>;

  static Filed filed_as(const Alarm& alarm);

  Set open_;
  Sets by_device_;
  Sets by_condition_;
  std::map<std::string, Cause, std::less<>> by_cause_;
  std::unordered_map<const Alarm*, Filed> filed_;
};

}  // namespace cryobank::alarms
