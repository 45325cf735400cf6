// The life of one alarm: activity and acknowledgement (ISA-18.2-2016 figure 3, without its
// suppressed states). Shelving is an axis of its own (alarm.hpp) and never changes these states; it
// only keeps pages back.
//
//   closed --occur--> active unacknowledged --acknowledge--> active acknowledged
//                       |        ^   ^                         |      |
//                     clear    occur  \--rise, unacknowledge--/     clear: closed, or latched
//                       v        |                                  for an alarm that latches
//                     cleared unacknowledged --acknowledge--> closed <--acknowledge, reset-- latched
// One that needs a reset is latched when it is acknowledged after its return, and only a reset ends
// it. That it was not judged yet since a restart is a mark of its own (Alarm::judged).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cryobank::alarms {

enum class AlarmState : std::uint8_t {
  closed,
  active_unacknowledged,
  active_acknowledged,
  cleared_unacknowledged,  // back to normal, nobody has seen it: pages go on
  latched,                 // back to normal after an acknowledgement: quiet, a person must confirm
};
inline constexpr std::size_t kAlarmStates = 5;

enum class AlarmEvent : std::uint8_t {
  occur,           // the condition became true
  rise,            // true, and worse than it ever was in this occurrence
  clear,           // the condition became false
  clear_latching,  // the same for an alarm that latches
  acknowledge,     // a named person took it
  unacknowledge,   // taken back: by a person, or because the verify timer found it no better
  confirm,         // acknowledged; for an alarm that only a reset ends
  reset,           // a person ends the latch, with a reason
};
inline constexpr std::size_t kAlarmEvents = 8;

// What a transition asks for besides the new state.
struct Transition {
  bool allowed = false;  // false: the event means nothing in this state, nothing changes
  AlarmState next = AlarmState::closed;
  bool new_occurrence = false;
  bool page = false;    // page at once and go on until acknowledged
  bool quiet = false;   // stop paging
  bool verify = false;  // look again later whether the acknowledgement helped
};

Transition transition(AlarmState state, AlarmEvent event);

bool is_active(AlarmState state);
bool is_acknowledged(AlarmState state);  // closed counts as acknowledged
// On the wire: "closed", "active-unacknowledged", ...
std::string_view name_of(AlarmState state);
std::string_view name_of(AlarmEvent event);

}  // namespace cryobank::alarms
