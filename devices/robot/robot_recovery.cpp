#include "devices/robot/robot_recovery.hpp"

#include <array>

#include "base/check.hpp"

namespace cryobank::devices {
namespace {

using State = robot_block::State;

// Sets of values as bit masks: a row matches when every column holds the view's value.
template <class... Values>
constexpr unsigned any_of(Values... values) {
  return ((1U << static_cast<unsigned>(values)) | ...);
}
constexpr unsigned kAny = ~0U;
constexpr unsigned kNo = 1U;
constexpr unsigned kYes = 2U;
constexpr unsigned kSent = any_of(JournaledMotion::issued, JournaledMotion::holding);

struct Row {
  unsigned journaled;
  unsigned echo;
  unsigned state;
  unsigned done_is_ours;
  unsigned gripper;
  Recovery recovery;
};

// What a crash leaves, by the moment in which it comes. A motion of sequence 7; the journal names
// what will be done before it is done, and the robot's latch is cleared only after the outcome is
// durable:
//   1  journal: planned           nobody wrote it: not_delivered, whatever the robot latches
//   2  journal: issued 7
//   3  7 is written to the robot  a crash from 2 to here: echo below 7. It may still lie in a
//                                 gateway: only several fresh statuses in a row are believed
//   4  the robot takes it         echo 7, accepted or running, gripper empty: accepted
//   5  the gripper closes         the same with the vial in it: holding
//   6  journal: holding 7         from here an echo below 7 is a robot that forgot what it was seen
//                                 to do: doubt
//   7  the robot latches done 7   check_done: count, codes and gripper decide
//   8  journal: done 7
//   9  the latch is cleared       idle with echo 7 and no end of it in the journal cannot come from
//                                 this order: another master cleared it: doubt
// The order of the rows: the journal's "never sent" outranks all that the robot shows, and a higher
// echo, somebody else's command, outranks what its latch says of ours. The first row that matches
// decides.
constexpr std::array kTable = {
    // Never sent, says the journal. A robot that took it all the same contradicts the record.
    Row{any_of(JournaledMotion::planned), any_of(Echo::ours), kAny, kAny, kAny, Recovery::doubt},
    Row{any_of(JournaledMotion::planned), kAny, kAny, kAny, kAny, Recovery::not_delivered},

    // Somebody else commanded the robot after us.
    Row{kSent, any_of(Echo::above), kAny, kAny, kAny, Recovery::doubt},

    // The robot does not know a motion that it was seen to carry out.
    Row{any_of(JournaledMotion::holding), any_of(Echo::below), kAny, kAny, kAny, Recovery::doubt},

    // It never took ours: it stands still, and what it latches is an earlier motion's end.
    Row{any_of(JournaledMotion::issued), any_of(Echo::below), kAny, kYes, kAny, Recovery::doubt},
    Row{any_of(JournaledMotion::issued), any_of(Echo::below),
        any_of(State::idle, State::done, State::failed, State::paused, State::interlocked), kNo,
        kAny, Recovery::not_delivered},
    Row{any_of(JournaledMotion::issued), any_of(Echo::below), any_of(State::starting), kNo, kAny,
        Recovery::wait},
    Row{any_of(JournaledMotion::issued), any_of(Echo::below),
        any_of(State::accepted, State::running), kNo, kAny, Recovery::doubt},

    // It took ours.
    Row{kSent, any_of(Echo::ours), any_of(State::starting), kAny, kAny, Recovery::wait},
    Row{kSent, any_of(Echo::ours), any_of(State::done), kYes, kAny, Recovery::check_done},
    Row{kSent, any_of(Echo::ours), any_of(State::done), kNo, kAny, Recovery::doubt},
    Row{kSent, any_of(Echo::ours), any_of(State::failed), kAny, kAny, Recovery::check_failed},
    Row{kSent, any_of(Echo::ours), any_of(State::idle), kAny, kAny, Recovery::doubt},
    Row{kSent, any_of(Echo::ours),
        any_of(State::accepted, State::running, State::paused, State::interlocked), kAny, kYes,
        Recovery::holding},
    Row{kSent, any_of(Echo::ours),
        any_of(State::accepted, State::running, State::paused, State::interlocked), kAny, kNo,
        Recovery::accepted},
};

constexpr bool matches(unsigned set, unsigned value) { return (set >> value & 1U) != 0; }

}  // namespace

Recovery recover(const RecoveryView& view) {
  for (const Row& row : kTable) {
    if (matches(row.journaled, static_cast<unsigned>(view.journaled)) &&
        matches(row.echo, static_cast<unsigned>(view.echo)) &&
        matches(row.state, static_cast<unsigned>(view.state)) &&
        matches(row.done_is_ours, view.done_is_ours ? 1U : 0U) &&
        matches(row.gripper, view.gripper_occupied ? 1U : 0U)) {
      return row.recovery;
    }
  }
  CHECK(!"the recovery table is total");
  return Recovery::doubt;
}

std::string_view name_of(Recovery recovery) {
  switch (recovery) {
    case Recovery::wait:
      return "wait";
    case Recovery::accepted:
      return "accepted";
    case Recovery::holding:
      return "holding";
    case Recovery::check_done:
      return "check-done";
    case Recovery::check_failed:
      return "check-failed";
    case Recovery::not_delivered:
      return "not-delivered";
    case Recovery::doubt:
      return "doubt";
  }
  return "doubt";
}

}  // namespace cryobank::devices
