// Standing watch: where vials came to stand. Those that no machine of the configuration watches
// (a tank that people made, a shelf) stand as one alarm for each such place until they have left,
// from the record itself. Courses that an act of people brought into fewer freezers than the site
// asks for are told once for each freezer, and that goes when it is taken. Looked at soon after
// the record has changed.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "inventory/ledger/ledger.hpp"
#include "service/core/bank.hpp"
#include "service/core/desk/alarm_desk.hpp"

namespace cryobank::core {

// So many courses in one look: a list of a whole bank holds up no page.
inline constexpr std::size_t kCoursesALook = 64;

class StandingWatch {
 public:
  StandingWatch(Bank& bank, AlarmDesk& alarms) : bank_(bank), alarms_(alarms) {}

  // REQUIRES: the fact is durable.
  void on_fact(const Fact& fact);
  // What the facts before it touched.
  void record_changed(const inventory::Touched& touched);
  void look(const Now& now);
  Instant next_deadline() const { return at_; }

 private:
  void look_at_courses(const Now& now);
  void look_at_tanks(const Now& now);

  Bank& bank_;
  AlarmDesk& alarms_;
  Instant at_{};  // the first look comes at once, at every place
  bool everything_ = true;
  WallTime moved_at_{};  // by the facts of an act
  std::set<PlaceId> places_;
  std::set<PlaceId> tanks_;  // told as unwatched
  std::deque<std::pair<CourseId, WallTime>> courses_;
  std::map<DeviceId, std::set<CourseId>> together_;  // told in this run
};

}  // namespace cryobank::core
