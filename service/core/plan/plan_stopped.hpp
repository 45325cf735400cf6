// Plan stopped: planned doses that will not happen as they are planned, and in words what stopped
// each. All of it is read from the record and from the state of the robots, so a restart forgets
// nothing:
//   a hold of the course over the infusion day           another day helps
//   a thaw that was refused when due (the gate, a full incubator, no clinic's word, no room)
//   a thaw whose job ended early, or whose time is long past
//   a vial that is held, over its exposure budget, expired by then or in no known place: another
//   dose of the course may change places with it (plan_order.hpp)
//   a day of it on which the centre or the clinic is closed now    another day helps
//   it has no day since an accepted plan found none ("plan/dayless"), and no hold without an end
//   stands any more
//   there is no room for it on its day any more (plan_room.hpp)    another day helps
//   a dose before it is rejected, and no plan was accepted for its course since ("plan/settled")
//   its lot failed a test: no day helps, and its date is taken off the plan
//   a thaw job whose robot is lost or that has waited too long        a person has to see to it
// Times of the plan are plan time; the patience with a robot is real time.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "inventory/ledger/tables.hpp"
#include "inventory/ledger/view.hpp"
#include "service/core/bank.hpp"
#include "service/core/plan/plan_danger.hpp"
#include "service/core/plan_anchor.hpp"

namespace cryobank::core {

// A planned thaw that long past, in plan time, is stopped: what the robot and people do takes less.
inline constexpr Duration kThawTooLate = hours(2);
// A thaw job that no robot has begun so long after the thaw time, in real time.
inline constexpr Duration kThawJobWaits = minutes(10);
// Doses that are told at a time: what stops more than these has one cause, and an alarm of its own.
inline constexpr std::size_t kStoppedMax = 200;
// Vials of planned doses are looked at so many doses at a time, the next thaws first, so that a
// site of 24,000 planned doses costs no page its time.
inline constexpr std::size_t kVialsLooked = 4'000;

struct StoppedDose {
  CourseId course;
  DoseId dose;
  int number = 0;
  std::string why;
  bool movable = true;  // another day may help; else a person has to remove the cause
  bool bereft = false;  // it is rejected itself: those after it may be planned anew
  bool closed = false;  // the calendars no longer allow its day
  bool failed = false;  // its lot failed a test: its date is taken off the plan
  // Its day has room for it, and no chair at its minute.
  bool unseated = false;
  std::string mark;  // which hold and which thaw, to tell it from a later one of the same words
};

// Rejected doses after which a plan was accepted for their course (document plan/settled).
using SettledDoses = std::set<std::pair<CourseId, DoseId>>;
SettledDoses settled_doses(const inventory::View& view);
// Doses for which an accepted plan found no day, and that have none still.
SettledDoses dayless_doses(const inventory::View& view);
// A day that was planned for it came free.
bool left_a_gap(const inventory::Dose& dose);

class StoppedDoses {
 public:
  StoppedDoses(const Bank& bank, const PlanAnchor& clock) : bank_(bank), clock_(clock) {}

  // By course and dose, each dose once; at most kStoppedMax. The vials are looked at anew when
  // `vials` says so: that part is the dear one.
  std::vector<StoppedDose> look(const Now& now, bool vials);
  // Dates, clinics or calendars changed: there may be too little room now.
  void room_changed() { room_looked_ = false; }
  // Of the last look at the room, for people.
  const std::vector<std::string>& warnings() const { return warnings_; }
  // False: the last look at vials went through a part of them, and the next goes on.
  bool whole() const { return whole_; }
  // Of the last whole look at vials: doses in freezers in danger, and all that are not to be
  // counted on.
  const std::vector<Threat>& threats() const { return threats_; }
  const UnsafeDoses& unsafe() const { return unsafe_; }

 private:
  using Found = std::vector<StoppedDose>;

  void add_refused(Found& found) const;
  void add_late(WallTime plan_now, Found& found) const;
  void add_held(Found& found) const;
  void add_unstored(WallTime plan_now, Found& found) const;
  void add_amended(Found& found) const;
  void add_dayless(WallTime plan_now, Found& found) const;
  void add_waiting_jobs(const Now& now, Found& found) const;
  void look_at_room_for(WallTime plan_now, bool again);
  void look_at_vials(const Now& now);
  void look_at_dose(const Now& now, const inventory::Course& course, const inventory::Dose& dose);
  void end_look(WallTime plan_now);

  const Bank& bank_;
  const PlanAnchor& clock_;
  Found vials_;  // of the last look
  Found over_;   // without room, of the last look
  std::vector<std::string> warnings_;
  bool room_looked_ = false;
  inventory::Appointment from_;  // where the next look at vials goes on
  bool whole_ = true;
  // Found by the look that goes on, and by the last whole one.
  using Inside = std::map<std::pair<std::string, CourseId>, std::vector<int>>;
  std::vector<FreezerDanger> dangers_;
  UnsafeDoses next_unsafe_;
  Inside next_inside_;  // by freezer and course
  std::set<CourseId> rejected_seen_;
  SettledDoses settled_;
  UnsafeDoses unsafe_;
  std::vector<Threat> threats_;
};

// "course c1 dose 3: ...; course c2 ...": for people, and to tell one set of causes from another.
std::string to_text(const std::vector<StoppedDose>& stopped);

}  // namespace cryobank::core
