#include "service/alarms/state_machine.hpp"

#include "base/check.hpp"

namespace cryobank::alarms {
namespace {

constexpr Transition none() { return {}; }
constexpr Transition to(AlarmState next) { return {true, next, false, false, false, false}; }
constexpr Transition occurs() {
  return {true, AlarmState::active_unacknowledged, true, true, false, false};
}
// The same occurrence, paged at once.
constexpr Transition alerts() {
  return {true, AlarmState::active_unacknowledged, false, true, false, false};
}
constexpr Transition quiet(AlarmState next) { return {true, next, false, false, true, false}; }
constexpr Transition verified_later() {
  return {true, AlarmState::active_acknowledged, false, false, true, true};
}

constexpr auto kClosed = AlarmState::closed;
constexpr auto kCleared = AlarmState::cleared_unacknowledged;
constexpr auto kLatched = AlarmState::latched;

// Rows: AlarmState; columns: AlarmEvent, both in the order of their declarations.
constexpr std::array<std::array<Transition, kAlarmEvents>, kAlarmStates> kTable{{
    // occur, rise, clear, clear_latching, acknowledge, unacknowledge, confirm, reset
    {{occurs(), none(), none(), none(), none(), none(), none(), none()}},  // closed
    {{none(), alerts(), to(kCleared), to(kCleared), verified_later(), none(), verified_later(),
      none()}},  // active unacknowledged
    {{none(), alerts(), quiet(kClosed), quiet(kLatched), none(), alerts(), none(),
      none()}},  // active acknowledged
    {{occurs(), none(), none(), none(), quiet(kClosed), none(), quiet(kLatched),
      none()}},  // cleared unacknowledged
    {{occurs(), none(), none(), none(), quiet(kClosed), none(), none(),
      quiet(kClosed)}},  // latched
}};

}  // namespace

Transition transition(AlarmState state, AlarmEvent event) {
  return kTable[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)];
}

bool is_active(AlarmState state) {
  return state == AlarmState::active_unacknowledged || state == AlarmState::active_acknowledged;
}

bool is_acknowledged(AlarmState state) {
  return state == AlarmState::closed || state == AlarmState::active_acknowledged;
}

std::string_view name_of(AlarmState state) {
  switch (state) {
    case AlarmState::closed:
      return "closed";
    case AlarmState::active_unacknowledged:
      return "active-unacknowledged";
    case AlarmState::active_acknowledged:
      return "active-acknowledged";
    case AlarmState::cleared_unacknowledged:
      return "cleared-unacknowledged";
    case AlarmState::latched:
      return "latched";
  }
  CHECK(false);
}

std::string_view name_of(AlarmEvent event) {
  switch (event) {
    case AlarmEvent::occur:
      return "occur";
    case AlarmEvent::rise:
      return "rise";
    case AlarmEvent::clear:
      return "clear";
    case AlarmEvent::clear_latching:
      return "clear-latching";
    case AlarmEvent::acknowledge:
      return "acknowledge";
    case AlarmEvent::unacknowledge:
      return "unacknowledge";
    case AlarmEvent::confirm:
      return "confirm";
    case AlarmEvent::reset:
      return "reset";
  }
  CHECK(false);
}

}  // namespace cryobank::alarms
